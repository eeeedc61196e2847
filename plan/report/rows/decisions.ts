// Rows of KPIs and of the gate.
import { confidence, surest } from '../../evidence/approvals.ts';
import { gateRows, kpisNow } from '../../evidence/gate.ts';
import { kpis } from '../../evidence/kpis.ts';
import { inconclusive, pass } from '../../tasks/shared/verdict.ts';
import type { Evaluation } from '../../week/record.ts';
import type { WeekState } from '../../week/state.ts';
import { asksForCauses, unexplainedLines } from '../../week/unexplained.ts';
import { requirement, type Requirement } from './requirement.ts';

/** KPIs as frozen, or as they stand; the criteria of the gate once it has opened. */
export function decisionRows(state: WeekState, now: number): Requirement[] {
  const { evidence, startedAt, approvals, plan } = state;
  const row = (kind: 'kpi' | 'gate', id: string, text: string, evaluated: Evaluation | undefined) =>
    requirement(
      { id, kind, task: kind, text },
      evaluated && { id, machine: '', startedAt, endedAt: evidence?.at ?? now, attempts: 1, ...evaluated },
    );
  const found = evidence?.kpis ?? state.stood?.kpis ?? kpisNow(state);
  const said = [...state.decisions, ...approvals];
  const noGo = said.findLast(({ decision }) => decision === 'no-go');
  const sure = confidence(surest(state), plan.gate.confidenceAbovePercent);
  return [
    ...kpis.map(({ id, text }) => row('kpi', id, text, found[id])),
    ...gateRows.map(({ id, text }) => row('gate', id, text, evidence?.go[id])),
    row('gate', 'go.confidence', 'the people who decide are sure enough', approvals.length > 0 ? sure : undefined),
    ...(asksForCauses(plan)
      ? [
          row(
            'gate',
            'go.incidents',
            'cause and prevention of each incident are on record',
            evidence && explained(state),
          ),
        ]
      : []),
    row('gate', 'nogo.criteria', 'no NO-GO criterion holds', evidence?.noGo),
    row(
      'gate',
      'nogo.decision',
      'a NO-GO extends the week or undoes it',
      noGo
        ? {
            verdict: 'pass',
            summary: `NO-GO by ${noGo.by}, then ${noGo.then}: ${noGo.reason}`,
            evidence: { by: noGo.by, then: noGo.then ?? '' },
          }
        : said.length > 0
          ? inconclusive('nobody said NO-GO in this run', {
              decisions: said.length + (state.older?.decisions ?? 0),
              noGos: 0,
            })
          : undefined,
    ),
  ];
}

/** Whether people have said of every incident why it was, and what prevents the next. */
function explained(state: Pick<WeekState, 'plan' | 'incidents'>): Evaluation {
  const { length } = state.incidents;
  const open = unexplainedLines(state);
  const evidence = { incidents: length, open: open.length };
  if (open.length > 0) return inconclusive(open.join('; '), evidence);
  return pass(length === 0 ? 'no incident' : `${length} incidents, each with cause and prevention`, evidence);
}
