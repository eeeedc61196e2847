// For every judge of the week a sample that it must not pass, with the limits of the plan: fed to it before anything is trusted, and kept nowhere.
import { confidence } from '../evidence/approvals.ts';
import type { KpiInput } from '../evidence/figures.ts';
import { freeze } from '../evidence/gate.ts';
import { type Histogram, type Measured, nothingMeasured } from '../evidence/measured.ts';
import { pilotsOf, type Plan } from '../schema/plan.ts';
import { incident } from '../week/incident.ts';
import { initialState } from '../week/initial-state.ts';
import type { Evaluation, StepRecord } from '../week/record.ts';
import { tasks } from './index.ts';
import { knownBadShared } from './shared/known-bad.ts';
import { inconclusive, unless } from './shared/verdict.ts';
import { stepsOf } from './steps.ts';

/** What each judge says of its sample. */
export function evaluateKnownBad(plan: Plan): Record<string, Evaluation> {
  return Object.assign(
    {},
    knownBadShared(plan),
    ...tasks.map(({ knownBad }) => knownBad(plan)),
    ofTheGate(plan),
  ) as Record<string, Evaluation>;
}

/** A judge that passes what is known to be bad is not to be trusted with what is not known. */
export function rejectsKnownBad(evaluated: Record<string, Evaluation>): Evaluation {
  const names = Object.keys(evaluated);
  if (names.length === 0) return inconclusive('no judge was tried');
  return unless(
    names
      .filter((name) => evaluated[name]!.verdict === 'pass')
      .map((name) => `${name} passes a sample that is known to be bad: ${evaluated[name]!.summary}`),
    `each of ${names.length} judges rejects a sample that is known to be bad`,
    { judges: names.length },
  );
}

/** The KPIs, and what the evidence says of the same week. */
function ofTheGate(plan: Plan): Record<string, Evaluation> {
  const week = {
    ...initialState({ plan, planDigest: '', run: '', startedBy: '', startedAt: 0, rehearsal: null }),
    ...badWeek(plan),
  };
  week.incidents = [
    incident(plan, 0, {
      level: 3,
      target: null,
      trigger: { automatic: true, by: '', from: '', reason: '' },
      startedAt: 0,
      endedAt: 1,
      result: 'failed',
      actions: [],
    }),
  ];
  const { kpis, go, noGo } = freeze(week, { executable: [], levelThree: { none: 'none' } }, 1);
  return { ...kpis, ...go, 'nogo.criteria': noGo, 'go.confidence': confidence([0], plan.gate.confidenceAbovePercent) };
}

/** A week in which everything was down from its first moment on, slow, lost and expensive. */
function badWeek(plan: Plan): KpiInput {
  const end = 10_000 * plan.watch.sampleInterval;
  const slow = (limit: number): Histogram => ({
    encoded: '',
    count: 1_000,
    p50: limit,
    p95: limit,
    p99: limit,
    max: limit,
  });
  const clusters = tasks.flatMap((task) => task.clusters?.(plan) ?? []).map(({ target }) => target);
  const downOf = (names: string[]): Measured['targets'] =>
    Object.fromEntries(names.map((name) => [name, { since: 1, down: [[1, end]] }]));
  const of = (name: string) =>
    [...plan.services, ...pilotsOf(plan)].filter((one) => one.machine === name).map((one) => one.name);
  const measured = (name: string): Measured => ({
    ...nothingMeasured(),
    samples: 10_000,
    seen: [[1, end]],
    targets: downOf([...of(name), ...clusters]),
    // It is the judges of these that are tried, not those of weeks of before.
    outside: [],
    responses: { hub: slow(plan.limits.hubResponse.limit) },
    messages: {
      other: {
        sent: [[1, 100]],
        answered: [[1, 50]],
        unheard: [],
        lostAt: Array.from({ length: 50 }, (_, index) => end - index),
        latency: slow(plan.limits.messageLatency.limit),
      },
    },
    cpu: { count: 100, mean: 2 * plan.limits.overheadPercent.limit, m2: 1 },
    memory: { count: 100, mean: 0, m2: 0 },
    network: { count: 100, mean: 0, m2: 0 },
  });
  const record = (id: string, evidence: StepRecord['evidence']): StepRecord => ({
    id,
    machine: '',
    verdict: 'fail',
    summary: '',
    evidence,
    startedAt: 0,
    endedAt: 0,
    attempts: 1,
  });
  const rows = stepsOf(plan);
  const late = { slowestMs: plan.limits.failover.limit, failovers: 1 };
  const records = Object.fromEntries(
    rows.flatMap(({ id, timesFailover, judgesLoss }) =>
      timesFailover || judgesLoss ? [[id, record(id, timesFailover ? late : { lost: 1 })] as const] : [],
    ),
  );
  const machines = plan.machines.map(({ name }) => name);
  return {
    plan,
    rows,
    records,
    history: [],
    measured: Object.fromEntries(machines.map((name) => [name, measured(name)])),
    before: Object.fromEntries(machines.map((name) => [name, { cpu: 0, memory: 0 }])),
  };
}
