// What a report tells, as data, the same for the document and the page: `report.summary`, `report.details`, `report.week-2`.
import { humanDuration, utc } from '../schema/duration.ts';
import { tasks } from '../tasks/index.ts';
import type { TaskName } from '../tasks/names.ts';
import { undoable } from '../tasks/steps.ts';
import { acceptedBy } from '../week/accepted.ts';
import { endedWell, tookText } from '../week/incident.ts';
import type { Evidence, StepRecord, Waived } from '../week/record.ts';
import { endedStatuses, namesWithout, statusText } from '../week/state.ts';
import { todo } from '../week/without.ts';
import { holds, type Report, workOf } from './report.ts';
import { asFound, type Requirement } from './rows/requirement.ts';

const allSections = tasks.map(({ name: task, report }) => ({ task, ...report })).sort((a, b) => a.place - b.place);

/** One for each task that the plan has something for. */
export function sectionsOf(report: Report): { task: TaskName; heading: string }[] {
  return allSections.filter(({ task }) => rowsOf(report, task).length > 0);
}

/** The tasks that bring something to the machines. */
const infrastructure = tasks
  .filter(({ name, services }) => services && undoable.includes(name))
  .map(({ name }) => name);

/** Rows under a heading, for a table. */
export interface Table {
  heading: string[];
  rows: string[][];
}

export function summary(report: Report): [name: string, value: string][] {
  const impact = foundOf(report)
    .filter(({ toldAs, summary: found }) => toldAs === 'impact' && found)
    .map(({ summary: found }) => found);
  return [
    ['Completed', report.endedAt === null ? `no: ${report.status} in ${report.phase}` : utc(report.endedAt)],
    ['Overall status', overall(report)],
    ...todos(report).map((todo): [string, string] => ['Still to be done', todo]),
    ...(report.stood ? [stood(report, report.stood)] : []),
    [
      'Infrastructure',
      infrastructure
        .filter((task) => rowsOf(report, task).length > 0)
        .map((task) => `${task} ${counted(rowsOf(report, task))}`)
        .join('; '),
    ],
    ['Pilot migration', report.pilots.map((pilot) => `${pilot} ${migrationOf(pilotRows(report, pilot))}`).join('; ')],
    ['Performance impact', impact.join('; ') || 'not measured'],
    ['Next week', decision(report)],
  ];
}

function stood(report: Report, { status, phase, at, reports }: NonNullable<Report['stood']>): [string, string] {
  const stood = endedStatuses.includes(status) ? status : `in ${phase}`;
  const told = reports.length > 0 ? `; its report: ${reports.join(', ')}` : '';
  return ['Before the rollback', `${stood}, ${utc(at)}${told}. Its changes: ${tally(report) || 'none was undone'}`];
}

/** Entries of the ledgers by what became of them. */
function tally({ undone, older }: Report): string {
  return (['undone', 'already', 'left', 'failed'] as const)
    .map((one) => [one, undone.filter(({ result }) => result === one).length + (older?.undone[one] ?? 0)] as const)
    .flatMap(([one, count]) => (count > 0 ? [`${count} ${one}`] : []))
    .join(', ');
}

function overall(report: Report): string {
  if (report.status === 'completed') return holds(workOf(report)) ? 'SUCCESS' : 'PARTIAL';
  if (endedStatuses.includes(report.status)) return `FAILED (${ended(report)})`;
  return report.verdict === 'fail' ? 'FAILED so far' : 'PARTIAL (not ended)';
}

/** Never plainly rolled back where that went without a machine. */
function ended({ status, without }: Report): string {
  return statusText(status, namesWithout({ without }));
}

/** What is to be done on machines that everything was rolled back without. */
export function todos({ run, without = [] }: Report): string[] {
  return without.map((one) => todo(run, one));
}

export function decision(report: Report): string {
  if (report.status === 'completed')
    return report.rehearsal === null ? 'GO' : 'GO of a rehearsal: no decision about production';
  if (report.stood?.status === 'completed') return `GO, and ${ended(report)} since`;
  if (endedStatuses.includes(report.status)) return `NO-GO (${ended(report)})`;
  return 'Open: nothing is decided yet';
}

