// Brings a container to its specification, told apart by a label with the digest of that.
import type Docker from 'dockerode';
import { specLabel } from '../../plan/names.ts';
import type { ContainerSpec, Deployed } from '../../plan/machine-api/containers.ts';
import type { Host } from '../context/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { inspect, removeContainer, type Inspected } from './container.ts';
import { createOptions, specDigest } from './container-spec.ts';
import { engine, statusOf, nullOn } from './engine.ts';
import { refuseForeign } from './whose.ts';

/** From whatever is there; so it can be run again after a crash at any point. */
export async function deploy(host: Host, ledger: Ledger, run: string, spec: ContainerSpec): Promise<Deployed> {
  const digest = specDigest(spec);
  let replaces = false;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const found = await inspect(host, spec.name);
    await refuseForeign(host, ledger, run, found);
    if (found?.Config.Labels[specLabel] === digest && found.State.Status !== 'removing')
      return { id: found.Id, action: await startIfStopped(host, found), specDigest: digest };
    if (found) {
      await removeContainer(host, spec.name, spec.stopGraceMs);
      replaces = true;
    }
    const created = await create(host, run, spec);
    if (!created) continue;
    await start(host, created, spec.name);
    return { id: created.id, action: replaces ? 'replaced' : 'created', specDigest: digest };
  }
  throw new Error(
    `The name ${spec.name} on ${host.machine} is taken anew each time: find out who else creates that container`,
  );
}

/** Null when somebody took the name since we looked. */
async function create(host: Host, run: string, spec: ContainerSpec): Promise<Docker.Container | null> {
  try {
    return await engine(host, `create ${spec.name}`, (abortSignal) =>
      host.docker.createContainer({ ...createOptions(spec, run, host.path), abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 409) return null;
    throw error;
  }
}

async function startIfStopped(host: Host, found: Inspected): Promise<'kept' | 'started'> {
  const name = found.Name.slice(1);
  const container = host.docker.getContainer(found.Id);
  if (found.State.Paused) {
    await engine(host, `unpause ${name}`, (abortSignal) => container.unpause({ abortSignal }));
    return 'started';
  }
  if (found.State.Running) return 'kept';
  await start(host, container, name);
  return 'started';
}

async function start(host: Host, container: Docker.Container, name: string): Promise<void> {
  // 304: it runs already.
  await nullOn(
    [304],
    engine(host, `start ${name}`, (abortSignal) => container.start({ abortSignal })),
  );
}
