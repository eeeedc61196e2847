// The evidence: what speaks for and against a GO, and a digest that changes with what it is about.
import { describe, expect, it } from 'vitest';
import { confidence, personOf } from '../../../plan/evidence/approvals.ts';
import type { Executable, LevelThree, OnRecord, WayBack } from '../../../plan/evidence/frozen.ts';
import { failsAnew, freeze } from '../../../plan/evidence/gate.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { began, plan, record } from '../../client/fixtures.ts';
import { fast, good, incident } from './good-week.ts';

const entries: Executable = [
  {
    machine: 'PC2',
    entry: 1,
    step: '2A.deploy.container',
    kind: 'container.remove',
    target: 'edgehub',
    result: 'undone',
    ms: 0,
  },
];
const levelThree: LevelThree = {
  run: '20260716-100000-ab12',
  at: began,
  ms: 4_100,
  tookBack: ['PC2: container.remove of 2A.deploy.container'],
};
const wayBack: WayBack = { executable: entries, levelThree };

describe('the recommendation', () => {
  it('is GO when every criterion holds', () => {
    const { recommendation, go, noGo, reasons } = freeze(good(), wayBack, began);
    expect(Object.values(go).filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(noGo.verdict).toBe('pass');
    expect({ recommendation, reasons }).toEqual({ recommendation: 'go', reasons: ['all 7 criteria hold'] });
  });

  const lost = (state: WeekState) =>
    (state.measured['PC2'] = {
      ...state.measured['PC2']!,
      messages: {
        MainPC: {
          ...state.measured['PC2']!.messages['MainPC']!,
          answered: [[1, 480]],
          lostAt: Array.from({ length: 20 }, (_, index) => index),
        },
      },
    });
  it('weighs the KPIs of the week as a whole before those of its tasks: its digest does not change with their table', () => {
    const state = good();
    const costly = { count: 100, mean: 50, m2: 1 };
    state.measured['PC2'] = { ...state.measured['PC2']!, cpu: costly };
    state.measured['PC2'].responses['edgehub'] = { ...fast, p95: 250 };
    const { go } = freeze(state, wayBack, began);
    expect(go['go.performance']!.summary).toMatch(/kpi\.resource-overhead: .*kpi\.hub-response: /);
  });

  const against: [what: string, breaks: (state: WeekState) => unknown, executable: Executable, reason: RegExp][] = [
    ['a message held back', lost, entries, /nogo\.criteria: data loss: 980 of 1000 messages delivered/],
    [
      'a slow hub',
      ({ measured }) => (measured['PC2']!.responses['edgehub'] = { ...fast, p95: 250 }),
      entries,
      /go\.performance: kpi\.hub-response: 95 % within 250 ms of edgehub/,
    ],
    [
      'an agent that was down',
      ({ measured }) =>
        (measured['PC2']!.targets['resource_manager'] = { since: 1, down: [[1, 100 * plan.watch.sampleInterval]] }),
      entries,
      /nogo\.criteria: agent instability: resource_manager 95 %/,
    ],
    [
      'a slow failover',
      ({ records }) => (records['2D.failover.stop']!.evidence = { slowestMs: 6_000, failovers: 6 }),
      entries,
      /failover over 5000 ms/,
    ],
    [
      'a failed row',
      ({ records }) => (records['2C.latency']!.verdict = 'fail'),
      entries,
      /go\.criteria-met: steps: 1 rows are no pass: 2C\.latency/,
    ],
    [
      'a waived row',
      ({ records }) => (records['2C.latency']!.waived = { by: 'Bob', reason: 'known', at: began }),
      entries,
      /2C\.latency/,
    ],
    [
      'a pilot that was not stable',
      ({ records }) => (records['2D.deploy.resource_manager.observation']!.verdict = 'fail'),
      entries,
      /go\.pilots-stable: not stable: 2D\.deploy\.resource_manager\.observation/,
    ],
    [
      'a pilot that could not be deployed',
      ({ records }) => (records['2D.deploy.resource_manager']!.verdict = 'fail'),
      entries,
      /go\.pilots-stable: not stable: 2D\.deploy\.resource_manager\n(.*\n)*.*agent instability: 2D\.deploy\.resource_manager(\n|$)/,
    ],
    [
      'an incident that was not mended',
      (state) => state.incidents.push(incident({ result: 'failed' })),
      entries,
      /go\.no-critical-failure: incident-1: level 1 of nats-pc2, failed/,
    ],
    [
      'no rehearsed rollback',
      ({ records }) => delete records['2D.rollback-rehearsal'],
      entries,
      /go\.rollback-confirmed: the rollback was not rehearsed/,
    ],
    [
      'a ledger entry that can not be undone',
      () => undefined,
      [{ ...entries[0]!, result: 'failed' }],
      /go\.rollback-confirmed: PC2: container\.remove edgehub would be failed/,
    ],
    [
      'a machine that does not say what it can undo',
      () => undefined,
      [...entries, { machine: 'MainPC', result: 'failed', unanswered: 'no answer' }],
      /go\.rollback-confirmed: MainPC: no answer.*\n.*failing rollback: MainPC: no answer/,
    ],
    ['an empty ledger', () => undefined, [], /the ledgers have nothing to undo/],
  ];
  it.each(against)('is NO-GO with %s, and says why', (_what, breaks, executable, reason) => {
    const state = good();
    breaks(state);
    const { recommendation, reasons } = freeze(state, { executable, levelThree }, began);
    expect(recommendation).toBe('no-go');
    expect(reasons.join('\n')).toMatch(reason);
  });

  it('takes a mended incident as no reason against it', () => {
    expect(freeze(good({ incidents: [incident({})] }), wayBack, began).recommendation).toBe('go');
  });

  it('is NO-GO with what is not known, but in a rehearsal, which names it', () => {
    const short = (rehearsal: number | null) => {
      const state = good({ rehearsal });
      for (const measured of Object.values(state.measured)) measured.seen = [[1, 100 * plan.watch.sampleInterval]];
      return freeze(state, wayBack, began);
    };
    expect(short(null)).toMatchObject({
      recommendation: 'no-go',
      reasons: [expect.stringContaining('99.9 % needs 1000')],
    });
    expect(short(10_000)).toMatchObject({
      recommendation: 'go',
      reasons: ['all 7 criteria hold, as far as a rehearsal can tell', expect.stringContaining('99.9 % needs 1000')],
    });
  });
});

describe('a level 3 on record', () => {
  const confirmed = (levelThree: OnRecord, rehearsal: number | null = null) =>
    freeze(good({ rehearsal }), { executable: entries, levelThree }, began);

  it('is named, with its time', () => {
    expect(confirmed(levelThree).go['go.rollback-confirmed']).toMatchObject({
      verdict: 'pass',
      summary: expect.stringContaining('level 3 of run 20260716-100000-ab12 took all of it back in 4.1s'),
      evidence: { levelThree: levelThree.run, levelThreeMs: 4_100 },
    });
  });

  const wanting: [what: string, found: OnRecord, why: RegExp][] = [
    [
      'is wanted',
      { none: 'no level 3 of this plan is on record' },
      /no level 3 of this plan is on record: end a rehearsal of this plan at its gate/,
    ],
    [
      'of a week that had not come so far is not enough',
      { ...levelThree, tookBack: ['PC2: container.remove of 2C.deploy.pc2'] },
      /did not take back 1 of them \(PC2: container\.remove of 2A\.deploy\.container\)/,
    ],
    [
      "that took longer than this plan's limit is not enough",
      { ...levelThree, ms: plan.emergency.level3 + 1_000 },
      /took 5m 1s, over the limit of 5m/,
    ],
    ['of another build is not enough', { ...levelThree, ofOtherBuild: true }, /was done by another build of hubshift/],
    [
      'that is older than the plan takes is not enough',
      { ...levelThree, at: began - plan.gate.levelThreeMaxAge - 1 },
      /is of 2026-06-23 .*, older than 720h/,
    ],
  ];
  it.each(wanting)('%s', (_what, found, why) => {
    const { recommendation, go } = confirmed(found);
    expect(recommendation).toBe('no-go');
    expect(go['go.rollback-confirmed']).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringMatching(why),
      evidence: { needed: 1 },
    });
    expect(confirmed(found, 10_000).recommendation).toBe('go');
  });
});

