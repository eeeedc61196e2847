// What each user of NATS may do: the least that measuring needs, and that agents publish. From the plan's subjects, so that both say the same.
import { adopts, pilotsOf, type Plan } from '../../schema/plan.ts';
import { metricsSubject, weekInbox } from '../shared/nats.ts';

export interface Permissions {
  publish: string[];
  subscribe: string[];
}

/** By the names in `messaging.users`. */
export function permissionsOf(plan: Plan): Record<'week' | 'agents', Permissions> {
  const published = plan.messaging.streams.flatMap(({ publishes }) => publishes);
  // An answer goes to the inbox of who asked: another worker of the week.
  const both = [`${weekInbox}.>`, 'hubshift.>', ...published];
  return {
    week: {
      publish: [...both, ...plan.messaging.streams.flatMap((stream) => apiOf(plan, stream.name))],
      subscribe: both,
    },
    // What the stream says to what they publish. The week's answers go elsewhere.
    agents: { publish: agentSubjects(plan), subscribe: ['_INBOX.>'] },
  };
}

/** JetStream's, of one stream: made and removed by the week where it is not another's, looked at, read, and given consumers. */
function apiOf(plan: Plan, stream: string): string[] {
  const own = adopts(plan, stream) ? [] : [`STREAM.CREATE.${stream}`, `STREAM.DELETE.${stream}`];
  return [
    ...own.map((verb) => `$JS.API.${verb}`),
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    // Without a name of its own, and with one.
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
    `$JS.API.CONSUMER.LIST.${stream}`,
    `$JS.ACK.${stream}.>`,
    // With domain and account in it, as newer servers can be told to ask for it.
    `$JS.ACK.*.*.${stream}.>`,
  ];
}

function agentSubjects(plan: Plan): string[] {
  const machines = new Set(pilotsOf(plan).map(({ machine }) => machine));
  return [...new Set([plan.messaging.healthSubject, ...[...machines].map((machine) => metricsSubject(plan, machine))])];
}
