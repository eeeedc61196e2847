// The tasks of the week as they run, by their names. A new task is a file or a folder here, and a line.
import type { TaskName } from '../../plan/tasks/names.ts';
import type { TaskRun } from './contract.ts';
import { edgeHub } from './edgehub/index.ts';
import { messaging } from './messaging/index.ts';
import { pilots } from './pilots/index.ts';
import { preflight } from './preflight/index.ts';
import { pushgateways } from './pushgateways/index.ts';
import { soak } from './soak.ts';

export const taskRuns: Record<TaskName, TaskRun> = {
  preflight: { run: preflight },
  '2A': edgeHub,
  '2B': pushgateways,
  '2C': messaging,
  '2D': pilots,
  soak: { run: soak },
} satisfies Record<TaskName, TaskRun>;