describe('the digest', () => {
  it('is the same for the same evidence, whenever it is looked at', () => {
    expect(freeze(good(), wayBack, began).digest).toBe(freeze(good(), wayBack, began + 5_000).digest);
    expect(freeze(good(), wayBack, began).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with a verdict, a finding, what is said of one, an incident and the plan', () => {
    const lost = record('2C.resilience.replay', { verdict: 'fail', evidence: { lost: 3 } });
    const accepted = { ...lost, waived: { by: 'Ada', reason: 'known', at: 0, as: 'accepted' as const } };
    const changed = [
      good(),
      good(),
      good({ planDigest: 'other' }),
      good({ incidents: [incident({})] }),
      good({ history: [lost] }),
      good({ history: [lost, lost] }),
      good({ history: [accepted] }),
    ];
    changed[1]!.records['2C.latency']!.verdict = 'fail';
    expect(new Set(changed.map((state) => freeze(state, wayBack, began).digest)).size).toBe(changed.length);
  });

  it('changes with what can not be undone, and not with how many are there', () => {
    const failed = { ...entries[0]!, result: 'failed' as const };
    const digest = (...executable: Executable) => freeze(good(), { executable, levelThree }, began).digest;
    expect(digest(failed)).not.toBe(digest(...entries));
    expect(digest(failed, { ...failed, target: 'nats-pc2' })).not.toBe(digest(failed));
    expect(digest(...entries, ...entries)).toBe(digest(...entries));
  });

  it('does not change with counters: what is measured while people decide leaves their approvals as they are', () => {
    const later = good();
    for (const machine of Object.values(later.measured)) {
      machine.samples += 500;
      machine.seen = [[1, 2_500 * plan.watch.sampleInterval]];
      machine.cpu = { count: 20, mean: 1.1, m2: 0.2 };
      machine.responses = { edgehub: { ...fast, count: 900, p95: 3 } };
    }
    later.records['2C.latency']!.evidence = { n: 2 };
    expect(freeze(later, wayBack, began).digest).toBe(freeze(good(), wayBack, began).digest);
    // As earlier builds had it, whose histories go on so.
    expect(freeze(later, wayBack, began, true).digest).not.toBe(freeze(good(), wayBack, began, true).digest);
  });
});

describe('confidence', () => {
  it('is the mean of those who decide, and must be above the limit', () => {
    expect(confidence([], 90).verdict).toBe('inconclusive');
    expect(confidence([85, 97], 90)).toMatchObject({ verdict: 'pass', summary: 'mean 91 % of 2, above 90 %' });
    expect(confidence([90], 90)).toMatchObject({ verdict: 'fail' });
  });
});

it('takes one person for one, however the name is written', () => {
  const same = [
    ['Ada', ' aDa\u200b'],
    ['Jürgen Weiß', 'JU\u0308RGEN WEISS'],
    ['Νίκος', 'ΝΊΚΟΣ'],
  ];
  for (const [one, other] of same) expect(personOf(other!)).toBe(personOf(one!));
  expect(personOf('Ada')).not.toBe(personOf('Eda'));
});

describe('what is found after people decided', () => {
  const decided = good();
  const change = (changes: (state: WeekState) => unknown, from = decided) => {
    const state = structuredClone(from);
    changes(state);
    return state;
  };
  const frozen = (state: WeekState) => freeze(state, wayBack, began);
  const unheard = (last: number) => (state: WeekState) =>
    (state.measured['PC2']!.messages['MainPC']!.answered = [[1, last]]);
  const unseen = (state: WeekState) => Object.values(state.measured).forEach((one) => (one.messages = {}));

  it('is a reason to ask them again where something fails that did not', () => {
    expect(failsAnew(frozen(decided), frozen(change(unheard(400))))).toBe(true);
  });

  it('is none where it fails as before, is not known for a moment, or is well again', () => {
    const failing = change(unheard(400));
    expect(failsAnew(frozen(failing), frozen(change(unheard(390), failing)))).toBe(false);
    expect(failsAnew(frozen(failing), frozen(decided))).toBe(false);
    const open = frozen(change(unseen));
    expect(open.digest).not.toBe(frozen(decided).digest);
    expect(failsAnew(frozen(decided), open)).toBe(false);
  });
});
