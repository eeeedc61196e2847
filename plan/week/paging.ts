// Pages: what people are called for until somebody answers or it is over. Pure.
import { escalationsOf, remindEveryOf } from '../schema/notify.ts';
import type { Plan } from '../schema/plan.ts';
import { type Channel, channelsFor, channelsNamed, type NoticeKind, routedAs } from './notice.ts';

export const pagingKinds: readonly NoticeKind[] = ['level-2', 'level-3', 'held', 'question'];

/** Somebody must look now. */
export function isPage(kind: NoticeKind): boolean {
  return pagingKinds.includes(kind);
}

/** What is open: a few bytes, since what it says is known to what is being done. */
export interface Paged {
  /** incident-4, held-1764170000000: the key under which it is told and over. */
  about: string;
  kind: NoticeKind;
  /** Unix milliseconds. */
  since: number;
  /** How often it was told again, and how many of the plan's steps of escalation were gone. */
  reminded: number;
  escalated: number;
  /** A channel that reaches somebody has taken it. */
  took?: true;
  acknowledged?: true;
  /** An incident that is over and did not end well: it stays open until the week goes on, and is not told again. */
  left?: true;
}

/** Who has answered which page. */
export interface Acknowledged {
  about: string;
  by: string;
  from: string;
  at: number;
}

/** The page of a hold. */
export function pageOf({ since }: { since: number }): string {
  return `held-${since}`;
}

/** So many pages are open at most, and so many answers are kept. */
export const pagingKept = { open: 5, acknowledged: 6 };

/** Whether a channel that reaches somebody has taken a page that is open: of this matter (held-SINCE, incident-N), or of any. */
export function tookPage({ paged = [] }: { paged?: Paged[] }, about?: string): boolean {
  return paged.some((page) => page.took === true && (about === undefined || page.about === about));
}

/** A channel that calls somebody: a message that waits to be read does not, unless the plan says so. In version 1 all did that took it. */
export function reaches({ version }: Pick<Plan, 'version'>, { kind, pages }: Channel): boolean {
  return pages ?? (kind === 'pagerduty' || (version === 1 && kind !== 'grafana'));
}

/** Where a page is repeated: not on what only shows what happens. */
export function isRead(plan: Pick<Plan, 'version'>, channel: Channel): boolean {
  return channel.kind === 'slack' ? channel.pages !== false : reaches(plan, channel);
}

/** For these somebody has to be reached before anything of production is begun. */
const mustReach = ['level-3', 'held', 'question'] as const;

/** The channels of a page that reach somebody while these are off. */
export function reachedBy(plan: Plan, kind: NoticeKind, off: readonly string[]): string[] {
  const all = channelsFor(plan, routedAs(plan, kind)).filter((one) => reaches(plan, one) && !off.includes(one.name));
  return all.map(({ name }) => name);
}

/** Those of them that reach nobody while these channels are off. */
export function reachNobody(plan: Plan, off: readonly string[]): NoticeKind[] {
  return mustReach.filter((kind) => reachedBy(plan, kind, off).length === 0);
}

/** Who is told of a page by now. */
export function channelsOfPage(plan: Plan, { kind, escalated }: Pick<Paged, 'kind' | 'escalated'>): Channel[] {
  const further = escalationsOf(plan.notify).slice(0, escalated);
  const names = [...channelsFor(plan, kind).map(({ name }) => name), ...further.flatMap(({ to }) => to)];
  return channelsNamed(plan.notify, names);
}

export interface Due {
  page: Paged;
  at: number;
  /** Further channels, or all that know of it once more. */
  then: 'escalate' | 'remind';
}

/** What comes next of a page that nobody has answered; undefined when nothing does. */
export function dueNext({ notify }: Plan, page: Paged): Due | undefined {
  if (page.acknowledged || page.left) return undefined;
  const step = escalationsOf(notify)[page.escalated];
  const every = remindEveryOf(notify);
  const all: Due[] = [
    ...(step ? [{ page, at: page.since + step.after, then: 'escalate' as const }] : []),
    ...(every ? [{ page, at: page.since + (page.reminded + 1) * every, then: 'remind' as const }] : []),
  ];
  return all.sort((a, b) => a.at - b.at)[0];
}