/** How sure the people are who decide. */
export function confidence({ requirements }: Report): string {
  return (
    requirements.find(({ id, verdict }) => id === 'go.confidence' && verdict !== 'open')?.summary ??
    'Nobody has decided yet.'
  );
}

export function prerequisites(report: Report): { met: boolean; text: string }[] {
  return sectionsOf(report).map(({ task, heading }) => ({
    met: holds(rowsOf(report, task)),
    text: `${heading}: ${counted(rowsOf(report, task))}`,
  }));
}

/** What the rows of the performance found, and the numbers under it. */
export function measurements(report: Report): { id: string; found: string; numbers: string }[] {
  return foundOf(report).flatMap(({ id, toldAs, summary: found, evidence }) =>
    found && (toldAs === 'performance' || toldAs === 'impact') ? [{ id, found, numbers: numbersIn(evidence) }] : [],
  );
}

export function watched({ windows }: Report): Table {
  return {
    heading: ['watched', 'healthy', 'wanted', 'samples', 'failed', 'longest gap', 'begun again'],
    rows: windows.map(({ id, creditMs, wantedMs, samples, failed, longestGapMs, restarts }) => [
      `\`${id}\``,
      humanDuration(creditMs),
      humanDuration(wantedMs),
      String(samples),
      String(failed),
      humanDuration(longestGapMs),
      String(restarts),
    ]),
  };
}

function numbersIn(evidence: Evidence): string {
  return Object.entries(evidence)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : value}`)
    .join(', ');
}

export function issues(report: Report): string[] {
  const now = workOf(report).filter(
    ({ verdict, waived }) => verdict === 'fail' || verdict === 'inconclusive' || waived,
  );
  // What a rollback left is of the past once the week goes on, and stands until the next one looks.
  const stands = ({ id, verdict, endedAt }: StepRecord) =>
    now.some((row) => row.id === id && row.verdict === verdict && row.endedAt === endedAt);
  const before = report.history.filter((one) => one.verdict !== 'pass' && !stands(one));
  return [
    ...(report.letGo ?? []).map(
      ({ row, by, at, reason }) => `\`${row}\` was not waited for: released by ${by}, ${utc(at)}: ${reason}`,
    ),
    ...now.map(
      ({ id, verdict, summary: found, waived }) =>
        `\`${id}\` ${verdict}: ${found}${waived ? `. ${waivedAt(waived)}` : ''}`,
    ),
    ...before.map((one) => {
      const { id, verdict, summary: found, waived, accepted, startedAt, endedAt, times = 1, firstAt = startedAt } = one;
      const later = foundOf(report).find((row) => row.id === id);
      const when = times === 1 ? utc(endedAt) : `${times} times, ${between(firstAt, endedAt)}`;
      const said = waived ? ` ${waivedAt(waived)}.` : accepted ? ' Accepted with a newer one.' : '';
      return `\`${id}\` ${verdict}, ${when}: ${found}.${said} Since then: ${later ? verdictOf(later) : 'open'}`;
    }),
    ...report.windows.flatMap(({ id, firstIssue }) => (firstIssue ? [`\`${id}\` while watched: ${firstIssue}`] : [])),
  ];
}

/** An incident in words, and whether it ended well. */
export interface IncidentTold {
  id: string;
  level: string;
  target: string;
  trigger: string;
  result: string;
  recovered: boolean;
  actions: string[];
  cause: string;
  prevention: string;
}

export function incidentsTold({ incidents }: Report): IncidentTold[] {
  return incidents.map(
    ({ id, level, target, trigger, startedAt, endedAt, limitMs, withinLimit, result, accepted, ...rest }) => ({
      id,
      level: String(level),
      target: target ?? 'the week',
      trigger: `${utc(startedAt)}, ${trigger.automatic ? 'automatic' : trigger.by}: ${trigger.reason}`,
      result: `${tookText({ result, startedAt, endedAt, limitMs, withinLimit })}${accepted ? `. ${waivedAt(accepted)}` : ''}`,
      recovered: endedWell({ result }) && withinLimit,
      actions: rest.actions.map(
        ({ what, machine, result: came, ms }) => `${what} on ${machine} (${humanDuration(ms)}): ${came}`,
      ),
      cause: rest.cause ?? 'to be filled in',
      prevention: rest.prevention ?? 'to be filled in',
    }),
  );
}

