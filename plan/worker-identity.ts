// How a worker calls itself at Temporal, and which of those that Temporal lists for a task queue are there. Pure.
import { shortBuild } from './names.ts';

export function workerIdentity(name: string, pid: number, host: string, build: string): string {
  return `${name} ${pid}@${host} build ${shortBuild(build)}`;
}

/** The build of a worker in short; undefined where a build of before did not say it. */
export function buildOf(identity: string): string | undefined {
  return / build ([0-9a-f]+)$/.exec(identity)?.[1];
}

/** As Temporal's API has it: a time in seconds, which may be a Long. */
interface Poller {
  identity?: string | null;
  lastAccessTime?: { seconds?: unknown } | null;
}

/** A worker asks for tasks once a minute at least; one that was killed is listed for five. */
export const heardWithinMs = 75_000;

/** Identities of the workers of a queue. One that has ended since it last asked is among them. */
export function heard(pollers: readonly Poller[] | null | undefined, now: number): string[] {
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > now - heardWithinMs)
    .map(({ identity }) => identity ?? '');
}
