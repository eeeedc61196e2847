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

type Pollers = readonly Poller[] | null | undefined;

/** As the API numbers them. */
const workflowTasks = 1;

/** The request for those who ask a queue for workflow tasks. */
export function askingFor(namespace: string, queue: string) {
  return { namespace, taskQueue: { name: queue }, taskQueueType: workflowTasks };
}

/** A worker asks for tasks once a minute at least; one that was killed is listed for five. */
export const heardWithinMs = 75_000;

/** Identities of the workers of a queue. One that has ended since it last asked is among them. */
export function heard(pollers: Pollers, now: number): string[] {
  return (pollers ?? [])
    .filter((poller) => askedAt(poller) > now - heardWithinMs)
    .map(({ identity }) => identity ?? '');
}

/** When the last of them asked, in ms since 1970; 0 when none is listed. */
export function lastAsked(pollers: Pollers): number {
  return Math.max(0, ...(pollers ?? []).map(askedAt));
}

function askedAt({ lastAccessTime }: Poller): number {
  return Number(lastAccessTime?.seconds ?? 0) * 1000;
}
