// Where activities act: one machine, its root directory, Docker socket, supervisor and ledger.
import { Context } from '@temporalio/activity';
import Docker from 'dockerode';
import { setMaxListeners } from 'node:events';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../../plan/schema/plan.ts';

export interface At {
  machine: string;
  /** A path of the plan as a path of this host. */
  host(path: string): string;
  /** The reverse: a path of this host as the plan knows it. */
  planned(hostPath: string): string;
  /** A URL that names this machine, by its address: an undo must not need anybody to resolve names. */
  own(url: string): string;
  docker: Docker;
  supervisorConfig: string;
  /** Directory of the ledger and of details of evidence. */
  state: string;
}

export function at(machine: Machine): At {
  const root = machine.root.replace(/\/+$/, '');
  return {
    machine: machine.name,
    host: (path) => posix.join(root || '/', path),
    planned: (hostPath) => (root && hostPath.startsWith(`${root}/`) ? hostPath.slice(root.length) : hostPath),
    own: (url) => {
      const { hostname } = new URL(url);
      const address = machine.address.includes(':') ? `[${machine.address}]` : machine.address;
      return hostname === machine.name.toLowerCase() ? url.replace(/\/\/[^/:]+/, `//${address}`) : url;
    },
    docker: new Docker({ socketPath: machine.docker }),
    supervisorConfig: machine.supervisor,
    state: machine.state,
  };
}

/** Cancelled with the activity; outside of one (emergency command, unit tests) it never is. */
export function cancelled(): AbortSignal {
  try {
    return Context.current().cancellationSignal;
  } catch {
    return new AbortController().signal;
  }
}

/** Which attempt of its activity this is; outside of one it is the first. */
export function attempt(): number {
  try {
    return Context.current().info.attempt;
  } catch {
    return 1;
  }
}

/**
 * Cancelled with the activity or after a time, whichever comes first. Not AbortSignal.any with AbortSignal.timeout: in
 * Node 20 that pair is garbage collected while it is waited for, and never fires.
 */
export function within(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const parent = cancelled();
  const end = () => controller.abort(parent.reason);
  if (parent.aborted) end();
  // A long activity makes many of these: each leaves when its own time is over.
  setMaxListeners(0, parent);
  parent.addEventListener('abort', end, { once: true, signal });
  setTimeout(
    () => controller.abort(new DOMException(`The time-out of ${Math.round(milliseconds)} ms is over`, 'TimeoutError')),
    Math.max(1, milliseconds),
  ).unref();
  return signal;
}

export interface Tried<T> {
  value: T;
  done: boolean;
  waitedMs: number;
}

/** Measures again and again until `enough` or the time is over; gives the last measurement. Throws only when cancelled. */
export async function until<T>(
  withinMs: number,
  measure: () => Promise<T>,
  enough: (value: T) => boolean,
  everyMs = 250,
): Promise<Tried<T>> {
  const started = performance.now();
  for (;;) {
    const value = await measure();
    const waitedMs = Math.round(performance.now() - started);
    cancelled().throwIfAborted();
    if (enough(value)) return { value, done: true, waitedMs };
    if (waitedMs + everyMs > withinMs) return { value, done: false, waitedMs };
    await pause(everyMs);
  }
}

/** A pause that cancellation ends at once, by throwing. */
export async function pause(milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: cancelled() });
}

const reported = new WeakMap<Context, unknown>();

/**
 * Keeps where a long activity is, so that a later attempt can go on from there (`Context.current().info.heartbeatDetails`).
 * Always this and never the SDK's own heartbeat(): the worker's automatic heartbeats repeat what was given here.
 */
export function progress(details: unknown): void {
  try {
    reported.set(Context.current(), details);
    Context.current().heartbeat(details);
  } catch {
    // Outside of an activity nobody needs to know.
  }
}

/** What a heartbeat must carry: the newest progress, else that of the attempt before. */
export function latestProgress(context: Context): unknown {
  return reported.has(context) ? reported.get(context) : context.info.heartbeatDetails;
}
