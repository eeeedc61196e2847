// Refusals that depend on a moment which no test of a whole week meets.
import { expect, test } from 'vitest';
import { freeze } from '../../../plan/evidence/gate.ts';
import { utc } from '../../../plan/schema/duration.ts';
import { refuseDecision } from '../../../workflows/orders/validators.ts';
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
