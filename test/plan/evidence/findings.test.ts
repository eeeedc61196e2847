// What was found stays found: a GO does not rest on a failure that was done again until it passed, but where a person accepts it.
import { describe, expect, it } from 'vitest';
import { findingsOf, foundIn, foundLines } from '../../../plan/evidence/findings.ts';
import type { WayBack } from '../../../plan/evidence/frozen.ts';
import { freeze } from '../../../plan/evidence/gate.ts';
import type { FindingKind } from '../../../plan/schema/gate.ts';
import { findingIn } from '../../../plan/week/finding.ts';
import { reportOf } from '../../../plan/report/report.ts';
import type { Incident } from '../../../plan/week/incident.ts';
import type { StepRecord } from '../../../plan/week/record.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { forget } from '../../../workflows/orders/records.ts';
import { began, plan, record } from '../../client/fixtures.ts';
import { good, incident } from './good-week.ts';

const change = { entry: 1, step: '2A.deploy.container', kind: 'container.remove' as const, target: 'edgehub', ms: 0 };
const wayBack: WayBack = {
  executable: [{ ...change, machine: 'PC2', result: 'undone' }],
  levelThree: { run: 'r', at: began, ms: 4_100, tookBack: ['PC2: container.remove of 2A.deploy.container'] },
};
const accepted = { by: 'Ada', reason: 'a cable', at: began, as: 'accepted' as const };
const gateOf = (state: WeekState) => freeze(state, wayBack, began);

const failed = (id: string, evidence: StepRecord['evidence'] = {}, more: Partial<StepRecord> = {}) =>
  record(id, { verdict: 'fail', summary: `${id} did not hold`, evidence, ...more });
const found: [what: string, record: StepRecord, kind: FindingKind, criterion: string | undefined][] = [
  ['a loss of 37', failed('2C.resilience.replay', { lost: 37 }), 'data-loss', 'data loss'],
  ['a loss in a failover', failed('2D.failover.stop', { lost: 2, slowestMs: 900 }), 'data-loss', 'data loss'],
  [
    'a slow failover',
    failed('2D.failover.stop', { slowestMs: 6_000, failovers: 6 }),
    'failover',
    'failover over 5000 ms',
  ],
  [
    'one that never came',
    failed('2D.failover.stop', { slowestMs: null, failovers: 6 }),
    'failover',
    'failover over 5000 ms',
  ],
  ['a failed rehearsal', failed('2D.rollback-rehearsal'), 'rollback', 'failing rollback'],
  ['what a rollback of a part left', failed('2C.undo.containers'), 'rollback', 'failing rollback'],
  ['a failed deployment', failed('2D.deploy.resource_manager'), 'agent', 'agent instability'],
  ['an attempt that failed', failed('2C.latency'), 'attempt', undefined],
  ['a comparison that did not come about', failed('2C.resilience.replay'), 'attempt', undefined],
];

describe.each(found)('%s that was followed by a pass', (_what, before, kind, criterion) => {
  const past = (waived?: typeof accepted) => good({ history: [{ ...before, ...(waived && { waived }) }] });

  it('speaks against a GO, and is named', () => {
    const { recommendation, noGo, go, reasons } = gateOf(past());
    expect(recommendation).toBe('no-go');
    expect(noGo).toMatchObject(
      criterion ? { verdict: 'fail', evidence: { holding: [criterion] } } : { verdict: 'pass' },
    );
    expect(go['go.findings']).toMatchObject({ verdict: 'fail', evidence: { open: [before.id] } });
    expect(reasons.join('\n')).toContain(`${before.id}: ${kind}: ${before.summary}: not accepted`);
  });

  it('once a person has accepted it, allows a GO where the plan says so: a loss does not by default', () => {
    const usual = gateOf(past(accepted));
    expect(usual.recommendation).toBe(kind === 'data-loss' ? 'no-go' : 'go');
    const only = (...acceptable: FindingKind[]) => {
      const state = past(accepted);
      state.plan = { ...plan, gate: { ...plan.gate, acceptable } };
      return gateOf(state);
    };
    expect(only(kind)).toMatchObject({ recommendation: 'go', noGo: { verdict: 'pass' } });
    expect(only()).toMatchObject({ recommendation: 'no-go' });
    expect(only().reasons.join('\n')).toContain(`accepted, and the plan takes no ${kind} for a GO (gate.acceptable)`);
  });

  it('was lost by earlier builds, whose histories go on as they began', () => {
    expect(freeze(past(), wayBack, began, true)).toMatchObject({ recommendation: 'go', noGo: { verdict: 'pass' } });
  });
});

