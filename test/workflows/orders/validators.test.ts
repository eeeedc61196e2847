// Refusals that depend on a moment which no test of a whole week meets.
import { describe, expect, test } from 'vitest';
import { findingsOf, foundIn, foundLines, openPast } from '../../../plan/evidence/findings.ts';
import { freeze } from '../../../plan/evidence/gate.ts';
import { utc } from '../../../plan/schema/duration.ts';
import { kindOf, undoRows } from '../../../plan/tasks/steps.ts';
import { findingIn } from '../../../plan/week/finding.ts';
import type { StepRecord } from '../../../plan/week/record.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { isGo } from '../../../workflows/gate.ts';
import { forget, keepPast, supersede, waive } from '../../../workflows/orders/records.ts';
import {
  refuseDecision,
  refuseEmergency,
  refuseMany,
  refuseMoreDecisions,
  refuseNote,
  refuseOrder,
  refuseTakeOver,
} from '../../../workflows/orders/validators.ts';
import type { Week } from '../../../workflows/week.ts';
import { good, incident } from '../../plan/evidence/good-week.ts';

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
  expect(() => refuseMoreDecisions(state, { by: 'ada', decision: 'go' })).toThrow(
    '20 people have decided on this evidence',
  );
  expect(() => refuseMoreDecisions(state, { by: 'ada', decision: 'no-go' })).not.toThrow();
  keepPast(state, ({ evidence }) => evidence !== state.evidence!.digest, 20);
  expect(state.approvals).toEqual(ofNow);
  expect(state.decisions.map(({ by, recommendation }) => [by, recommendation])).toEqual([['eve', null]]);
});

