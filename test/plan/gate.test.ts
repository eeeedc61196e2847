// The evidence: what speaks for and against a GO, and a digest that changes with what it is about.
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../plan/incident.ts';
import { confidence, freeze, type Executable } from '../../plan/gate.ts';
import { nothingMeasured, type Histogram } from '../../plan/measure.ts';
import { pilotsOf } from '../../plan/plan.ts';
import type { WeekState } from '../../plan/state.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../client/fixtures.ts';

const entries: Executable = [{ machine: 'PC2', entry: 1, step: '2A.deploy.container', kind: 'container.remove', target: 'edgehub', result: 'undone', ms: 0 }];
const fast: Histogram = { encoded: '', count: 500, p50: 1, p95: 2, p99: 3, max: 4 };
const usage = { cpuPercent: 1, memoryBytes: 1e6 };

/** A week with everything measured and passed. */
function good(change: Partial<WeekState> = {}): WeekState {
  const state = weekAfter(wholeWeek, change);
  state.records['2D.failover.stop'] = record('2D.failover.stop', { evidence: { 'resource_manager ms': 900 } });
  state.records['2D.rollback-rehearsal'] = record('2D.rollback-rehearsal', { evidence: { rollbackMs: 1_400 } });
  const names = [...plan.services, ...pilotsOf(plan)].map(({ name }) => name);
  const targets = Object.fromEntries(names.map((name) => [name, { since: 1, down: [] }]));
  const one = { ...nothingMeasured(), seen: [[1, 2_000 * plan.watch.sampleInterval]] as [number, number][], targets, responses: { edgehub: fast }, cpu: { count: 10, mean: 1, m2: 0.1 }, memory: { count: 10, mean: 1, m2: 0.1 } };
  const delivery = { sent: [[1, 500]] as [number, number][], answered: [[1, 500]] as [number, number][], unheard: [], lostAt: [], latency: fast };
  const impact = { programs: { a: usage }, machine: { cores: 2, memoryBytes: 1e9, memoryPercent: 10 } };
  return { ...state, measured: { MainPC: { ...one, messages: { PC2: delivery } }, PC2: { ...one, messages: { MainPC: delivery } } }, facts: { baseline: { MainPC: impact, PC2: impact } }, ...change };
}

const incident = (change: Partial<Incident>): Incident => ({ id: 'incident-1', level: 1, target: 'nats-pc2', trigger: { automatic: true, by: 'the plan', from: '', reason: '' }, startedAt: began, endedAt: began + 1, limitMs: 120_000, withinLimit: true, result: 'recovered', actions: [], cause: null, prevention: null, ...change });

describe('the recommendation', () => {
  it('is GO when every criterion holds', () => {
    const { recommendation, go, noGo, reasons } = freeze(good(), entries, began);
    expect(Object.values(go).filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(noGo.verdict).toBe('pass');
    expect({ recommendation, reasons }).toEqual({ recommendation: 'go', reasons: ['all 6 criteria hold'] });
  });

  const lost = (state: WeekState) => (state.measured['PC2'] = { ...state.measured['PC2']!, messages: { MainPC: { ...state.measured['PC2']!.messages['MainPC']!, lostAt: Array.from({ length: 20 }, (_, index) => index) } } });
  const against: [what: string, breaks: (state: WeekState) => unknown, executable: Executable, reason: RegExp][] = [
    ['a message held back', lost, entries, /nogo\.criteria: data loss: 980 of 1000 messages delivered/],
    ['a slow hub', ({ measured }) => (measured['PC2']!.responses['edgehub'] = { ...fast, p95: 250 }), entries, /go\.performance: kpi\.hub-response: 95 % within 250 ms of edgehub/],
    ['an agent that was down', ({ measured }) => (measured['PC2']!.targets['resource_manager'] = { since: 1, down: [[1, 100 * plan.watch.sampleInterval]] }), entries, /nogo\.criteria: agent instability: resource_manager 95 %/],
    ['a slow failover', ({ records }) => (records['2D.failover.stop']!.evidence = { 'resource_manager ms': 6_000 }), entries, /failover over 5000 ms/],
    ['a failed row', ({ records }) => (records['2C.latency']!.verdict = 'fail'), entries, /go\.criteria-met: steps: 1 rows are no pass: 2C\.latency/],
    ['a waived row', ({ records }) => (records['2C.latency']!.waived = { by: 'Bob', reason: 'known', at: began }), entries, /2C\.latency/],
    ['a pilot that was not stable', ({ records }) => (records['2D.deploy.resource_manager.observation']!.verdict = 'fail'), entries, /go\.pilots-stable: not stable: 2D\.deploy\.resource_manager\.observation/],
    ['an incident that was not mended', (state) => state.incidents.push(incident({ result: 'failed' })), entries, /go\.no-critical-failure: incident-1: level 1 of nats-pc2, failed/],
    ['no rehearsed rollback', ({ records }) => delete records['2D.rollback-rehearsal'], entries, /go\.rollback-confirmed: the rollback was not rehearsed/],
    ['a ledger entry that can not be undone', () => undefined, [{ ...entries[0]!, result: 'failed' }], /go\.rollback-confirmed: PC2: container\.remove edgehub would be failed/],
    ['an empty ledger', () => undefined, [], /the ledgers have nothing to undo/],
  ];
  it.each(against)('is NO-GO with %s, and says why', (_what, breaks, executable, reason) => {
    const state = good();
    breaks(state);
    const { recommendation, reasons } = freeze(state, executable, began);
    expect(recommendation).toBe('no-go');
    expect(reasons.join('\n')).toMatch(reason);
  });

  it('takes a mended incident as no reason against it', () => {
    expect(freeze(good({ incidents: [incident({})] }), entries, began).recommendation).toBe('go');
  });

  it('is NO-GO with what is not known, but in a rehearsal, which names it', () => {
    const short = (rehearsal: number | null) => {
      const state = good({ rehearsal });
      for (const measured of Object.values(state.measured)) measured.seen = [[1, 100 * plan.watch.sampleInterval]];
      return freeze(state, entries, began);
    };
    expect(short(null)).toMatchObject({ recommendation: 'no-go', reasons: [expect.stringContaining('99.9 % needs 1000')] });
    expect(short(10_000)).toMatchObject({ recommendation: 'go', reasons: ['all 6 criteria hold, as far as a rehearsal can tell', expect.stringContaining('99.9 % needs 1000')] });
  });
});

describe('the digest', () => {
  it('is the same for the same evidence, whenever it is looked at', () => {
    expect(freeze(good(), entries, began).digest).toBe(freeze(good(), entries, began + 5_000).digest);
    expect(freeze(good(), entries, began).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with a record, an incident and the plan', () => {
    const changed = [good(), good(), good({ planDigest: 'other' }), good()];
    changed[1]!.records['2C.latency']!.summary = 'something else';
    changed[3]!.incidents.push(incident({}));
    expect(new Set(changed.map((state) => freeze(state, entries, began).digest)).size).toBe(4);
  });
});

describe('confidence', () => {
  it('is the mean of those who decide, and must be above the limit', () => {
    expect(confidence([], 90).verdict).toBe('inconclusive');
    expect(confidence([85, 97], 90)).toMatchObject({ verdict: 'pass', summary: 'mean 91 % of 2, above 90 %' });
    expect(confidence([90], 90)).toMatchObject({ verdict: 'fail' });
  });
});
