// What activities need that watch for a long time: they go on after the worker's death, and end early without throwing.
import { Context } from '@temporalio/activity';
import { setTimeout } from 'node:timers/promises';
import { cancelled } from './at.ts';

/** What the attempt before gave to progress(); undefined in the first attempt, and outside of an activity. */
export function resumed<T>(): T | undefined {
  try {
    return Context.current().info.heartbeatDetails as T | undefined;
  } catch {
    return undefined;
  }
}

/** A pause that cancellation ends early, without throwing. */
export async function rest(milliseconds: number): Promise<void> {
  const signal = cancelled();
  await setTimeout(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
