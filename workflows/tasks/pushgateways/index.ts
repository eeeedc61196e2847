// Task 2B.
import type { TaskRun } from '../contract.ts';
import { deployPushgateways } from './deploy.ts';
import { undoChecks } from './undo.ts';

export const pushgateways: TaskRun = { run: deployPushgateways, undoChecks };