it('the KPIs of loss and failover are those of all attempts', () => {
  const history = [failed('2C.resilience.replay', { lost: 37 }), failed('2D.failover.stop', { slowestMs: 6_000 })];
  expect(gateOf(good({ history })).kpis).toMatchObject({
    'kpi.data-loss': { verdict: 'fail', summary: expect.stringContaining('2C.resilience.replay') },
    'kpi.failover-time': { verdict: 'fail', evidence: { value: 6_000 } },
  });
});

it('a record that fails and is accepted allows a GO as the plan says; one that is skipped does not', () => {
  const standing = (as: 'accepted' | 'skipped') => {
    const state = good();
    Object.assign(state.records['2C.latency']!, { verdict: 'fail', waived: { ...accepted, as } });
    return gateOf(state);
  };
  expect(standing('accepted')).toMatchObject({
    recommendation: 'go',
    go: { 'go.criteria-met': { summary: expect.stringContaining('1 accepted') } },
  });
  expect(standing('skipped').recommendation).toBe('no-go');
});

it('what nobody knows is no ground for a GO, also when it is accepted', () => {
  const state = good();
  Object.assign(state.records['2C.latency']!, { verdict: 'inconclusive', waived: accepted });
  expect(gateOf(state).recommendation).toBe('no-go');
  expect(findingsOf(state)).toMatchObject([{ id: '2C.latency', kind: 'unknown' }]);
});

describe('an emergency', () => {
  const critical = (change: Parameters<typeof incident>[0]) => gateOf(good({ incidents: [incident(change)] }));

  it('that was not mended speaks against a GO until a person has accepted it', () => {
    expect(critical({ result: 'failed' })).toMatchObject({ recommendation: 'no-go' });
    expect(critical({ result: 'failed', accepted })).toMatchObject({
      recommendation: 'go',
      noGo: { verdict: 'pass' },
      go: { 'go.no-critical-failure': { summary: '1 incidents, each of them mended, or accepted by a person' } },
    });
  });

  it('of level 1 that found nothing is a false alarm, which speaks against nothing', () => {
    expect(critical({ result: 'false alarm', target: null })).toMatchObject({
      recommendation: 'go',
      go: { 'go.findings': { verdict: 'pass', summary: 'nothing had failed on the way' } },
    });
  });

  it('that was none does not speak for its row where there was one', () => {
    const late = incident({ withinLimit: false });
    const nothing = incident({ id: 'incident-2', result: 'false alarm', target: null });
    const rowOf = (...incidents: Incident[]) =>
      reportOf(good({ incidents }), began).requirements.find(({ id }) => id === 'emergency.1.component');
    expect(rowOf(late, nothing)).toMatchObject({ verdict: 'fail', evidence: { incident: 'incident-1' }, attempts: 2 });
    expect(rowOf(nothing)).toMatchObject({ verdict: 'inconclusive', evidence: { incident: 'incident-2' } });
  });
});

it('what preflight found was mended before the week began, and what was only done again was not found', () => {
  const history = [failed('preflight.rights'), record('2C.latency', { verdict: 'inconclusive' }), record('2D.soak')];
  expect(findingsOf(good({ history }))).toEqual([]);
});

it('the same row again is one finding, and counts', () => {
  const first = failed('2C.latency', {}, { endedAt: began + 1 });
  const history = [first, { ...first, endedAt: began + 2 }, failed('2C.latency', {}, { endedAt: began + 3, times: 2 })];
  expect(findingsOf(good({ history }))).toMatchObject([{ id: '2C.latency', times: 4, at: began + 3, stands: false }]);
  // Who accepted the first has not seen the others.
  history[0] = { ...first, waived: accepted };
  expect(findingsOf(good({ history }))[0]).not.toHaveProperty('accepted');
});

it('what is accepted is all that a row has failed by, as it was seen', () => {
  const state = good();
  expect(foundIn(state, '2C.latency')).toBe(findingIn(state.records['2C.latency']));
  Object.assign(state.records['2C.latency']!, { verdict: 'fail', summary: 'p99 300 ms' });
  const once = foundIn(state, '2C.latency');
  forget(state, '2C.latency');
  state.records['2C.latency'] = record('2C.latency', { verdict: 'fail', summary: 'p99 200 ms' });
  expect(foundIn(state, '2C.latency')).not.toBe(once);
  expect(foundLines(state, '2C.latency')).toEqual(['before: p99 300 ms', 'p99 200 ms']);
});