/** The way back as rehearsed, and as gone. */
export function wayBack({ rollback: { rehearsal, newest } }: Report): string[] {
  const times = (
    [
      ['rollbackMs', 'back'],
      ['verifyMs', 'until verified'],
      ['migrateMs', 'forth'],
    ] as const
  ).flatMap(([key, what]) =>
    typeof rehearsal?.[key] === 'number' ? [`${humanDuration(rehearsal[key])} ${what}`] : [],
  );
  const took = newest?.verifiedAt
    ? ` in ${humanDuration(newest.verifiedAt - newest.startedAt)}, with a look at the result`
    : '';
  return [
    rehearsal ? `Rehearsed with the first pilot: ${times.join(', ') || 'not timed'}.` : 'Not rehearsed yet.',
    newest
      ? `Rolled back (${newest.scope === 'all' ? 'everything' : Object.values(newest.scope).join()})${took}: ${newest.reason}`
      : 'Nothing was rolled back.',
  ];
}

/** What became of each change that was to be undone. */
export function undone(report: Report): Table {
  const { undone: entries, rollback } = report;
  return {
    heading: ['machine', 'change', 'of', 'result', 'why'],
    rows: rollback.newest
      ? entries.map((entry) => [
          entry.machine,
          `${entry.kind} ${entry.target}`,
          `\`${entry.step}\``,
          becameOf(report, entry),
          entry.detail ?? '',
        ])
      : [],
  };
}

/** What a person has accepted with its row stays as it is. */
function becameOf({ rollback, requirements }: Report, entry: Report['undone'][number]): string {
  const waivedOf = (row: string) => requirements.find(({ id }) => id === row)?.waived;
  const accepted = acceptedBy(entry, { rollback: rollback.newest ?? undefined, waivedOf });
  return accepted ? `${entry.result}, accepted: stays there` : entry.result;
}

/** What was undone and done in emergencies, as far as it was. */
export function wayBackRows({ requirements }: Report): Requirement[] {
  return requirements.filter(({ kind, verdict }) => (kind === 'undo' || kind === 'emergency') && verdict !== 'open');
}

export function risks(report: Report): string[] {
  return [
    ...workOf(report).flatMap(({ toldAs, summary: found }) => (toldAs === 'risk' && found ? [found] : [])),
    ...workOf(report).flatMap(({ id, waived }) =>
      waived ? [`\`${id}\` was ${waived.as ?? 'waived'} and is not known to hold`] : [],
    ),
    ...(report.warnings ?? []),
    ...todos(report),
    ...report.undone.flatMap((entry) =>
      entry.result === 'left' || entry.result === 'failed'
        ? [`${entry.machine}: ${entry.kind} ${entry.target} ${becameOf(report, entry)}: ${entry.detail ?? ''}`]
        : [],
    ),
  ];
}

/** What a long week has moved to a file, by the `kind` of its lines there; null in a week that is not that long. */
export function moved({ older }: Report): { where: string; counts: string[] } | null {
  if (!older) return null;
  const undone = Object.values(older.undone).reduce((sum, count) => sum + count, 0);
  const counts: [kind: string, what: string, count: number][] = [
    ['history', 'records of what was undone or done again', older.history],
    ['undone', 'ledger entries that were undone', undone],
    ['incidents', 'incidents that were over', older.incidents],
    ['decisions', 'past decisions', older.decisions],
  ];
  return {
    where: `The oldest of this week is not repeated here. It is in \`${older.file}\` on the machine of the control worker, JSON, a line each:`,
    counts: counts.flatMap(([kind, what, count]) => (count > 0 ? [`\`${kind}\`, ${what}: ${count}`] : [])),
  };
}

