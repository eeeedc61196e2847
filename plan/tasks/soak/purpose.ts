// What the soak is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { hours } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective: 'A day of healthy time shows that what was built lasts, and every task is looked at afresh',
  estimate: hours(24, 30),
  priority: 'high',
  risks: [
    {
      risk: 'What has passed once does not last',
      shownBy: ['2D.soak', 'week.health', 'week.redundancy', 'checkpoint.*', 'week.day-*', 'level-1', 'level-2'],
    },
    { risk: 'What the week does not move is disturbed by it', shownBy: ['week.stability', 'kpi.resource-overhead'] },
  ],
};
