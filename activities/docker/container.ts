// One container by its name: looked at, and taken away. Knows nothing of ledgers, so that undos can use it.
import type Docker from 'dockerode';
import type { Host } from '../context/host.ts';
import { until } from '../context/polling.ts';
import { seconds } from './container-spec.ts';
import { answerMs, engine, nullOn } from './engine.ts';

export type Inspected = Docker.ContainerInspectInfo;

/** The container of exactly this name, or null. */
export async function inspect(host: Host, name: string, withinMs = answerMs): Promise<Inspected | null> {
  const found = await nullOn(
    [404],
    engine(host, `inspect ${name}`, (abortSignal) => host.docker.getContainer(name).inspect({ abortSignal }), withinMs),
  );
  // Docker also answers to the beginning of an id.
  return found?.Name === `/${name}` ? found : null;
}

/** Stops a container, removes it with its anonymous volumes and waits until its name is free. A missing one is fine. */
export async function removeContainer(host: Host, name: string, stopGraceMs: number): Promise<void> {
  const container = host.docker.getContainer(name);
  await nullOn(
    [304, 404],
    engine(
      host,
      `stop ${name}`,
      (abortSignal) => container.stop({ t: seconds(stopGraceMs), abortSignal }),
      stopGraceMs + answerMs,
    ),
  );
  // 409: somebody is removing it already.
  await nullOn(
    [404, 409],
    engine(host, `remove ${name}`, (abortSignal) => container.remove({ v: true, force: true, abortSignal })),
  );
  const gone = await until(
    answerMs,
    () => inspect(host, name),
    (found) => found === null,
  );
  if (!gone.done)
    throw new Error(
      `Docker on ${host.machine} was asked to remove ${name} and still has it (${gone.value?.State.Status}) after ${answerMs / 1000} s: look at "docker inspect ${name}"`,
    );
}
