// Refusals that depend on a moment which no test of a whole week meets.
import { expect, test } from 'vitest';
import { freeze } from '../../../plan/evidence/gate.ts';
import { utc } from '../../../plan/schema/duration.ts';
import { keepPast } from '../../../workflows/orders/records.ts';
import { refuseDecision, refuseEmergency, refuseMany, refuseOrder } from '../../../workflows/orders/validators.ts';
import { good } from '../../plan/evidence/good-week.ts';

/** A week at its gate, with evidence that is this old, and somebody's decision on it. */
function decided(ageMs: number, decision: 'go' | 'no-go') {
  const state = good({ status: 'deciding', phase: 'gate' });
  state.evidence = {
    ...freeze(state, { executable: [], levelThree: { none: 'none' } }, Date.now() - ageMs),
    recommendation: 'go',
  };
  const then = decision === 'no-go' ? { then: 'extend' as const } : {};
  return {
    state,
    at: state.evidence.at,
    decide: () =>
      refuseDecision(state, {
        decision,
        ...then,
        confidencePercent: 95,
        reason: 'all is well',
        by: 'ada',
        from: 'test',
        evidence: state.evidence!.digest,
      }),
  };
}

const { evidenceMaxAge } = good().plan.gate;

test('a GO on evidence that has grown old is refused while it is looked at again', () => {
  const { decide, at } = decided(evidenceMaxAge, 'go');
  expect(decide).toThrow(
    `The evidence of ${utc(at)} is older than 24h and is being looked at again: hubshift progress shows when it is there.`,
  );
});

test('until then a GO is taken, and a NO-GO at any time', () => {
  expect(decided(evidenceMaxAge - 60_000, 'go').decide).not.toThrow();
  expect(decided(2 * evidenceMaxAge, 'no-go').decide).not.toThrow();
});

const speaker = { by: 'ada', from: 'test' };

test('what people say is kept with the week: a text that is too long is refused, by its name', () => {
  const state = good();
  const pausedFor = (characters: number) => () =>
    refuseOrder(state, { kind: 'skip', step: '3.failover', ...speaker, reason: 'x'.repeat(characters) });
  expect(pausedFor(1_001)).toThrow('The reason has 1001 characters; a week takes 1000 at most.');
  expect(pausedFor(1_000)).not.toThrow(/characters/);
  expect(() => refuseEmergency(state, { level: 3, ...speaker, reason: 'x'.repeat(5_000) })).toThrow('5000 characters');
});

test('twenty orders wait for what runs, and no more', () => {
  expect(() => refuseMany(19)).not.toThrow();
  expect(() => refuseMany(20)).toThrow('20 orders wait already');
});

test('twenty decide on one evidence, and those on evidence of before make room', () => {
  const { state, decide } = decided(60_000, 'go');
  const said = (by: string, evidence: string) => ({
    ...speaker,
    by,
    evidence,
    decision: 'go' as const,
    confidencePercent: 95,
    reason: 'all is well',
    at: Date.now(),
  });
  const ofNow = Array.from({ length: 20 }, (_, index) => said(`person-${index}`, state.evidence!.digest));
  state.approvals = [said('eve', 'of before'), ...ofNow];
  expect(decide).toThrow('20 people have decided on this evidence');
  keepPast(state, ({ evidence }) => evidence !== state.evidence!.digest, 20);
  expect(state.approvals).toEqual(ofNow);
  expect(state.decisions.map(({ by, recommendation }) => [by, recommendation])).toEqual([['eve', null]]);
});
