// Whether people can be reached, asked of the control worker before a week begins.
import type { Client } from '@temporalio/client';
import type { Plan } from '../../plan/schema/plan.ts';
import type { NoticeKind, Sent } from '../../plan/week/notice.ts';
import { reachNobody } from '../../plan/week/paging.ts';
import { Failure } from '../failure.ts';
import { shortRun } from './short-run.ts';

export interface Channels {
  off: string[];
  /** What nobody would hear of at once, with these off. */
  silent: NoticeKind[];
  /** Why the control worker could not be asked. */
  unknown?: string;
}

export function channelsWithout(plan: Plan, off: string[], unknown?: string): Channels {
  return { off, silent: reachNobody(plan, off), ...(unknown !== undefined && { unknown }) };
}

/** Nobody waits longer for a week to begin: what is not said by then is not known. */
const withinMs = 20_000;

export async function askChannels(client: Client, plan: Plan): Promise<Channels> {
  const { channels } = plan.notify;
  if (channels.length === 0) return channelsWithout(plan, []);
  try {
    return channelsWithout(plan, await shortRun<string[]>(client, 'channelsOff', plan, { channels }, withinMs));
  } catch (error) {
    const all = channels.map((channel) => channel.name);
    return channelsWithout(plan, all, (error as Error).message);
  }
}

/** As `start` and `preflight` say it; nothing where all is well. */
export function channelLines(plan: Plan, { off, silent, unknown }: Channels): string[] {
  const lines =
    unknown === undefined
      ? plan.notify.channels
          .filter(({ name }) => off.includes(name))
          .map(({ name, secret }) => `${name} is off: ${secret} is not set where the control worker runs`)
      : [`not known: ${unknown}`];
  const all =
    silent.length > 0 && unknown === undefined ? [...lines, `nobody is reached by ${silent.join(', ')}`] : lines;
  return all.map((line, index) => `${index === 0 ? 'channels' : '        '}  ${line}`);
}

/** What became of a test on a channel. One of which the end was not taken is left open there. */
export function outcomeOn(channel: string, told: Sent[]): Sent | undefined {
  const its = told.filter((sent) => sent.channel === channel);
  return its.find(({ result }) => result !== 'sent') ?? its[0];
}

/** Throws Failure where a week of production would call nobody, and nobody is there to say that this is meant. The question, where somebody is. */
export function questionOf(
  { silent }: Channels,
  { isRehearsal, yes, attended }: { isRehearsal: boolean; yes: boolean; attended: boolean },
): string {
  if (isRehearsal) return 'Begin the rehearsal?';
  if (silent.length === 0) return 'Begin the week?';
  if (!attended && !yes)
    throw new Failure(
      `Refused: nobody is known to be reached by ${silent.join(', ')}: no channel of their routes (notify.routes) that pages is on: PagerDuty, or one of which the plan says "pages: true". Set the variable of one where the control worker runs, and try it with hubshift notify test; or say --yes.`,
    );
  return `Begin the week, though nobody is known to be reached by ${silent.join(', ')}?`;
}