describe('approvals', () => {
  const said = (state: WeekState, by: string, confidencePercent = 95) => ({
    ...speaker,
    by,
    confidencePercent,
    evidence: state.evidence!.digest,
    decision: 'go' as const,
    reason: 'all is well',
    at: Date.now(),
  });
  const week = (state: WeekState) => ({ state, findingsStay: true }) as Week;
  const decide = (state: WeekState, by: string, confidencePercent?: number) => {
    const approval = said(state, by, confidencePercent);
    refuseDecision(state, approval);
    supersede(state, approval.by);
    state.approvals.push(approval);
  };
  const wanting = (approvals: number) => {
    const { state } = decided(60_000, 'go');
    state.plan = { ...state.plan, gate: { ...state.plan.gate, approvals } };
    return state;
  };

  test('the newest of each person counts, whatever the case and the blanks of the name', () => {
    const state = wanting(2);
    decide(state, 'Ada', 60);
    decide(state, ' ada', 70);
    decide(state, 'A\u200bDA ', 99);
    expect(state.approvals).toMatchObject([{ confidencePercent: 99 }]);
    expect(state.decisions.map(({ confidencePercent }) => confidencePercent)).toEqual([60, 70]);
    expect(isGo(week(state))).toBe(false);
    decide(state, 'Grace');
    expect(isGo(week(state))).toBe(true);
    expect(() => decide(state, ' \u200b ')).toThrow('A decision needs a name');
  });

  test('one who is not sure does not keep the others from a GO, and makes none', () => {
    const state = wanting(2);
    decide(state, 'Ada', 20);
    decide(state, 'Grace', 95);
    expect(isGo(week(state))).toBe(false);
    decide(state, 'Bob', 96);
    expect(isGo(week(state))).toBe(true);
    state.approvals.push({ ...said(state, 'Eve'), decision: 'no-go', then: 'extend' });
    expect(isGo(week(state))).toBe(false);
  });

  test('where one decides, that one is sure enough', () => {
    expect(() => decide(wanting(1), 'Ada', 90)).toThrow('A GO needs a confidence above 90 %; 90 was given.');
  });

  const production = (change: Partial<WeekState['plan']> = {}) => {
    const state = wanting(1);
    return {
      ...state,
      rehearsal: null,
      startedBy: 'ops@host',
      plan: { ...state.plan, version: 2 as const, ...change },
    };
  };

  test('who started the week is not the only one who says GO to it, and may be one of two', () => {
    expect(() => decide(production(), ' OPS')).toThrow(
      'OPS has started this week, and a GO by nobody else does not count: another person decides',
    );
    for (const name of ['ops@host', 'Ops@other.example'])
      expect(() => decide(production(), name)).toThrow('has started this week');
    const address = { ...production(), startedBy: 'ops@example.org@host' };
    expect(() => decide(address, 'ops@example.org')).toThrow('has started this week');
    const state = production();
    state.approvals.push(said(state, 'ops'));
    expect(isGo(week(state))).toBe(false);
    decide(state, 'ada');
    expect(isGo(week(state))).toBe(true);
    const two = production({ gate: { ...state.plan.gate, approvals: 2 } });
    decide(two, 'ops');
    decide(two, 'ada');
    expect(isGo(week(two))).toBe(true);
  });

  test('in a rehearsal, and by a plan of version 1, it is', () => {
    for (const state of [{ ...production(), rehearsal: 100 }, production({ version: 1 })]) {
      decide(state, 'ops');
      expect(isGo(week(state))).toBe(true);
    }
  });

  test('where the plan lists who decides, nobody else does, whatever they say', () => {
    const state = production();
    state.plan.gate = { ...state.plan.gate, approvers: ['Ada', 'Grace'] };
    const eve = { ...said(state, 'Eve'), decision: 'no-go' as const, then: 'rollback' as const };
    for (const decision of [said(state, 'Eve'), eve])
      expect(() => refuseDecision(state, decision)).toThrow(
        'Eve does not decide on this week; those who do (gate.approvers): Ada, Grace.',
      );
    expect(() => refuseDecision(state, { ...eve, by: 'gra ce' })).not.toThrow();
    decide(state, ' ADA');
    expect(isGo(week(state))).toBe(true);
  });

  test('a GO needs cause and prevention of every incident, a NO-GO nothing', () => {
    const incidents = [incident({ cause: 'a cable' }), incident({ id: 'incident-2', cause: 'x', prevention: 'y' })];
    const state = { ...production(), incidents };
    expect(() => decide(state, 'ada')).toThrow(
      'A GO needs cause and prevention of every incident (a NO-GO needs nothing): incident-1 (level 1 of nats-pc2) has no prevention: hubshift incident note incident-1 --prevention TEXT.',
    );
    const no = { ...said(state, 'ada'), decision: 'no-go' as const, then: 'extend' as const };
    expect(() => refuseDecision(state, no)).not.toThrow();
    expect(() => decide({ ...state, rehearsal: 100 }, 'ada')).toThrow('A GO needs cause and prevention');
    expect(() => decide({ ...state, plan: { ...state.plan, version: 1 } }, 'ada')).not.toThrow();
    incidents[0]!.prevention = 'another cable';
    decide(state, 'ada');
  });

  test('in a history of before the first of each person counts', () => {
    const state = wanting(2);
    decide(state, 'ada');
    expect(() => refuseDecision(state, said(state, 'ada'), true)).toThrow('ada has decided already');
    expect(() => refuseDecision(state, said(state, 'Ada'), true)).not.toThrow();
  });
});

