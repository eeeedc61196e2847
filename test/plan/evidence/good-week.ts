// A week in which everything was measured and passed, and an incident.
import { kpis } from '../../../plan/evidence/kpis.ts';
import { type Histogram, nothingMeasured } from '../../../plan/evidence/measured.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { trialsOf } from '../../../plan/tasks/pilots/trials.ts';
import { stepsOf, undoRows } from '../../../plan/tasks/steps.ts';
import type { Impact } from '../../../plan/machine-api/measure.ts';
import type { Incident } from '../../../plan/week/incident.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../../client/fixtures.ts';

export const fast: Histogram = { encoded: '', count: 500, p50: 1, p95: 2, p99: 3, max: 4 };
const usage = { cpuPercent: 1, memoryBytes: 1e6 };

export function good(change: Partial<WeekState> = {}): WeekState {
  const state = weekAfter(wholeWeek, change);
  state.records['2D.failover.stop'] = record('2D.failover.stop', {
    evidence: { 'resource_manager ms': [900, 700], slowestMs: 900, failovers: 2 },
  });
  state.records['2D.rollback-rehearsal'] = record('2D.rollback-rehearsal', {
    evidence: { rollbackMs: 1_400, verifyMs: 95, migrateMs: 2_000 },
  });
  const names = [...plan.services, ...pilotsOf(plan)].map(({ name }) => name);
  const targets = Object.fromEntries(names.map((name) => [name, { since: 1, down: [] }]));
  const one = {
    ...nothingMeasured(),
    seen: [[1, 2_000 * plan.watch.sampleInterval]] as [number, number][],
    targets,
    responses: { edgehub: fast },
    cpu: { count: 10, mean: 1, m2: 0.1 },
    memory: { count: 10, mean: 1, m2: 0.1 },
    network: { count: 10, mean: 1, m2: 0.1 },
  };
  const delivery = {
    sent: [[1, 500]] as [number, number][],
    answered: [[1, 500]] as [number, number][],
    unheard: [],
    lostAt: [],
    latency: fast,
  };
  const impact: Impact = {
    at: 0,
    durationMs: 1,
    responseMs: {},
    containers: {},
    programs: { a: usage },
    machine: { cores: 2, cpuPercent: 0, memoryBytes: 1e9, memoryPercent: 10, receivedBytesPerS: 0, sentBytesPerS: 0 },
  };
  return {
    ...state,
    measured: { MainPC: { ...one, messages: { PC2: delivery } }, PC2: { ...one, messages: { MainPC: delivery } } },
    facts: { baseline: { MainPC: impact, PC2: impact } },
    ...change,
  };
}

export const incident = (change: Partial<Incident>): Incident => ({
  id: 'incident-1',
  level: 1,
  target: 'nats-pc2',
  trigger: { automatic: true, by: 'the plan', from: '', reason: '' },
  startedAt: began,
  endedAt: began + 1,
  limitMs: 120_000,
  withinLimit: true,
  result: 'recovered',
  actions: [],
  cause: null,
  prevention: null,
  ...change,
});

/** So many points of every KPI, ten minutes apart. */
export const coursesOf = (points: number): WeekState['series'] =>
  Array.from({ length: points }, (_, index) => ({
    at: began + index * 600_000,
    values: Object.fromEntries(kpis.map(({ id }, which) => [id, 90 + which + Math.sin(index / 5)])),
  }));

/** A rehearsal with all that a week can have to tell: long summaries, every trial, a NO-GO before, dead channels, incidents, everything undone once, and more of it in a file. */
export function fullWeek(): WeekState {
  const rehearsed = { ...plan, faults: { ...plan.faults, trials: { stop: 3, kill: 1, hang: 1, blackhole: 1 } } };
  const long = (id: string) =>
    `${id} is as the plan has it on MainPC and PC2, looked at from both machines, 3 of 3 agents well, slowest answer 128 ms`
      .padEnd(120, '.')
      .slice(0, 120);
  const state = good({ plan: rehearsed, rehearsal: 10_000 });
  for (const { id } of [...stepsOf(rehearsed), ...undoRows(['2A', '2B', '2C', '2D'])])
    state.records[id] = { ...(state.records[id] ?? record(id)), machine: 'MainPC, PC2', summary: long(id) };
  for (const { id } of trialsOf(rehearsed))
    state.records[id]!.evidence = {
      'resource_manager ms': [1_519, 500],
      'observability_hub ms': [1_514, 720],
      'unified_utils_agent ms': [1_503, 498],
      slowestMs: 1_519,
      failovers: 6,
      returnedMs: 282,
      acknowledged: 63,
      lost: 0,
      recovered: 0,
      duplicates: 0,
    };
  const said = {
    confidencePercent: 95,
    reason: 'the soak was disturbed by a switch that was replaced since',
    by: 'Ada',
    from: 'ada@desk',
    at: began + 5_000,
    evidence: 'feed0123456789abcdef',
  };
  const failed = {
    notice: 'n',
    kind: 'level-1',
    channel: 'ops-alerts',
    result: 'failed',
    detail: 'HTTP 404 from hooks.example',
    at: began + 4_000,
  } as const;
  const actions = ['what is down', 'restart nats-pc2', 'look at nats-pc2', 'look at everything'].map((what) => ({
    what,
    machine: 'PC2',
    result: long(what),
    ms: 800,
  }));
  return {
    ...state,
    series: coursesOf(60),
    decisions: [{ ...said, decision: 'no-go', then: 'extend', recommendation: 'no-go' }],
    told: [failed, { ...failed, channel: 'dashboard', result: 'sent', detail: '' }],
    incidents: [
      incident({ actions }),
      incident({
        id: 'incident-2',
        level: 2,
        target: 'resource_manager',
        startedAt: began + 90_000,
        endedAt: began + 94_000,
        actions,
      }),
    ],
    history: ['2A.deploy.healthy', '2D.soak'].map((id) =>
      record(id, { verdict: 'fail', summary: long(id), endedAt: began + 60_000, times: 3 }),
    ),
    older: {
      file: `/var/lib/hubshift-reports/${state.run}.older.jsonl`,
      history: 240,
      incidents: 1,
      decisions: 2,
      undone: { undone: 410 },
      disturbed: {},
    },
    windows: Object.fromEntries(
      ['2D.deploy.observability_hub.log-watch', '2D.deploy.observability_hub.observation', '2D.soak'].map((id) => [
        id,
        {
          creditMs: 30_000,
          samples: 100,
          failed: 1,
          longestGapMs: 900,
          restarts: 1,
          startedAt: began,
          firstIssue: long(id),
        },
      ]),
    ),
    undone: [
      {
        machine: 'PC2',
        entry: 3,
        step: '2D.backup',
        kind: 'file.restore',
        target: '/x.yaml',
        result: 'left',
        detail: 'someone changed it',
        ms: 4,
      },
    ],
  };
}
