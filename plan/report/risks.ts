// Each risk of the plan beside what was found: it happened, what would have shown it was looked at and is well, or nobody knows yet.
import { signsOf } from '../evidence/signs.ts';
import type { Purpose } from '../tasks/purposes.ts';
import { stepsOf } from '../tasks/steps.ts';
import { endedWell, type Incident } from '../week/incident.ts';
import type { StepRecord } from '../week/record.ts';
import type { WeekState } from '../week/state.ts';
import { asFound, type Requirement } from './rows/requirement.ts';

/** A risk of the plan, and what came of it. */
export interface RiskFound {
  risk: string;
  shownBy: string[];
  /** `mitigated`: all that would show it was looked at, and shows that it did not happen. What nobody has looked at is `open`. */
  outcome: 'happened' | 'mitigated' | 'open';
  /** Of one that has happened: all that showed it is well again. */
  over?: boolean;
  /** What it is said by. */
  found: string;
}

/** What is known of a week. */
export interface Known {
  state: Pick<WeekState, 'plan' | 'incidents' | 'older' | 'interruptions'>;
  requirements: Requirement[];
  /** Records of before: what had failed once has happened. */
  past: StepRecord[];
  /** Records of before are in a file that was not read. */
  isInPart: boolean;
}

export function risksFound({ task, risks }: Purpose, known: Known): RiskFound[] {
  return risks.map(({ risk, shownBy }) => {
    const { ids, levels } = signsOf(known.state.plan, shownBy);
    const rows = known.requirements.filter(({ id }) => ids.includes(id)).map(asFound);
    const seen = [
      ...rows.filter(({ verdict }) => verdict === 'fail').map(saidBy),
      ...known.past
        .filter(({ id, verdict }) => verdict === 'fail' && ids.includes(id))
        .filter(
          ({ id, endedAt }) => !rows.some((row) => row.id === id && row.verdict === 'fail' && row.endedAt === endedAt),
        )
        .map((record) => ({ text: `\`${record.id}\` failed: ${record.summary}`, over: isWell(rows, record.id) })),
      ...incidentsOf(known, task, levels),
    ];
    if (seen.length > 0)
      return {
        risk,
        shownBy,
        outcome: 'happened',
        over: seen.every(({ over }) => over),
        found: inShort([...new Set(seen.map(({ text }) => text))]),
      };
    const open = rows.filter(({ verdict, waived }) => verdict !== 'pass' || waived).map(({ id }) => `\`${id}\``);
    const unknown = [...(rows.length === 0 ? ['nothing that would show it'] : []), ...open, ...older(known, levels)];
    return unknown.length > 0
      ? { risk, shownBy, outcome: 'open', found: `not known: ${inShort(unknown, ', ')}` }
      : {
          risk,
          shownBy,
          outcome: 'mitigated',
          found: `${rows.length} of ${rows.length} passed: ${inShort(
            rows.map(({ id }) => `\`${id}\``),
            ', ',
          )}`,
        };
  });
}

interface Seen {
  text: string;
  over: boolean;
}

function saidBy({ id, summary }: Requirement): Seen {
  return { text: `\`${id}\` failed: ${summary}`, over: false };
}

function isWell(rows: Requirement[], id: string): boolean {
  return rows.some((row) => row.id === id && row.verdict === 'pass');
}

/** Of what the task makes or moves, or of the whole week. A false alarm is none. */
function incidentsOf({ state: { plan, incidents } }: Known, task: string, levels: Incident['level'][]): Seen[] {
  const own = stepsOf(plan).flatMap((row) => (row.task === task ? [row.makes, row.ofAgent] : []));
  // What a task that makes nothing watches is everybody's.
  const isOf = ({ target }: Incident) => target === null || own.every((one) => !one) || own.includes(target);
  return incidents
    .filter((one) => levels.includes(one.level) && one.result !== 'false alarm' && isOf(one))
    .map(({ id, level, target, result }) => ({
      text: `${id}: level ${level} of ${target ?? 'the week'}, ${result}`,
      over: endedWell({ result }),
    }));
}

/** What went to a file speaks for nothing. */
function older({ state, isInPart }: Known, levels: Incident['level'][]): string[] {
  const { older: gone } = state;
  if (!gone) return [];
  return [
    ...(isInPart && (gone.findings ?? 0) > 0 ? [`what failed before is in \`${gone.file}\``] : []),
    ...levels.flatMap((level) =>
      gone.levels?.[level] ? [`older incidents of level ${level} are in \`${gone.file}\``] : [],
    ),
  ];
}

/** Of many the first. */
function inShort(texts: string[], between = '; '): string {
  const shown = texts.slice(0, 4);
  return [...shown, ...(texts.length > shown.length ? [`and ${texts.length - shown.length} more`] : [])].join(between);
}
