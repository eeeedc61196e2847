// Who is told of what, over which channels, how often again, and who is called when nobody answers.
import { z } from 'zod';
import { Duration } from './duration.ts';
import { derived, isRaw, listOf, usual, type Fallbacks, type Raw } from './fallback.ts';
import { name } from './fields.ts';

/** Where people are told. The secret is named by its environment variable, and read by the control worker alone. */
const Channel = z.strictObject({
  name,
  kind: z.enum(['slack', 'pagerduty', 'webhook', 'grafana']),
  secret: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, such as HUBSHIFT_SLACK_OPS')
    .describe("holds the webhook's URL, PagerDuty's routing key, or the token of a service account of Grafana"),
  url: z.url().optional().describe("Grafana's address, or PagerDuty's, where it is not events.pagerduty.com"),
  pages: z
    .boolean()
    .optional()
    .describe('true: what it is told calls somebody, as PagerDuty does; false: it waits to be read'),
});

export type Channel = z.infer<typeof Channel>;

/** What people are told of. */
export const NoticeKind = z.enum([
  'level-1',
  'level-2',
  'level-3',
  'held',
  'question',
  'phase',
  'approval',
  'result',
  'fault',
]);

/** Those of the packaged plan. A channel is off until its variable has a value. */
const usualChannels: z.input<typeof Channel>[] = [
  { name: 'ops-alerts', kind: 'slack', secret: 'HUBSHIFT_SLACK_OPS_ALERTS' },
  { name: 'ops-critical', kind: 'slack', secret: 'HUBSHIFT_SLACK_OPS_CRITICAL' },
  { name: 'incident-response', kind: 'slack', secret: 'HUBSHIFT_SLACK_INCIDENT_RESPONSE' },
  { name: 'leadership', kind: 'slack', secret: 'HUBSHIFT_SLACK_LEADERSHIP' },
  { name: 'pagerduty', kind: 'pagerduty', secret: 'HUBSHIFT_PAGERDUTY_KEY' },
  { name: 'dashboard', kind: 'webhook', secret: 'HUBSHIFT_DASHBOARD_URL' },
];
const usualRoutes: Partial<Record<z.infer<typeof NoticeKind>, string[]>> = {
  'level-1': ['ops-alerts', 'dashboard'],
  'level-2': ['ops-critical', 'pagerduty'],
  'level-3': ['incident-response', 'leadership', 'pagerduty'],
  held: ['ops-critical', 'pagerduty', 'dashboard'],
  question: ['ops-critical', 'pagerduty', 'dashboard'],
  phase: ['dashboard'],
  approval: ['ops-alerts', 'dashboard'],
  result: ['ops-alerts', 'dashboard'],
};
/** Of a plan that says nothing of notices: one with channels of its own may not have this one. */
export const usualEscalation = [{ after: '15m', to: ['leadership'] }];

export const Notify = z.strictObject({
  channels: z.array(Channel).prefault(usualChannels).meta({ fallback: 'those of week 1' }),
  routes: z.partialRecord(NoticeKind, z.array(name)).prefault(usualRoutes).meta({ fallback: 'those of week 1' }),
  remindEvery: z
    .union([Duration, z.literal('never')], 'a duration with a unit, such as 30m, or never')
    .prefault('30m')
    .describe('how often a page is repeated that nobody has answered'),
  escalate: z
    .array(z.strictObject({ after: Duration, to: z.array(name).min(1) }))
    .default([])
    .describe('who is called as well when nobody has answered a page'),
});

/** Of a plan that says something of notices: channels of its own are what routes go to, and those of week 1 keep their escalation. */
export function notifyFallbacks({ notify }: Raw): Fallbacks {
  if (!isRaw(notify)) return {};
  if (notify['channels'] === undefined) return { notify: { escalate: usual(usualEscalation) } };
  return { notify: { routes: derived('channels', routesTo(listOf(notify['channels']))) } };
}

/** Pages go to every channel; the rest to none that wakes people; faults to what marks them in time. */
function routesTo(channels: Raw[]): Record<string, unknown[]> {
  const named = (some: Raw[]) => some.map((channel) => channel['name']);
  const quiet = channels.filter(({ kind }) => kind !== 'pagerduty');
  const routes = {
    'level-1': quiet,
    'level-2': channels,
    'level-3': channels,
    held: channels,
    question: channels,
    phase: quiet,
    approval: quiet,
    result: quiet,
    fault: channels.filter(({ kind }) => kind === 'grafana'),
  };
  return Object.fromEntries(Object.entries(routes).flatMap(([kind, to]) => (to.length > 0 ? [[kind, named(to)]] : [])));
}

type Settings = Partial<z.infer<typeof Notify>>;

/** Weeks that began under earlier builds told each thing once. */
export function isPaging({ remindEvery }: Settings): boolean {
  return remindEvery !== undefined;
}

export function remindEveryOf({ remindEvery }: Settings): number | undefined {
  return typeof remindEvery === 'number' ? remindEvery : undefined;
}

/** In the order of their times. */
export function escalationsOf({ escalate = [] }: Settings): { after: number; to: string[] }[] {
  return [...escalate].sort((a, b) => a.after - b.after);
}
