// What task 2B is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { hours } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective: 'Metrics can be pushed on each machine, and the hubs find them',
  estimate: hours(3, 4),
  priority: 'high',
  risks: [
    {
      risk: 'They cost a machine more than it has to spare',
      shownBy: ['2B.test.impact', 'kpi.resource-overhead'],
    },
    {
      risk: 'The network between hubs and Pushgateways is too slow',
      shownBy: ['2B.scrape.active', '2B.test.visible', 'kpi.hub-response'],
    },
    {
      risk: "A hub's configuration is another one than the week has made",
      shownBy: ['2B.scrape.central', '2B.scrape.edge', '2B.scrape.reload', 'checkpoint.day-2'],
    },
    { risk: 'One fails while it serves', shownBy: ['week.day-2', 'level-1'] },
  ],
};
