// What is going to be done to each pilot goes to the report's files before it is done. Workers of before prepare nothing: then nothing is asked.
import { isCancellation } from '@temporalio/workflow';
import type { PreparedDeployment } from '../../../plan/machine-api/agents.ts';
import { failureText } from '../../machine/failures.ts';
import { olderReports } from '../../machine/proxy.ts';
import type { Week } from '../../week.ts';

/** With the longest differences far from what Temporal takes at once. */
const atOnce = 50;

/** Gives why the report will lack them: their machines have them all the same, and no deployment waits long for the report's disk. */
export async function keepForReport(week: Week, prepared: PreparedDeployment[]): Promise<string | null> {
  try {
    for (let from = 0; from < prepared.length; from += atOnce)
      await olderReports.keepPrepared({ run: week.state.run, prepared: prepared.slice(from, from + atOnce) });
    return null;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return failureText(error);
  }
}
