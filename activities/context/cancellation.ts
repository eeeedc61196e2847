// How an activity ends before its time: cancelled, or at a limit. Outside of one (emergency command, unit tests) only limits do.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Context } from '@temporalio/activity';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs something that cancellation does not reach. */
export const uncancelled: <T>(work: () => Promise<T>) => Promise<T> = AsyncLocalStorage.snapshot();

/** Cancelled with the activity; outside of one it never is. */
export function cancelled(): AbortSignal {
  try {
    return Context.current().cancellationSignal;
  } catch {
    return new AbortController().signal;
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

/** A pause that cancellation ends at once, by throwing. */
export async function pause(milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: cancelled() });
}

/** A pause that cancellation ends early, without throwing. */
export async function rest(milliseconds: number): Promise<void> {
  const signal = cancelled();
  await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
