// What was found in a week stays found: attempts that failed, also where the row has passed since, and emergencies that did not end well. Pure.
import { beginOf } from '../week/cut-text.ts';
import { acceptableAt, type FindingKind } from '../schema/gate.ts';
import type { Plan } from '../schema/plan.ts';
import type { StepInfo } from '../tasks/row.ts';
import { looksFirst, rowOf, stepOf } from '../tasks/steps.ts';
import { digestOf } from '../week/digest.ts';
import { findingIn } from '../week/finding.ts';
import { endedWell, type Incident } from '../week/incident.ts';
import type { StepRecord, Waived } from '../week/record.ts';
import type { WeekState } from '../week/state.ts';

type Known = Pick<WeekState, 'plan' | 'records' | 'history' | 'incidents'>;

/** What was found of a row or an incident, as often as it was. */
export interface Finding {
  /** Its row, or the incident. */
  id: string;
  kind: FindingKind;
  /** Of the newest. */
  summary: string;
  /** Unix milliseconds. */
  at: number;
  times: number;
  /** Of all of it: one more is another. */
  digest: string;
  /** Who takes all of it as it is. */
  accepted?: Waived;
  /** It is an incident, or stands in the row's own record; else the row was done again since. */
  stands: boolean;
}

/** The oldest first. */
export function findingsOf(state: Known): Finding[] {
  const { plan, records, incidents } = state;
  const found = new Map<string, { row: StepInfo; stands: boolean; all: StepRecord[] }>();
  const add = (record: StepRecord, stands: boolean) => {
    const row = rowOf(plan, record.id);
    if (!row) return;
    const key = `${row.id} ${kindIn(row, record)} ${stands}`;
    const known = found.get(key);
    if (known) known.all.push(record);
    else found.set(key, { row, stands, all: [record] });
  };
  for (const record of pastIn(state)) add(record, false);
  // What a rollback leaves holds up its end; once the week has gone on since, it is of the past.
  const standing = Object.values(records).filter((record) => standsOut(record) && stepOf(plan, record.id));
  for (const record of standing) add(record, true);
  return [
    ...[...found.values()].map(({ row, stands, all }) => ofRow(row, stands, all)),
    ...incidents.filter(isFound).map(ofIncident),
  ].sort((a, b) => a.at - b.at);
}

/** A person has accepted it, and the plan lets a GO stand on that. */
export function isAllowed({ gate }: Plan, { accepted, kind }: Pick<Finding, 'accepted' | 'kind'>): boolean {
  return accepted !== undefined && acceptableAt(gate).includes(kind);
}

/** Whether some of it is no ground for a GO, also when it is accepted. */
export function speaksAgainst(state: Known, id: string): boolean {
  const acceptable = acceptableAt(state.plan.gate);
  if (state.records[id]?.verdict === 'inconclusive' && !acceptable.includes('unknown')) return true;
  return findingsOf(state).some((one) => one.id === id && !acceptable.includes(one.kind));
}

/** One line. */
export function findingText({ id, kind, summary, times, accepted }: Finding): string {
  const often = times > 1 ? `, ${times} times` : '';
  const said = accepted ? `accepted by ${accepted.by}: ${accepted.reason}` : 'not accepted';
  return `${id}: ${kind}${often}: ${summary} (${said})`;
}

/** For a line with others. */
export function inShort({ id, kind, summary }: Finding): string {
  return `${id}: ${kind}: ${beginOf(summary, 150)}`;
}

/** Attempts at rows that failed, and were made again: what only looks before the week begins is mended before it. */
export function pastIn({ plan, history }: Pick<Known, 'plan' | 'history'>): StepRecord[] {
  return history.filter(({ id, verdict }) => {
    const row = rowOf(plan, id);
    return verdict === 'fail' && row !== undefined && !looksFirst.includes(row.task);
  });
}

/** What of a row is of the past, or of an incident, and nobody has accepted yet. */
export function openPast(state: Known, id: string): (StepRecord | Incident)[] {
  return [
    ...pastIn(state).filter((record) => record.id === id && !isAccepted(record)),
    ...state.incidents.filter((one) => one.id === id && isFound(one) && !one.accepted),
  ];
}

