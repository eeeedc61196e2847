// Refusals that depend on a moment which no test of a whole week meets.
import { expect, test } from 'vitest';
import { freeze } from '../../../plan/evidence/gate.ts';
import { utc } from '../../../plan/schema/duration.ts';
import { keepPast } from '../../../workflows/orders/records.ts';
import {
  refuseDecision,
  refuseEmergency,
  refuseMany,
  refuseMoreDecisions,
  refuseNote,
  refuseOrder,
} from '../../../workflows/orders/validators.ts';
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
  const skippedFor =
    (reason: string, by = 'ada') =>
    () =>
      refuseOrder(state, { kind: 'skip', step: '3.failover', from: 'test', by, reason });
  expect(skippedFor('x'.repeat(501))).toThrow('The reason takes 501 bytes; a week keeps 500 of it at most.');
  expect(skippedFor('x'.repeat(500))).not.toThrow(/bytes/);
  expect(skippedFor('ü'.repeat(300))).toThrow('The reason takes 600 bytes');
  expect(skippedFor('known', 'a'.repeat(151))).toThrow('The by takes 151 bytes; a week keeps 150 of it at most.');
  expect(() => refuseEmergency(state, { level: 3, ...speaker, reason: 'x'.repeat(5_000) })).toThrow('5000 bytes');
});

test('twenty orders wait for what runs, and no more', () => {
  expect(() => refuseMany(19)).not.toThrow();
  expect(() => refuseMany(20)).toThrow('20 orders wait already');
});

test('twenty decide on one evidence, and those on evidence of before make room', () => {
  const { state } = decided(60_000, 'go');
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
  expect(() => refuseMoreDecisions(state)).toThrow('20 people have decided on this evidence');
  keepPast(state, ({ evidence }) => evidence !== state.evidence!.digest, 20);
  expect(state.approvals).toEqual(ofNow);
  expect(state.decisions.map(({ by, recommendation }) => [by, recommendation])).toEqual([['eve', null]]);
});

test('a note on an incident that is older than what the week carries is refused with the file in which it is', () => {
  const state = good({
    older: { file: '/reports/run.older.jsonl', history: 0, incidents: 3, decisions: 0, undone: {}, disturbed: {} },
  });
  const note = { incident: 'incident-2', cause: 'a cable', by: 'ada', from: 'test' };
  expect(() => refuseNote(state, note)).toThrow(
    /no incident-2; there is no incident at all, and 3 older ones in \/reports\/run\.older\.jsonl, which take no note any more/,
  );
});

test('thirty rows are waived, and no more', () => {
  const state = good();
  const [step = '', ...others] = Object.keys(state.records);
  Object.assign(state.records[step]!, { verdict: 'fail' });
  const skip = () => refuseOrder(state, { kind: 'skip', step, ...speaker, reason: 'known' });
  expect(skip).not.toThrow();
  for (const id of others.slice(0, 30)) state.records[id]!.waived = { by: 'ada', reason: 'known', at: 0 };
  expect(skip).toThrow('30 rows are waived already: roll back what does not work.');
});
