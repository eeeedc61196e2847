// Rows of who was told.
import { channelsFor } from '../../week/notice.ts';
import type { WeekState } from '../../week/state.ts';
import { type Requirement, requirement } from './requirement.ts';

/** Each level's channels, by what became of the newest notice of that level on each. */
export function tellingRows({ plan, told, startedAt }: WeekState, now: number): Requirement[] {
  return ([1, 2, 3] as const).map((level) => {
    const kind = `level-${level}` as const;
    const channels = channelsFor(plan, kind).map(({ name }) => ({
      name,
      sent: told.findLast((one) => one.channel === name && one.kind === kind),
    }));
    const say =
      channels.map(({ name, sent }) => `${name} ${sent?.result ?? 'not used'}`).join(', ') || 'no channel in the plan';
    const verdict = channels.some(({ sent }) => sent?.result === 'failed')
      ? 'fail'
      : channels.length > 0 && channels.every(({ sent }) => sent?.result === 'sent')
        ? 'pass'
        : 'inconclusive';
    return requirement(
      { id: `comms.level-${level}`, kind: 'comms', task: 'comms', text: `level ${level} is told over its channels` },
      {
        id: '',
        machine: '',
        startedAt,
        endedAt: now,
        attempts: 1,
        verdict,
        summary: say,
        evidence: {
          channels: channels.map(({ name }) => name),
          sent: channels.filter(({ sent }) => sent?.result === 'sent').length,
          needed: channels.length,
        },
      },
    );
  });
}
