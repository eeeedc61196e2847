// A container that the plan adopts: stopped and renamed while ours has its name, so that the undo starts the very same again.
import { refusal } from '../context/refusal.ts';
import type Docker from 'dockerode';
import type { Change } from '../../plan/machine-api/ledger.ts';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { isLive } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { inspect, type Inspected } from './container.ts';
import { answerMs, engine, nullOn } from './engine.ts';
import { mustHaveRoom } from './full.ts';
import { isOfRun, specsOf } from './whose.ts';

type Former = Extract<Undo, { kind: 'container.restore' }>;

/** Docker's own, where a container says none. */
const stopGraceS = 10;

/** Makes room for ours. Nothing happens where the name is free or has ours. */
export async function putFormerAside(
  host: Host,
  ledger: Ledger,
  change: Change,
  name: string,
  notAfterMs?: number,
): Promise<void> {
  const key = `former container ${name}`;
  await ledger.change(
    change,
    key,
    async ({ entries }) => {
      const found = await inspect(host, name);
      return found && !isOfRun(found, change.run, specsOf(entries, name)) ? formerOf(host, found, change.run) : null;
    },
    async ({ entries }) => {
      const entry = entries.findLast((known) => known.step === change.step && known.key === key && isLive(known));
      if (entry?.undo.kind !== 'container.restore') return;
      // Once it is stopped, Docker can't even start it again on a full disk.
      await mustHaveRoom(host, `${name} is not stopped`);
      await putAside(host, entry.undo);
    },
    { notAfterMs },
  );
}

export async function byId(host: Host, { name, id }: Former): Promise<Inspected | null> {
  const container = host.docker.getContainer(id);
  return nullOn(
    [404],
    engine(host, `inspect the former ${name}`, (abortSignal) => container.inspect({ abortSignal })),
  );
}

/** As it was: with its name, its restart policy, and running or paused if it was. */
export async function putFormerBack(host: Host, former: Former, found: Inspected): Promise<void> {
  const { name, restart, status } = former;
  const container = host.docker.getContainer(former.id);
  if (found.Name !== `/${name}`) await renamed(host, container, name);
  await withPolicy(host, container, name, restart);
  if (status === 'stopped') return;
  // 304: it runs already.
  await nullOn(
    [304],
    engine(host, `start ${name}`, (abortSignal) => container.start({ abortSignal })),
  );
  if (status === 'paused' && !found.State.Paused)
    await engine(host, `pause ${name}`, (abortSignal) => container.pause({ abortSignal }));
}

/** Throws ForeignContainer for one that would be gone once it is stopped. */
export function refuseWithRm(host: Host, found: Pick<Inspected, 'Name' | 'HostConfig'> | null): void {
  if (!found?.HostConfig.AutoRemove) return;
  throw refusal(
    'ForeignContainer',
    `The container ${found.Name.slice(1)} on ${host.machine} was started with --rm: it can't be adopted, since it would be gone when it is stopped. Rename it, or start it without`,
  );
}

function formerOf(host: Host, { Id, Name, State, Config, HostConfig }: Inspected, run: string): Former {
  const name = Name.slice(1);
  refuseWithRm(host, { Name, HostConfig });
  const { Name: policy = '', MaximumRetryCount = 0 } = HostConfig.RestartPolicy ?? {};
  return {
    kind: 'container.restore',
    name,
    id: Id,
    aside: `${name}.before-${run}`,
    image: Config.Image,
    status: State.Paused ? 'paused' : State.Running ? 'running' : 'stopped',
    restart: { Name: policy || 'no', MaximumRetryCount },
  };
}

/** From whatever is there; one that is gone needs no room. */
async function putAside(host: Host, former: Former): Promise<void> {
  const found = await byId(host, former);
  if (!found) return;
  const { name, aside } = former;
  const container = host.docker.getContainer(former.id);
  // First: what is stopped and always restarted comes back with the daemon, and takes the ports.
  await withPolicy(host, container, name, { Name: 'no', MaximumRetryCount: 0 });
  if (found.State.Paused) await engine(host, `unpause ${name}`, (abortSignal) => container.unpause({ abortSignal }));
  const { StopTimeout = stopGraceS } = found.Config as { StopTimeout?: number };
  await nullOn(
    [304],
    engine(host, `stop ${name}`, (abortSignal) => container.stop({ abortSignal }), StopTimeout * 1_000 + answerMs),
  );
  if (found.Name !== `/${aside}`) await renamed(host, container, aside);
}

async function renamed(host: Host, container: Docker.Container, name: string): Promise<void> {
  await engine(host, `rename a container to ${name}`, (abortSignal) => container.rename({ name, abortSignal }));
}

async function withPolicy(host: Host, container: Docker.Container, name: string, restart: Former['restart']) {
  await engine(host, `change the restart policy of ${name}`, (abortSignal) =>
    container.update({ RestartPolicy: restart, abortSignal }),
  );
}
