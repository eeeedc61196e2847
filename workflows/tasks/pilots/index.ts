// Task 2D.
import type { Week } from '../../week.ts';
import type { TaskRun } from '../contract.ts';
import { migratePilots } from './migrate.ts';
import { undoChecks } from './undo.ts';
import { validateWeek } from './validation.ts';

async function run(week: Week): Promise<void> {
  await migratePilots(week);
  await validateWeek(week);
}

export const pilots: TaskRun = { run, undoChecks };
