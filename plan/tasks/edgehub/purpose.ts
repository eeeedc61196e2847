// What task 2A is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { hours } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective: 'EdgeHub stands beside the agents of its machine, buffers their metrics and passes them on to CentralHub',
  estimate: hours(4, 6),
  priority: 'critical',
  risks: [
    {
      risk: 'Something else holds its port, or keeps its container from starting',
      shownBy: ['2A.prepare.port', '2A.deploy.container'],
    },
    {
      risk: 'The container takes more than its machine has to spare',
      shownBy: ['2A.check.no-impact', 'kpi.resource-overhead'],
    },
    {
      risk: 'Its configuration has an error',
      shownBy: ['2A.config.valid', '2A.check.config-loaded', '2A.check.scraping', '2A.check.remote-write'],
    },
    { risk: 'It fails while it serves', shownBy: ['kpi.edgehub-uptime', 'week.day-1', 'level-1'] },
  ],
};
