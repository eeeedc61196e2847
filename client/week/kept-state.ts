// The state that the control worker keeps of each week on its machine, for when Temporal can give it no more.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { labPlanFile, reportsDirectory } from '../../lab/state.ts';
import { redact } from '../../plan/secrets/redact.ts';
import type { PreparedDeployment } from '../../plan/machine-api/agents.ts';
import { planId, preparedFile, reportsVariable, standardReports, stateFile } from '../../plan/names.ts';
import { preparedIn } from '../../plan/report/prepared.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { Failure } from '../failure.ts';

export interface Kept {
  state: WeekState;
  file: string;
  /** Unix milliseconds. */
  at: number;
}

/** Undefined where there is none. Throws Failure when it is not of that run. */
export function keptState(plan: string, run: string): Kept | undefined {
  const file = keptFile(run);
  if (!existsSync(file)) return undefined;
  const state = read(file);
  if (!state.plan || planId(state.plan) !== plan || state.run !== run)
    throw new Failure(`${file} is not the state of run ${run} of the plan ${plan}.`);
  return { state, file, at: statSync(file).mtimeMs };
}

/** What was prepared for its pilots, as the control worker of this machine has it. None where there is no file, or it can't be read. */
export function keptPrepared(run: string): PreparedDeployment[] {
  try {
    return preparedIn(readFileSync(join(reportsHere(), preparedFile(run)), 'utf8'));
  } catch {
    return [];
  }
}

/** What people can do without any state. */
export function withoutState(run: string): string {
  return (
    `There is no ${keptFile(run)} either, where the control worker keeps it: run this on its machine, or put a copy of ${stateFile(run)} into a directory that ${reportsVariable} names. ` +
    `Without it the ledgers are still whole: hubshift rollback --emergency --run ${run}, on each machine.`
  );
}

function keptFile(run: string): string {
  return join(reportsHere(), stateFile(run));
}

/** Where the control worker of this machine keeps reports and states. */
export function reportsHere(): string {
  return process.env[reportsVariable] || (existsSync(labPlanFile) ? reportsDirectory : standardReports);
}

function read(file: string): WeekState {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WeekState;
  } catch (error) {
    throw new Failure(
      `The state in ${file} can't be read: ${redact((error as Error).message)}. Reports and states are for the user of the control worker: run this as that user, or as root.`,
    );
  }
}