/** The digest of all that a person who accepts this would take: of the row's record alone where nothing is of the past. */
export function foundIn(state: Known, id: string): string {
  const past = openPast(state, id);
  const now = findingIn(state.records[id]);
  return past.length === 0 ? now : digestOf([now, ...past.map(digestIn)]).slice(0, 16);
}

/** A line for each of them that differs. */
export function foundLines(state: Known, id: string): string[] {
  const record = state.records[id];
  const times = new Map<string, number>();
  for (const one of openPast(state, id)) {
    const said = 'level' in one ? ofIncident(one).summary : `before: ${one.summary}`;
    times.set(said, (times.get(said) ?? 0) + timesOf(one));
  }
  const past = [...times].map(([said, count]) => (count > 1 ? `${said} (${count} times)` : said));
  return [...past, ...(record && record.verdict !== 'pass' ? [record.summary] : [])];
}

/** Of what is accepted together, that which says by whom and why: each incident, and the newest attempt of each kind. */
export function speaking(plan: Plan, past: (StepRecord | Incident)[]): Set<StepRecord | Incident> {
  return new Set(
    new Map(
      past.map((one) => {
        const row = rowOf(plan, one.id);
        return ['level' in one || !row ? one : kindIn(row, one), one];
      }),
    ).values(),
  );
}

/** By what repeats of a record are the same: the row, its verdict, as what that is found, and whether a person accepted it. */
export function samenessOf(rows: readonly StepInfo[]): (record: StepRecord) => unknown[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  return (record) => {
    const { id, verdict } = record;
    const row = known.get(id);
    return [id, verdict, row && verdict !== 'pass' ? kindIn(row, record) : null, isAccepted(record)];
  };
}

/** What is not known speaks for itself until a person accepts it. */
function standsOut({ verdict, waived }: StepRecord): boolean {
  return verdict === 'fail' || (verdict === 'inconclusive' && waived?.as === 'accepted');
}

function isAccepted({ waived, accepted }: StepRecord): boolean {
  return accepted === true || waived?.as === 'accepted';
}

/** A level 3 is one whatever came of it. */
function isFound(incident: Incident): boolean {
  return incident.level === 3 || !endedWell(incident);
}

function kindIn(row: StepInfo, { verdict, evidence }: StepRecord): FindingKind {
  if (verdict === 'inconclusive') return 'unknown';
  if (isLoss(row, evidence)) return 'data-loss';
  if (row.timesFailover !== undefined && 'slowestMs' in evidence) return 'failover';
  if (row.rehearsesRollback || row.kind === 'undo') return 'rollback';
  return row.ofAgent === undefined && !row.ofAllPilots ? 'attempt' : 'agent';
}

/** What failed before it had compared anything has no figures; what compared and missed nothing failed for something else. */
export function isLoss({ judgesLoss }: StepInfo, evidence: StepRecord['evidence']): boolean {
  if ('lost' in evidence) return Number(evidence['lost']) > 0;
  return judgesLoss === true && Object.keys(evidence).length > 0;
}

function ofRow(row: StepInfo, stands: boolean, all: StepRecord[]): Finding {
  const newest = all.reduce((one, other) => (other.endedAt > one.endedAt ? other : one));
  return {
    id: row.id,
    kind: kindIn(row, newest),
    summary: newest.summary,
    at: newest.endedAt,
    times: all.reduce((sum, { times = 1 }) => sum + times, 0),
    digest: digestOf(all.map(findingIn)).slice(0, 16),
    ...(all.every(isAccepted) && { accepted: newest.waived }),
    stands,
  };
}

function ofIncident(incident: Incident): Finding {
  const { id, level, target, result, endedAt, accepted } = incident;
  return {
    id,
    kind: level === 1 ? 'component' : level === 2 ? 'agent' : 'rollback',
    summary: `level ${level} of ${target ?? 'the week'}, ${result}`,
    at: endedAt,
    times: 1,
    digest: digestIn(incident),
    ...(accepted && { accepted }),
    stands: true,
  };
}

function digestIn(one: StepRecord | Incident): string {
  if ('level' in one) return digestOf([one.id, one.level, one.target, one.result]).slice(0, 16);
  // Those of a long week stand for attempts that are only counted here any more.
  const times = timesOf(one);
  return times > 1 ? digestOf([findingIn(one), times]).slice(0, 16) : findingIn(one);
}

function timesOf(one: StepRecord | Incident): number {
  return 'level' in one ? 1 : (one.times ?? 1);
}
