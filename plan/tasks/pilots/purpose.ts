// What task 2D is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { hours } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective: 'The pilots use two hubs, and go over to the other one by themselves when theirs is lost',
  // Preparation, then deployment with its observations.
  estimate: hours(12, 16),
  priority: 'critical',
  risks: [
    { risk: "A pilot's new configuration has an error", shownBy: ['2D.validator', '2D.validated', '2D.scripts'] },
    {
      risk: 'A pilot does not start, or does not do its work',
      shownBy: ['2D.deploy.*', 'kpi.agent-uptime', 'level-2'],
    },
    {
      risk: 'A pilot does not fail over as it should',
      shownBy: ['2D.failover.*', 'kpi.failover-time', 'kpi.data-loss'],
    },
    { risk: 'Monitoring has a gap', shownBy: ['2D.visibility.*', 'week.redundancy', 'kpi.data-loss'] },
  ],
};
