// What people are told, over which channels, and how it looks there. Pure. comms.level-1 to comms.level-3.
import type { z } from 'zod';
import type { NoticeKind as RoutedKind, Plan } from '../schema/plan.ts';

/** `test` goes to every channel. */
export type NoticeKind = z.infer<typeof RoutedKind> | 'test';

/** One thing to tell, once over each channel. */
export interface Notice {
  /** The same for every try of the same notice; ends with "/" and what of its matter is told (subjectOf). */
  id: string;
  kind: NoticeKind;
  title: string;
  text: string;
  /** What it opened is over. */
  resolved: boolean;
  /** It ends what began then, well or not: Unix milliseconds. Of a notice that ends nothing there is none. */
  since?: number;
  run: string;
  plan: string;
  /** Unix milliseconds. */
  at: number;
}

export type Channel = Plan['notify']['channels'][number];

/** What became of a notice on a channel. */
export interface Sent {
  notice: string;
  kind: NoticeKind;
  channel: string;
  /** `off`: the environment variable of the channel is not set where the control worker runs. */
  result: 'sent' | 'failed' | 'off';
  detail: string;
  at: number;
}

/** What opens and what closes an incident have the same. */
export function subjectOf({ id }: Notice): string {
  return id.slice(0, id.lastIndexOf('/'));
}

export function channelsFor({ notify }: Plan, kind: NoticeKind): Channel[] {
  if (kind === 'test') return notify.channels;
  const names = notify.routes[kind] ?? [];
  return notify.channels.filter(({ name }) => names.includes(name));
}

const severities: Record<NoticeKind, 'critical' | 'error' | 'warning' | 'info'> = {
  'level-3': 'critical',
  'level-2': 'error',
  'level-1': 'warning',
  phase: 'info',
  approval: 'info',
  result: 'info',
  fault: 'info',
  test: 'info',
};

/** The body of the request; a PagerDuty routing key travels in it. Slack: incoming webhooks. PagerDuty: Events API v2. Grafana's is in annotation.ts. */
export function bodyFor(
  channel: { kind: Exclude<Channel['kind'], 'grafana'> },
  notice: Notice,
  secret: string,
): unknown {
  const { kind, title, text, resolved, run, plan, at } = notice;
  switch (channel.kind) {
    case 'slack':
      return { text: cut(`*${escaped(title)}*\n${escaped(text)}\n_${escaped(`${plan}, run ${run}`)}_`, 4_000) };
    case 'pagerduty': {
      const key = cut(subjectOf(notice), 255);
      const payload = {
        summary: cut(`${title}: ${text}`, 1_024),
        source: `hubshift ${plan}`,
        severity: severities[kind],
        timestamp: new Date(at).toISOString(),
        component: plan,
        class: kind,
        custom_details: { run, text },
      };
      return resolved
        ? { routing_key: secret, event_action: 'resolve', dedup_key: key }
        : { routing_key: secret, event_action: 'trigger', dedup_key: key, payload };
    }
    case 'webhook':
      return notice;
  }
}

/** Slack reads these three as markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
