// A week in which everything was measured and passed, and an incident.
import type { Incident } from '../../plan/incident.ts';
import { nothingMeasured, type Histogram } from '../../plan/measure.ts';
import { pilotsOf } from '../../plan/plan.ts';
import type { WeekState } from '../../plan/state.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../client/fixtures.ts';

export const fast: Histogram = { encoded: '', count: 500, p50: 1, p95: 2, p99: 3, max: 4 };
const usage = { cpuPercent: 1, memoryBytes: 1e6 };

export function good(change: Partial<WeekState> = {}): WeekState {
  const state = weekAfter(wholeWeek, change);
  state.records['2D.failover.stop'] = record('2D.failover.stop', { evidence: { 'resource_manager ms': 900 } });
  state.records['2D.rollback-rehearsal'] = record('2D.rollback-rehearsal', { evidence: { rollbackMs: 1_400 } });
  const names = [...plan.services, ...pilotsOf(plan)].map(({ name }) => name);
  const targets = Object.fromEntries(names.map((name) => [name, { since: 1, down: [] }]));
  const one = { ...nothingMeasured(), seen: [[1, 2_000 * plan.watch.sampleInterval]] as [number, number][], targets, responses: { edgehub: fast }, cpu: { count: 10, mean: 1, m2: 0.1 }, memory: { count: 10, mean: 1, m2: 0.1 }, network: { count: 10, mean: 1, m2: 0.1 } };
  const delivery = { sent: [[1, 500]] as [number, number][], answered: [[1, 500]] as [number, number][], unheard: [], lostAt: [], latency: fast };
  const impact = { programs: { a: usage }, machine: { cores: 2, memoryBytes: 1e9, memoryPercent: 10 } };
  return { ...state, measured: { MainPC: { ...one, messages: { PC2: delivery } }, PC2: { ...one, messages: { MainPC: delivery } } }, facts: { baseline: { MainPC: impact, PC2: impact } }, ...change };
}

export const incident = (change: Partial<Incident>): Incident => ({ id: 'incident-1', level: 1, target: 'nats-pc2', trigger: { automatic: true, by: 'the plan', from: '', reason: '' }, startedAt: began, endedAt: began + 1, limitMs: 120_000, withinLimit: true, result: 'recovered', actions: [], cause: null, prevention: null, ...change });
