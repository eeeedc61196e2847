// Task 2A.
import type { TaskRun } from '../contract.ts';
import { deployEdgeHub } from './deploy.ts';
import { undoChecks } from './undo.ts';

export const edgeHub: TaskRun = { run: deployEdgeHub, undoChecks };
