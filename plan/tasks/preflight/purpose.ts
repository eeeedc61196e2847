// What the preflight is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { minutes } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective: 'All that can be known before the first change is known, and nothing stands in the way of the week',
  estimate: minutes(15, 60),
  priority: 'critical',
  risks: [
    {
      risk: 'A machine lacks a right, a name or an image that its steps need',
      shownBy: ['preflight.machines', 'preflight.rights', 'preflight.names', 'preflight.images'],
    },
    { risk: 'An undo lacks what it needs', shownBy: ['preflight.rollback-ready'] },
    { risk: 'An agent can not show what the week judges it by', shownBy: ['preflight.agent-contract'] },
  ],
};
