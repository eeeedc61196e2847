// What people are told, over which channels, and how it looks there. Pure. comms.level-1 to comms.level-3.
import type { z } from 'zod';
import type { Channel, NoticeKind as RoutedKind } from '../schema/notify.ts';
import type { Plan } from '../schema/plan.ts';
import { cut, cutTo } from './cut-text.ts';

export type { Channel };

/** `test` goes to every channel. */
export type NoticeKind = z.infer<typeof RoutedKind> | 'test';

/** One thing to tell, once over each channel. */
export interface Notice {
  /** The same for every try of the same notice; ends with "/" and what of its matter is told (subjectOf). */
  id: string;
  kind: NoticeKind;
  title: string;
  text: string;
  /** What ends it or shows more, to be pasted into a shell. Earlier builds had them in the text. */
  commands?: string[];
  /** What it opened is over. */
  resolved: boolean;
  /** It ends what began then, well or not: Unix milliseconds. Of a notice that ends nothing there is none. */
  since?: number;
  /** Who has answered: it is not over yet. */
  acknowledgedBy?: string;
  run: string;
  plan: string;
  /** Unix milliseconds. */
  at: number;
}

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
export function subjectOf({ id }: Pick<Notice, 'id'>): string {
  return id.slice(0, id.lastIndexOf('/'));
}

/** A plan that has no route for what waits for people has it told as it was before: as an approval. */
export function routedAs({ notify: { routes } }: Plan, kind: NoticeKind): NoticeKind {
  return (kind === 'held' || kind === 'question') && !routes[kind] ? 'approval' : kind;
}

export function channelsFor({ notify }: Plan, kind: NoticeKind): Channel[] {
  return kind === 'test' ? notify.channels : channelsNamed(notify, notify.routes[kind] ?? []);
}

export function channelsNamed({ channels }: Plan['notify'], names: string[]): Channel[] {
  return channels.filter(({ name }) => names.includes(name));
}

/** Those of PagerDuty. `critical` and `error` wake somebody there, if it is not told otherwise. */
const severities: Record<NoticeKind, 'critical' | 'error' | 'warning' | 'info'> = {
  'level-3': 'critical',
  question: 'critical',
  'level-2': 'error',
  held: 'error',
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
  switch (channel.kind) {
    case 'slack':
      return { text: slackText(notice) };
    case 'pagerduty':
      return { routing_key: secret, ...event(notice) };
    case 'webhook':
      return { ...notice, severity: severities[notice.kind] };
  }
}

/** What it opened, who has answered and that it is over have one key. */
function event(notice: Notice): object {
  const { kind, title, text, commands, resolved, acknowledgedBy, run, plan, at } = notice;
  const dedup_key = cut(subjectOf(notice), 255);
  if (resolved) return { event_action: 'resolve', dedup_key };
  if (acknowledgedBy !== undefined) return { event_action: 'acknowledge', dedup_key };
  const payload = {
    summary: cut(`${title}: ${text}`, 1_024),
    source: `hubshift ${plan}`,
    severity: severities[kind],
    timestamp: new Date(at).toISOString(),
    component: plan,
    class: kind,
    custom_details: { run, text, ...(commands && { commands }) },
  };
  return { event_action: 'trigger', dedup_key, payload };
}

const slackTakes = 4_000;

/** The text gives way to the commands, which are whole or not there. */
function slackText({ title, text, commands = [], plan, run }: Notice): string {
  const head = `*${cutTo(title, 500, escaped)}*`;
  const foot = `_${cutTo(`${plan}, run ${run}`, 300, escaped)}_`;
  const blocks = commands.map((command) => `\`\`\`${escaped(command)}\`\`\``);
  const left = (kept: number) => slackTakes - [head, ...blocks.slice(0, kept), foot, ''].join('\n').length;
  const kept = blocks.findLastIndex((_, index) => left(index + 1) >= 0) + 1;
  return [head, cutTo(text, left(kept), escaped), ...blocks.slice(0, kept), foot].join('\n');
}

/** Slack reads these three as markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
