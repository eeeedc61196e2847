// Rows of the report's own parts: whether all that they tell is known.
import { gateRows } from '../../evidence/gate.ts';
import { pilotsOf } from '../../schema/plan.ts';
import { looksFirst } from '../../tasks/steps.ts';
import { findingsSoFar, incidentsSoFar } from '../../week/older.ts';
import type { Evidence, Evaluation } from '../../week/record.ts';
import { endedStatuses, type WeekState } from '../../week/state.ts';
import { requirement, type Requirement } from './requirement.ts';

/** What is no part of the evidence. */
const ofPeople = ['go.confidence', 'go.incidents'];
/** What must hold for a GO. */
const goRows = [...gateRows.map(({ id }) => id), ...ofPeople];

/** The three parts of the completion report (`report.summary`, `report.details`, `report.week-2`): whether all that they tell is known. */
export function reportRows(
  state: WeekState,
  work: Requirement[],
  decisions: Requirement[],
  now: number,
): Requirement[] {
  const { plan, status, startedAt, approvals, evidence } = state;
  const row = (id: string, text: string, evaluated: Evaluation) =>
    requirement(
      { id, kind: 'report', task: 'report', text },
      { id, machine: '', startedAt, endedAt: now, attempts: 1, ...evaluated },
    );
  const known = (of: Requirement[]) =>
    of.filter(({ verdict, before }) => verdict !== 'open' || (state.stood && before)).length;
  const complete = (rows: Requirement[], say: string, counts: Evidence): Evaluation => ({
    verdict: known(rows) === rows.length ? 'pass' : 'inconclusive',
    summary: say,
    evidence: { known: known(rows), of: rows.length, ...counts },
  });
  const ended = endedStatuses.includes(status);
  const [measured, details] = [
    work.filter(({ toldAs }) => toldAs === 'impact'),
    work.filter(({ task }) => !looksFirst.some((name) => name === task)),
  ];
  const incidents = incidentsSoFar(state);
  const issues =
    work.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive').length + findingsSoFar(state);
  const summary = complete(
    [...work, ...measured],
    `${status}: ${known(details)} of ${details.length} rows of the tasks, ${pilotsOf(plan).length} pilots, impact measured in ${known(measured)} of ${measured.length} rows`,
    {},
  );
  return [
    row(
      'report.summary',
      'completion date, overall status, infrastructure, pilots, performance impact, readiness',
      ended ? summary : { ...summary, verdict: 'inconclusive', summary: `not ended yet, ${summary.summary}` },
    ),
    row(
      'report.details',
      'EdgeHub, NATS, Pushgateways, each pilot, performance, issues with what became of them',
      complete(
        details,
        `${known(details)} of ${details.length} rows in detail, ${issues} issues, ${incidents} incidents`,
        { issues, incidents },
      ),
    ),
    row(
      'report.week-2',
      'prerequisites, risks, readiness of the team, recommendation',
      evidence && approvals.length > 0
        ? complete(
            // Evidence of before lacks what is newer.
            decisions.filter(({ id }) => goRows.includes(id) && (ofPeople.includes(id) || id in evidence.go)),
            `${evidence.recommendation.toUpperCase()} recommended; ${approvals.length} decided, ${approvals.map(({ decision, confidencePercent }) => `${decision} ${confidencePercent} %`).join(', ')}`,
            { recommendation: evidence.recommendation, approvals: approvals.length },
          )
        : {
            verdict: 'inconclusive',
            summary: evidence ? 'nobody has decided yet' : 'the gate has not opened yet',
            evidence: { approvals: approvals.length },
          },
    ),
  ];
}
