// The states of the running weeks, kept on the control worker's disk: a week that Temporal lost, or can't replay, is taken up from there.
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WeekState } from '../plan/week/state.ts';
import * as messages from '../workflows/orders/messages.ts';
import { reasonOf, say } from './log.ts';
import { askWeeks } from './running-weeks.ts';

/** Keeps the state of every week on such queues, until `ended`. Asked for, so that it is no event of the week, which knows nothing of it. */
export async function keepStates(
  client: Client,
  isThere: (queue: string) => boolean,
  keep: (state: WeekState) => Promise<void>,
  ended: AbortSignal,
  everyMs = 60_000,
): Promise<void> {
  while (!ended.aborted) {
    try {
      for (const state of await askWeeks(client, messages.state, isThere)) await keep(state);
    } catch (error) {
      say('WARN', 'the states of the weeks can not be kept', { error: reasonOf(error) });
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}
