// Keeps a long week within its limits: what is over them goes to a file first, and stays here while that can't be written.
import { patched } from '@temporalio/workflow';
import { stepsOf } from '../plan/tasks/steps.ts';
import { type Shed, without } from '../plan/week/older.ts';
import type { WeekState } from '../plan/week/state.ts';
import { reports } from './machine/proxy.ts';

export async function keepOlder(state: WeekState, shed: Shed): Promise<void> {
  if (!patched('older-goes-to-a-file')) return;
  try {
    const file = await reports.keepOlder({ run: state.run, shed });
    without(state, shed, file, stepsOf(state.plan));
  } catch {
    // The next time: nothing of it is lost meanwhile.
  }
}
