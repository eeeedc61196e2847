// Keeps a long week within its limits: what is over them goes to a file first, and stays here while that can't be written.
import { patched } from '@temporalio/workflow';
import { stepsOf } from '../plan/tasks/steps.ts';
import { type Sameness, type Shed, without } from '../plan/week/older.ts';
import type { WeekState } from '../plan/week/state.ts';
import { failureText } from './machine/failures.ts';
import { olderReports } from './machine/proxy.ts';

export async function keepOlder(state: WeekState, shed: Shed, same: Sameness): Promise<void> {
  if (!patched('older-goes-to-a-file')) return;
  const written = shed.incidents.map((one) => JSON.stringify(one));
  try {
    const file = await olderReports.keepOlder({ run: state.run, shed });
    // A note that came meanwhile is not in the file.
    const incidents = shed.incidents.filter((one, index) => JSON.stringify(one) === written[index]);
    without(state, { ...shed, incidents }, file, stepsOf(state.plan), same);
    delete state.notKept;
  } catch (error) {
    // Nothing of it is lost meanwhile: the next time.
    state.notKept = { since: state.notKept?.since ?? Date.now(), error: failureText(error) };
  }
}
