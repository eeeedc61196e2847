// Who runs programs here, by the names that a plan has for them.
import { runnerIn, type RunnerName } from '../../plan/machine-api/runs.ts';
import { docker } from '../docker/runner.ts';
import { supervisor } from '../supervisor/runner.ts';
import type { Runner } from './runner.ts';

const runners: Record<RunnerName, Runner> = { supervisor, docker };

/** Of a program by its name in the plan; and its name there. */
export function runnerOf(program: string): { runner: Runner; name: string } {
  const { runs, name } = runnerIn(program);
  return { runner: runners[runs], name };
}
