// Who was told of a level 3, when, over what, and whether it got there.
import { channelsFor, type Sent } from '../week/notice.ts';
import type { WeekState } from '../week/state.ts';

/** A delivery, or one that is still to be made. */
export interface LevelThreeTold extends Pick<Sent, 'channel' | 'detail'> {
  /** The channel's kind: slack, pagerduty, … */
  over: string;
  /** What it told: the incident, and whether it began, went on or was over. */
  notice: string;
  result: Sent['result'] | 'waiting';
  /** Unix milliseconds of the result; of one that waits, of the notice itself. */
  at: number;
}

const kind = 'level-3';

/** The oldest first; nothing where there was no level 3. A channel of its route that has no delivery stands there too: it told nobody. */
export function levelThreeTold({ plan, run, told, outbox, incidents }: WeekState): LevelThreeTold[] {
  const over = (channel: string) => plan.notify.channels.find(({ name }) => name === channel)?.kind ?? '';
  const of = (notice: string) => notice.slice(run.length + 1);
  const made = [
    ...told
      .filter((sent) => sent.kind === kind)
      .map(({ channel, notice, result, detail, at }) => ({ channel, notice: of(notice), result, detail, at })),
    ...outbox
      .filter(({ notice }) => notice.kind === kind)
      .map(({ channel, notice }) => ({
        channel,
        notice: of(notice.id),
        result: 'waiting' as const,
        detail: 'not taken yet; it is tried again',
        at: notice.at,
      })),
  ];
  const newest = incidents.findLast(({ level }) => level === 3);
  const silent = newest
    ? channelsFor(plan, kind).filter(({ name }) => !made.some(({ channel }) => channel === name))
    : [];
  return [
    ...made.sort((a, b) => a.at - b.at),
    ...silent.map(({ name }) => ({
      channel: name,
      notice: newest!.id,
      result: 'off' as const,
      detail: 'nothing on record',
      at: newest!.startedAt,
    })),
  ].map((one) => ({ ...one, over: over(one.channel) }));
}
