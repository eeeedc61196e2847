// The rows of the last day.
import type { Plan } from '../../schema/plan.ts';
import { check, type Row } from '../row.ts';
import { lastLook } from './last-looks.ts';

export const rows = (plan: Plan): Row[] => [
  check('2D.soak', 'observed healthy time with zero issues', { watches: 'soak', ofAllPilots: true }),
  check('week.redundancy', 'each pilot metric is in both hubs', { ofAllPilots: true }),
  check('week.health', 'all components pass their health checks'),
  check('week.stability', 'no bystander was disturbed through the whole week'),
  check(lastLook(plan, 1), 'task 2A holds, looked at afresh'),
  check(lastLook(plan, 2), 'task 2B holds, looked at afresh'),
  check(lastLook(plan, 3), 'the cluster of task 2C holds, looked at afresh'),
  check(lastLook(plan, 4), 'streams and messaging of task 2C hold, looked at afresh'),
  check('checkpoint.day-7', 'task 2D holds, looked at afresh', { ofAllPilots: true }),
];
