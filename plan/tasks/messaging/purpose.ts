// What task 2C is for.
import type { TaskPurpose } from '../../schema/purpose.ts';
import { hours } from '../shared/estimates.ts';

export const purpose: TaskPurpose = {
  objective:
    'A NATS JetStream cluster carries messages across the machines, and keeps them through what may happen to it',
  // The cluster on one day, streams and resilience on the next.
  estimate: hours(10, 13),
  priority: 'critical',
  risks: [
    {
      risk: 'A cut between the machines is not survived as promised',
      shownBy: ['2C.resilience.partition-local', '2C.resilience.partition-heal'],
    },
    { risk: 'Messages lose their order', shownBy: ['2C.messaging.order', '2C.messaging.replay'] },
    { risk: 'The cluster splits in two that both lead', shownBy: ['2C.resilience.split-brain'] },
    { risk: 'Messages are late, or do not arrive', shownBy: ['2C.latency', 'kpi.message-latency', 'kpi.delivery'] },
    {
      risk: 'The stores grow until a server takes no more',
      shownBy: ['2C.streams.replicated', 'checkpoint.day-4', 'week.day-4'],
    },
    {
      risk: 'The servers do not agree, or do not find each other again',
      shownBy: ['2C.check.cluster', '2C.check.restart', '2C.resilience.reform', 'kpi.nats-availability'],
    },
    { risk: 'A server fails while it serves', shownBy: ['kpi.nats-availability', 'week.day-3', 'level-1'] },
  ],
};