/** Who decided what, in what sight, the past ones first. */
export function decisions({ decisions: past, approvals, evidence }: Report): Table {
  const current = approvals.map((said) => ({
    ...said,
    recommendation: said.evidence === evidence?.digest ? evidence.recommendation : null,
  }));
  return {
    heading: ['who', 'when', 'decision', 'confidence', 'saw', 'why'],
    rows: [...past, ...current].map(
      ({
        by,
        from,
        at,
        decision: said,
        then,
        override,
        confidencePercent,
        evidence: digest,
        recommendation,
        reason,
      }) => [
        `${by} (${from})`,
        utc(at),
        `${said.toUpperCase()}${then ? `, then ${then}` : ''}${override ? ', override: against the recommendation' : ''}`,
        `${confidencePercent} %`,
        `\`${digest.slice(0, 12)}\`${recommendation ? `, which speaks for ${recommendation.toUpperCase()}` : ''}`,
        reason,
      ],
    ),
  };
}

/** The levels with what became of their newest notices. */
export function channelRows({ requirements }: Report): Requirement[] {
  return requirements.filter(({ kind }) => kind === 'comms');
}

/** Who was told of a level 3. Reports of earlier builds say nothing of it. */
export function levelThree({ levelThreeTold = [] }: Partial<Pick<Report, 'levelThreeTold'>>): Table {
  return {
    heading: ['who', 'over', 'when', 'told', 'result'],
    rows: levelThreeTold.map(({ channel, over, at, notice, result, detail }) => [
      channel,
      over,
      utc(at),
      notice,
      result === 'sent' ? result : `${result}${detail ? `: ${detail}` : ''}`,
    ]),
  };
}

/** Each channel on which notices failed: how many, the newest of them, and whether it works again. */
export function deadChannels({ told }: Report): string[] {
  const failed = told.filter(({ result }) => result === 'failed');
  return [...new Set(failed.map(({ channel }) => channel))].map((channel) => {
    const all = told.filter((sent) => sent.channel === channel);
    const newest = all.findLast(({ result }) => result === 'failed')!;
    const since = all.findLast(({ result, at }) => result === 'sent' && at > newest.at);
    return `${channel}: ${failed.filter((sent) => sent.channel === channel).length} of ${all.length} notices failed, the newest (${newest.kind}) ${utc(newest.at)}: ${newest.detail}. ${since ? `Works again since ${utc(since.at)}` : 'Nothing got through since then'}`;
  });
}

/** Who has looked after what people were called for. */
export function answers({ acknowledged = [] }: Report): string[] {
  return acknowledged.map(({ about, by, from, at }) => `${about}: answered by ${by} (${from}), ${utc(at)}`);
}

export function rowsOf(report: Report, task: string): Requirement[] {
  return foundOf(report).filter((row) => row.task === task);
}

function pilotRows(report: Report, pilot: string): Requirement[] {
  return foundOf(report).filter(({ agent }) => agent === pilot);
}

/** What was undone tells what had been found of it. */
export function foundOf(report: Report): Requirement[] {
  return workOf(report).map(asFound);
}

function migrationOf(rows: Requirement[]): string {
  if (holds(rows)) return 'migrated';
  if (rows.length > 0 && rows.every(({ before, verdict }) => before && verdict === 'pass'))
    return 'migrated, undone since';
  return rows.some(({ verdict }) => verdict === 'fail') ? 'failed' : `open (${counted(rows)})`;
}

export function counted(rows: Requirement[]): string {
  const undone = rows.filter((row) => row.before).length;
  const since = undone === 0 ? '' : undone === rows.length ? ', undone since' : `, ${undone} undone since`;
  return `${rows.filter(({ verdict }) => verdict === 'pass').length} of ${rows.length} passed${since}`;
}

/** Who took it as it was found, when and why. */
function waivedAt(waived: Waived): string {
  const { by, at, reason, as = 'waived' } = waived;
  return `${as[0]!.toUpperCase()}${as.slice(1)} by ${by}, ${utc(at)}: ${reason}`;
}

/** What was found of a row, and who took it as it was. */
export function foundText({ summary: found, text, waived }: Requirement): string {
  return [found ?? text, ...(waived ? [waivedAt(waived)] : [])].join('. ');
}

export function verdictOf({ verdict, waived, before: undone }: Requirement): string {
  return [verdict, ...(waived ? [waived.as ?? 'waived'] : []), ...(undone ? ['undone since'] : [])].join(', ');
}

/** The day once where it is the same. */
export function between(from: number, to: number): string {
  const [start, end] = [utc(from).replace(' UTC', ''), utc(to)];
  return `${start} to ${start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end}`;
}