describe('what was found before', () => {
  const row = '2C.resilience.node-down';
  const failed = (change: Partial<WeekState> = {}) =>
    good({ history: [{ ...good().records[row]!, verdict: 'fail', summary: 'it hung' }], ...change });
  const accept = (state: WeekState, what = row, found?: string) =>
    refuseOrder(state, { kind: 'accept', row: what, ...speaker, reason: 'a cable', found });

  test('is accepted though the row has passed since, and the record stays as it is', () => {
    const state = failed();
    const found = foundIn(state, row);
    expect(() => accept(state, row, found)).not.toThrow();
    waive(state, { kind: 'accept', row, by: 'ada', reason: 'a cable', found });
    expect(state.history).toMatchObject([{ id: row, verdict: 'fail', waived: { by: 'ada', as: 'accepted' } }]);
    expect(state.records[row]!.waived).toBeUndefined();
    expect(() => accept(state)).toThrow(`${row} passed; there is nothing to accept.`);
  });

  test('is not accepted when it failed once more since somebody looked', () => {
    const state = failed();
    const found = foundIn(state, row);
    state.history.push({ ...state.history[0]!, summary: 'it hung again' });
    expect(() => accept(state, row, found)).toThrow(
      /not as you saw it\. Now it is: before: it hung; before: it hung again/,
    );
    waive(state, { kind: 'accept', row, by: 'ada', reason: 'a cable', found });
    expect(state.history.filter(({ waived }) => waived)).toEqual([]);
  });

  test('in a history of before only what stands is accepted', () => {
    const state = failed();
    Object.assign(state.records[row]!, { verdict: 'fail' });
    waive(
      state,
      { kind: 'accept', row, by: 'ada', reason: 'a cable' },
      { findingsStay: false, acceptsTogether: false },
    );
    expect(state.records[row]!.waived).toMatchObject({ as: 'accepted' });
    expect(state.history[0]!.waived).toBeUndefined();
  });

  test('is accepted however often a row failed: who did and why stands once for each kind, and nothing stays open', () => {
    const loss = '2C.resilience.replay';
    const often = Array.from({ length: 40 }, (_, at): StepRecord => ({
      ...good().records[loss]!,
      verdict: 'fail',
      summary: `it hung ${at % 3}`,
      evidence: at === 7 ? { lost: 37 } : {},
      endedAt: at,
    }));
    const state = good({ history: often });
    const found = foundIn(state, loss);
    expect(foundLines(state, loss)).toEqual([14, 13, 13].map((times, at) => `before: it hung ${at} (${times} times)`));
    expect(() => accept(state, loss, found)).not.toThrow();
    waive(state, { kind: 'accept', row: loss, by: 'ada', reason: 'a cable', found });
    expect(openPast(state, loss)).toEqual([]);
    expect(state.history.flatMap(({ waived }, at) => (waived ? [at] : []))).toEqual([7, 39]);
    const waived = { by: 'ada', reason: 'a cable' };
    expect(findingsOf(state)).toMatchObject([
      { kind: 'data-loss', times: 1, accepted: waived },
      { kind: 'attempt', times: 39, accepted: waived },
    ]);
    // One more is not of what was accepted.
    state.history.push({ ...often[0]!, endedAt: 41 });
    expect(findingsOf(state)[1]).not.toHaveProperty('accepted');
  });

  test('is accepted by thirty orders, and no more', () => {
    const ids = Object.keys(good().records).filter((id) => !id.startsWith('preflight.'));
    const twice = (id: string) =>
      Array.from({ length: 2 }, () => ({ ...good().records[id]!, verdict: 'fail' as const }));
    const state = good({ history: ids.slice(0, 31).flatMap(twice) });
    for (const id of ids.slice(0, 30)) {
      expect(() => accept(state, id)).not.toThrow();
      waive(state, { kind: 'accept', row: id, by: 'ada', reason: 'a cable' });
    }
    expect(() => accept(state, ids[30])).toThrow('30 records of the past are skipped, accepted or released already');
  });

  test('is seen with what is only counted any more: once that is more, it is another', () => {
    const state = failed();
    Object.assign(state.history[0]!, { times: 12 });
    const found = foundIn(state, row);
    expect(foundLines(state, row)).toEqual(['before: it hung (12 times)']);
    Object.assign(state.history[0]!, { times: 13 });
    expect(() => accept(state, row, found)).toThrow(/not as you saw it\. Now it is: before: it hung \(13 times\)/);
  });

  test('in a history of before each attempt says who accepted it and why', () => {
    const state = failed();
    state.history.push({ ...state.history[0]! });
    waive(state, { kind: 'accept', row, by: 'ada', reason: 'a cable' }, { findingsStay: true, acceptsTogether: false });
    expect(state.history).toMatchObject([{ waived: { by: 'ada' } }, { waived: { by: 'ada' } }]);
  });

  test('an incident that did not end well is accepted by its name', () => {
    const state = good({ incidents: [incident({ result: 'failed' }), incident({ id: 'incident-2' })] });
    expect(() => accept(state, 'incident-1', foundIn(state, 'incident-1'))).not.toThrow();
    expect(() => accept(state, 'incident-2')).toThrow('incident-2 ended well; there is nothing to accept.');
    expect(() => accept(state, 'incident-3')).toThrow('The plan has no row incident-3');
    waive(state, { kind: 'accept', row: 'incident-1', by: 'ada', reason: 'a cable' });
    expect(state.incidents[0]).toMatchObject({ result: 'failed', accepted: { by: 'ada', reason: 'a cable' } });
    expect(() => accept(state, 'incident-1')).toThrow('incident-1 is accepted already');
  });
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

test('thirty rows are skipped or accepted, and no more; what a rollback left is accepted beyond that', () => {
  const state = good();
  const checks = Object.keys(state.records).filter((id) => kindOf(state.plan, id) === 'check');
  const [row = '', ...others] = checks;
  const left = undoRows(['2A'])[0]!.id;
  Object.assign(state.records[row]!, { verdict: 'fail' });
  state.records[left] = { ...state.records[row]!, id: left };
  const accept = (what: string) => () => refuseOrder(state, { kind: 'accept', row: what, ...speaker, reason: 'known' });
  expect(accept(row)).not.toThrow();
  for (const id of others.slice(0, 30)) state.records[id]!.waived = { by: 'ada', reason: 'known', at: 0 };
  expect(accept(row)).toThrow(
    '30 rows are skipped, accepted or released already: hubshift rollback undoes what does not work.',
  );
  expect(accept(left)).not.toThrow();
});

test('a step is skipped, a finding accepted: each verb names the other, or what has to come first', () => {
  const state = good();
  const [step, check] = ['2A.deploy.container', '2A.deploy.healthy'];
  const said = { ...speaker, reason: 'known' };
  const skip = (row: string) => () => refuseOrder(state, { kind: 'skip', step: row, ...said });
  const accept = (row: string) => () => refuseOrder(state, { kind: 'accept', row, ...said });
  for (const id of [step, check]) Object.assign(state.records[id]!, { verdict: 'fail' });
  expect(skip(step)).not.toThrow();
  expect(accept(step)).toThrow(`hubshift skip ${step} --reason TEXT`);
  expect(accept(check)).not.toThrow();
  expect(skip(check)).toThrow(`hubshift accept ${check} --reason TEXT`);
  delete state.records[check];
  expect(skip(check)).not.toThrow();
  expect(accept(check)).toThrow(`hubshift skip ${check} --reason TEXT goes on without it`);
  expect(accept('2A.undo.container')).toThrow(/looked at after a rollback, and was not yet.*hubshift rollback/);
  expect(() => refuseOrder(state, { kind: 'accept', row: check, ...speaker, reason: ' ' })).toThrow('--reason TEXT');
});

test('what was found anew since somebody looked is not accepted by that, and the refusal says what is there', () => {
  const state = good();
  const check = '2A.deploy.healthy';
  Object.assign(state.records[check]!, { verdict: 'fail', summary: 'it answers 503' });
  const found = findingIn(state.records[check]);
  const accept = (more: { found?: string }) => () =>
    refuseOrder(state, { kind: 'accept', row: check, ...speaker, reason: 'known', ...more });
  expect(accept({ found })).not.toThrow();
  state.records[check]!.summary = 'it does not run';
  expect(accept({ found })).toThrow(`${check} is not as you saw it. Now it is: it does not run.`);
  // As the clients of before said it.
  expect(accept({})).not.toThrow();
});

test('nor is it where it is found anew between that and the order being carried out', () => {
  const state = good();
  const row = '2A.deploy.healthy';
  Object.assign(state.records[row]!, { verdict: 'fail', summary: 'it answers 503' });
  const order = { kind: 'accept', row, by: 'ada', reason: 'known', found: findingIn(state.records[row]) } as const;
  forget(state, row);
  waive(state, order);
  expect(state.records[row]!.waived).toBeUndefined();
});

test('after a rollback of everything no step is skipped or done again: there is nothing to go on with', () => {
  const rollback = { scope: 'all' as const, reason: 'back', startedAt: 0, undoneAt: 0, verifiedAt: 0 };
  const stood = { status: 'running' as const, phase: 'gate' as const, at: 0, reports: [] };
  const [step, check] = ['2A.deploy.container', 'preflight.rights'];
  const held = good({ status: 'paused', rollback, stood });
  const wentOn = good({ status: 'paused', rollback: { ...rollback, wentOn: true } });
  for (const state of [held, wentOn]) {
    delete state.records[step];
    Object.assign(state.records[check]!, { verdict: 'fail' });
  }
  const skip = (state: WeekState) => () => refuseOrder(state, { kind: 'skip', step, ...speaker, reason: 'known' });
  const retry = (state: WeekState) => () => refuseOrder(state, { kind: 'retry', step: check, ...speaker });
  for (const order of [skip, retry]) {
    expect(order(held)).toThrow(/Everything was rolled back.*hubshift rollback looks again.*hubshift accept/);
    expect(order(wentOn)).not.toThrow();
  }
});

test('after a rollback of everything no task is gone on with where a ledger takes no more changes', () => {
  const rollback = { scope: 'all' as const, reason: 'back', startedAt: 0, undoneAt: 0, verifiedAt: 0 };
  const stood = { status: 'running' as const, phase: 'gate' as const, at: 0, reports: [] };
  const held = { reason: 'the rollback left failures; see the progress', since: 0 };
  const left = (change: Partial<WeekState> = {}) =>
    good({ status: 'paused', held, stood, rollback: { ...rollback, closed: true }, ...change });
  const resume = (state: WeekState) => () => refuseOrder(state, { kind: 'resume', ...speaker });
  expect(resume(left())).toThrow(
    /Everything was rolled back.*hubshift rollback looks again.*hubshift accept ROW.*hubshift rollback --without MACHINE/,
  );
  // No machine has taken it.
  expect(resume(left({ rollback }))).not.toThrow();
  // The rollback itself is what goes on.
  const resumed = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'back' } as const;
  const wait = { on: 'a person', step: 'the week', command: 'hubshift resume' };
  const doing = {
    kind: 'hold',
    status: 'failed',
    reason: 'an error',
    since: 0,
    wait,
    ordered: false,
    resumed,
  } as const;
  expect(resume(left({ doing }))).not.toThrow();
});

test('a check that is to be done again is no finding until it was', () => {
  const state = good();
  const check = '2A.deploy.healthy';
  const accept = () => refuseOrder(state, { kind: 'accept', row: check, ...speaker, reason: 'known' });
  Object.assign(state.records[check]!, { verdict: 'fail', summary: 'it answers 503' });
  expect(accept).not.toThrow();
  forget(state, check);
  expect(accept).toThrow(`${check} is to be looked at again: there is nothing to accept until it was.`);
  expect(() => refuseOrder(state, { kind: 'skip', step: check, ...speaker, reason: 'known' })).not.toThrow();
});

test('what a rollback left is neither skipped nor retried, whether it was looked at or not', () => {
  const state = good();
  const row = '2D.undo.verify';
  const skip = () => refuseOrder(state, { kind: 'skip', step: row, ...speaker, reason: 'known' });
  const retry = () => refuseOrder(state, { kind: 'retry', step: row, ...speaker });
  for (const found of [undefined, { ...Object.values(state.records)[0]!, id: row, verdict: 'fail' as const }]) {
    if (found) state.records[row] = found;
    expect(skip).toThrow(
      `${row} is no step, but what a rollback must leave behind: hubshift accept ${row} --reason TEXT`,
    );
    expect(retry).toThrow(`${row} is looked at by a rollback: hubshift rollback looks again.`);
  }
});

test('what stands after the end can be taken back while the week still runs, and nothing else is taken', () => {
  const back = { kind: 'rollback', scope: 'all', ...speaker } as const;
  const levelThree = { level: 3, reason: 'back', ...speaker } as const;
  const inPart = {
    status: 'rolled back in part' as const,
    without: [{ machine: 'PC2', why: '', since: 0, open: [], of: 0 }],
  };
  for (const state of [good({ status: 'completed' }), good(inPart)]) {
    expect(() => refuseOrder(state, back)).not.toThrow();
    // What is undone of it could not be done again.
    expect(() => refuseOrder(state, { ...back, scope: { task: '2D' } })).toThrow(
      /^The week has ended \(.*\): a part of it is not undone any more.*hubshift rollback undoes everything/,
    );
    expect(() => refuseEmergency(state, levelThree)).not.toThrow();
    expect(() => refuseOrder(state, { kind: 'pause', ...speaker })).toThrow('The week has ended');
    expect(() => refuseEmergency(state, { ...levelThree, level: 1 })).toThrow('The week has ended');
  }
  const keeping = good({ status: 'running', facts: { 'begun ledger.keep': 0 } });
  expect(() => refuseOrder(keeping, back)).not.toThrow();
  expect(() => refuseOrder(keeping, { ...back, scope: { task: '2D' } })).toThrow('are being kept since the GO');
  expect(() => refuseOrder(good(inPart), { kind: 'pause', ...speaker })).toThrow('(rolled back, but for PC2)');
  expect(() => refuseOrder(good({ status: 'rolled back' }), back)).toThrow('The week has ended (rolled back).');
});

describe('a release', () => {
  const calendar = { zone: 'UTC', disturb: 'Mon 09:00-17:00', freezes: [] };
  const week = (more: Partial<WeekState> = {}, kept: { calendar?: typeof calendar } = { calendar }) => {
    const state = good({ status: 'running', ...more });
    return { ...state, records: {}, ...more, plan: { ...state.plan, ...kept } };
  };
  const release = (state: WeekState, row: string, reason = 'agreed') =>
    refuseOrder(state, { kind: 'release', row, reason, by: 'ada', from: 'test' });
  const released = (row: string, at: number) => ({ row, by: 'ada', reason: 'agreed', at });

  test('is taken of a row that disturbs and of a task with such rows, before they wait too', () => {
    for (const row of ['2A.check.restart', '2B.scrape.reload', '2D'])
      expect(() => release(week(), row), row).not.toThrow();
  });

  test('is refused where nothing waits for it', () => {
    expect(() => release(week(), '2A.check.alert')).toThrow('disturbs nothing');
    expect(() => release(week({}, {}), '2A.check.restart')).toThrow('the plan has none');
    expect(() => release(week(), '2A.check.restrat')).toThrow('2A.check.restrat is nothing that the week waits for');
    expect(() => release(week(), '2A.check.restart', ' ')).toThrow('--reason');
    expect(() => release(week({ letGo: [released('2A', 1)] }), '2A.check.restart')).toThrow('released already');
    expect(() => release(week({ letGo: Array.from({ length: 30 }, () => released('2B', 1)) }), '2A')).toThrow(
      '30 rows',
    );
  });

  test('holds until the row was done', () => {
    const record = good().records['2A.check.restart']!;
    const failed = { ...record, verdict: 'fail' as const };
    const letGo = [released('2A.check.restart', record.endedAt - 1)];
    expect(() => release(week({ letGo, records: { [record.id]: failed } }), record.id)).not.toThrow();
    expect(() => release(week({ letGo, history: [failed] }), record.id)).not.toThrow();
    expect(() => release(week({ records: { [record.id]: record } }), record.id)).toThrow('passed');
  });
});

test('a week moves to queues of its own site alone', () => {
  const state = good();
  const to = (queue: string, site?: string) => () =>
    refuseTakeOver({ ...state, status: 'running', plan: { ...state.plan, site } } as WeekState, {
      by: 'ops',
      from: 'ops@host',
      queue,
    });
  for (const queue of ['hubshift.control', 'hubshift.control.abcdef012345']) {
    expect(to(queue)).not.toThrow();
    expect(to(queue, 'berlin')).toThrow('A week goes on on hubshift.control@berlin, or');
  }
  expect(to('hubshift.control@berlin.abcdef012345', 'berlin')).not.toThrow();
  expect(to('hubshift.control@berlin')).toThrow(
    /^A week goes on on hubshift\.control, or .*; not on hubshift\.control@berlin/,
  );
});
