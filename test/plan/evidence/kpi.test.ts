// The KPIs: target, limit, missed, and what too few samples can't tell.
import { describe, expect, it } from 'vitest';
import { type KpiInput, plannedWindows } from '../../../plan/evidence/figures.ts';
import { rehearse } from '../../../plan/schema/rehearse.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import { kpis } from '../../../plan/evidence/kpis.ts';
import { type Delivery, type Histogram, type Measured, nothingMeasured } from '../../../plan/evidence/measured.ts';
import { minus, type Ranges } from '../../../plan/evidence/sequence-sets.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { plan, record } from '../../client/fixtures.ts';

const start = 1_000_000;
const interval = plan.watch.sampleInterval;
/** So many samples of everything on both machines, all up. */
function measured(samples: number, change: Partial<Measured> = {}): Measured {
  const names = [...plan.services, ...pilotsOf(plan)].map(({ name }) => name);
  return {
    ...nothingMeasured(),
    samples,
    seen: [[start, start + samples * interval - 1]],
    targets: Object.fromEntries(names.map((name) => [name, { since: start, down: [] }])),
    ...change,
  };
}
const down = (name: string, samples: number, from = start) => ({
  targets: {
    ...measured(1).targets,
    [name]: { since: start, down: [[from, from + samples * interval - 1]] as [number, number][] },
  },
});
const histogram = (p95: number): Histogram => ({
  encoded: '',
  count: 500,
  p50: p95 / 2,
  p95,
  p99: p95 + 1,
  max: p95 + 5,
});
const sent = (lost: number, p95 = 10, of = 1_000): Delivery => ({
  sent: [[1, of]],
  answered: [[1, of - lost]],
  unheard: [],
  lostAt: Array.from({ length: lost }, (_, index) => start + index),
  latency: histogram(p95),
});
/** Of a rehearsal, which loses EdgeHub in every way. */
const rows = stepsOf(rehearse(plan, 1));
const judge = (id: string, input: Partial<KpiInput>) =>
  kpis
    .find((kpi) => kpi.id === `kpi.${id}`)!
    .evaluate({
      plan,
      rows,
      records: {},
      history: [],
      measured: {},
      before: { MainPC: { cpu: 1, memory: 1 }, PC2: { cpu: 1, memory: 1 } },
      ...input,
    });
/** As it is seen from outside: each by itself. */
const reached = (targets: Measured['targets']) =>
  Object.entries(targets).map(([name, availability]) => ({ names: [name], ...availability }));
const both = (of: Measured, other = of) => ({ measured: { MainPC: other, PC2: of } });

/** Every row that compares, passed. */
const compared = Object.fromEntries(
  [
    '2A.check.restart',
    '2C.resilience.replay',
    '2C.resilience.partition-heal',
    '2C.resilience.restart',
    '2C.messaging.replay',
    '2D.failover.no-loss',
  ].map((id) => [id, record(id, { startedAt: start, endedAt: start + 1 })]),
);

describe('uptime', () => {
  it('passes at its share of enough samples, and is inconclusive below that, with what it needs', () => {
    expect(judge('edgehub-uptime', both(measured(1_000)))).toMatchObject({
      verdict: 'pass',
      evidence: { value: 100, samples: 1_000 },
    });
    expect(judge('edgehub-uptime', both(measured(999)))).toMatchObject({
      verdict: 'inconclusive',
      evidence: { needed: 1_000 },
      summary: expect.stringContaining('99.9 % needs 1000'),
    });
    expect(judge('agent-uptime', both(measured(200)))).toMatchObject({ verdict: 'pass' });
  });

  it('is missed as soon as more samples could not mend it', () => {
    expect(judge('edgehub-uptime', both(measured(1_000, down('edgehub', 1))))).toMatchObject({ verdict: 'pass' });
    expect(judge('edgehub-uptime', both(measured(1_000, down('edgehub', 2))))).toMatchObject({ verdict: 'fail' });
    expect(judge('edgehub-uptime', both(measured(100, down('edgehub', 2))))).toMatchObject({ verdict: 'fail' });
    expect(judge('edgehub-uptime', both(measured(100, down('edgehub', 1))))).toMatchObject({ verdict: 'inconclusive' });
  });

  it('leaves planned faults out, and says what it is with them', () => {
    const records = {
      '2D.failover.stop': record('2D.failover.stop', { startedAt: start, endedAt: start + 20 * interval }),
    };
    const found = judge('edgehub-uptime', { ...both(measured(2_000, down('edgehub', 20))), records });
    expect(found).toMatchObject({ verdict: 'pass', evidence: { value: 100, withPlannedWindows: 99 } });
    expect(judge('edgehub-uptime', both(measured(2_000, down('edgehub', 20))))).toMatchObject({ verdict: 'fail' });
  });

  it('of pilots is that of the worst', () => {
    expect(judge('agent-uptime', both(measured(1_000, down('resource_manager', 20))))).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^resource_manager 98 %/),
    });
  });

  it('of the cluster lacks only what both servers were down', () => {
    const [main, pc2] = [
      measured(1_000, down('nats-main', 500)),
      measured(1_000, down('nats-pc2', 10, start + 600 * interval)),
    ];
    expect(judge('nats-availability', both(pc2, main))).toMatchObject({ verdict: 'pass' });
    expect(judge('nats-availability', both(measured(1_000, down('nats-pc2', 10)), main))).toMatchObject({
      verdict: 'fail',
    });
  });

  it('of what was never up is not known', () => {
    expect(judge('edgehub-uptime', both({ ...measured(1_000), targets: {} }))).toMatchObject({
      verdict: 'inconclusive',
      summary: 'edgehub was never seen up',
    });
  });
});

describe('a machine that others look at', () => {
  const hour = 3_600_000;
  const samples = (168 * hour) / interval;
  const week: Ranges = [[start, start + 168 * hour - 1]];
  /** Each machine sees all of it, and all of the other's from outside. */
  const seen = (change: Partial<Measured> = {}) => {
    const all = measured(samples);
    const cluster = { [`cluster ${plan.messaging.cluster}`]: { since: start, down: [] } };
    return { ...all, targets: { ...all.targets, ...cluster }, outside: reached(all.targets), wanted: week, ...change };
  };
  const since = (name: string, down: Ranges) =>
    reached({ ...measured(samples).targets, [name]: { since: start, down } });

  it('and that was off for five hours was down, though it says nothing of that itself', () => {
    const off: Ranges = [[start + 10 * hour, start + 15 * hour - 1]];
    const main = seen({ outside: since('edgehub', off) });
    const pc2 = seen({ seen: minus(week, off), outside: [] });
    expect(judge('edgehub-uptime', both(pc2, main))).toMatchObject({
      verdict: 'fail',
      evidence: { value: 97.024, unknownMs: 0 },
    });
    expect(judge('agent-uptime', both(pc2, seen({ outside: since('resource_manager', off) })))).toMatchObject({
      verdict: 'fail',
      evidence: { worst: 'resource_manager' },
    });
  });

  it('is unknown where nobody looked: above the share of the plan nobody can tell', () => {
    const away = (hours: number): Ranges => minus(week, [[start + 10 * hour, start + (10 + hours) * hour - 1]]);
    const blind = (hours: number) => judge('edgehub-uptime', both(seen({ seen: away(hours) })));
    expect(blind(1)).toMatchObject({ verdict: 'pass', evidence: { value: 100, unknownMs: hour } });
    expect(blind(2)).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringContaining('nobody saw edgehub for 1.19 % of the time, at most 1 % is allowed'),
      evidence: { unknownMs: 2 * hour, needed: expect.any(Number) },
    });
    // One that looks from outside is enough.
    expect(judge('edgehub-uptime', both(seen({ seen: away(2) }), seen()))).toMatchObject({ verdict: 'pass' });
  });

  it('can not be reached through a partition of the plan, which is no fault of its own', () => {
    const cut: Ranges = [[start, start + hour - 1]];
    const records = {
      '2C.resilience.partition-local': record('2C.resilience.partition-local', {
        startedAt: cut[0]![0],
        endedAt: cut[0]![1],
      }),
    };
    const input = both(seen(), seen({ outside: since('edgehub', cut) }));
    expect(judge('edgehub-uptime', { ...input, records })).toMatchObject({ verdict: 'pass', evidence: { downMs: 0 } });
    expect(judge('edgehub-uptime', input)).toMatchObject({ verdict: 'fail' });
  });

  it('a pair of which one node is dead is no cluster, though the other is alive', () => {
    const dead = (from: number): Partial<Measured> => ({
      targets: {
        ...seen().targets,
        [`cluster ${plan.messaging.cluster}`]: { since: start, down: [[from, week[0]![1]]] },
      },
    });
    const day = start + 24 * hour;
    expect(
      judge('nats-availability', both(seen({ seen: minus(week, [[day, week[0]![1]]]) }), seen(dead(day)))),
    ).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^cluster 14\.29 %/),
    });
    expect(judge('nats-availability', both(seen()))).toMatchObject({ verdict: 'pass', evidence: { value: 100 } });
    // What one side of it can't do, the other may.
    expect(judge('nats-availability', both(seen(), seen(dead(day))))).toMatchObject({ verdict: 'pass' });
  });
});

describe('delivery', () => {
  const messages = (delivery: Delivery) => both({ ...measured(1), messages: { MainPC: delivery } });

  it('passes with 99 of 100, fails with less, and counts nobody who listened as neither', () => {
    expect(judge('delivery', messages(sent(10)))).toMatchObject({
      verdict: 'pass',
      evidence: { value: 99, samples: 2_000, lost: 20 },
    });
    expect(judge('delivery', messages(sent(11)))).toMatchObject({ verdict: 'fail' });
    expect(judge('delivery', messages({ ...sent(0), unheard: [[1, 900]] }))).toMatchObject({
      verdict: 'pass',
      evidence: { samples: 200, unheard: 1_800 },
    });
    expect(judge('delivery', both(measured(1)))).toMatchObject({ verdict: 'inconclusive' });
  });

  it('counts what nobody heard once somebody had answered, while who should have was there', () => {
    const silent = (at: number): Delivery => ({
      ...sent(0, 10, 14_000),
      answered: [[1, 120]],
      unheard: [[121, 14_000]],
      silences: [{ fromMs: at, toMs: at + 13_880 * interval - 1, last: 14_000, count: 13_880 }],
    });
    const from = (delivery: Delivery, machines: Partial<Measured> = {}) => ({
      measured: {
        MainPC: measured(14_000, { messages: { PC2: delivery } }),
        PC2: measured(14_000, machines),
      },
    });
    expect(judge('delivery', from(silent(start + 120 * interval)))).toMatchObject({
      verdict: 'fail',
      summary: '120 of 14000 messages delivered; at least 99 % is wanted',
      evidence: { lost: 13_880, unanswered: 13_880 },
    });
  });

  it('is open where more than may be unknown was sent while the worker that answers was away', () => {
    const awayFor = (away: number, sender: Partial<Measured> = {}) => {
      const heard = 14_000 - away;
      const at = start + heard * interval;
      const unheard: Ranges = [[heard + 1, 14_000]];
      const silences = [{ fromMs: at, toMs: at + away * interval - 1, last: 14_000, count: away }];
      const delivery = { ...sent(0, 10, 14_000), answered: [[1, heard]] as Ranges, unheard, silences };
      return judge('delivery', {
        measured: {
          MainPC: measured(14_000, { outside: [], messages: { PC2: delivery }, ...sender }),
          PC2: measured(heard),
        },
      });
    };
    expect(awayFor(13_880)).toMatchObject({
      verdict: 'inconclusive',
      summary:
        '120 of 120 messages delivered; 13880 (99.14 %) were sent while the worker that answers was away, at most 1 % is allowed',
      evidence: { samples: 120, unanswered: 0, unknown: 13_880 },
    });
    expect(awayFor(140)).toMatchObject({ verdict: 'pass', evidence: { unknown: 140 } });
    expect(awayFor(141)).toMatchObject({ verdict: 'inconclusive', evidence: { needed: 13_959 } });
    // A week of before goes on as it was judged.
    expect(awayFor(13_880, { outside: undefined })).toMatchObject({ verdict: 'pass', evidence: { samples: 120 } });
  });

  it('takes what falls between two slices for neither lost nor unknown', () => {
    const slice = 60 * interval;
    const slices = Array.from({ length: 50 }, (_, index) => start + index * slice);
    const silences = slices.map((at, index) => ({ fromMs: at, toMs: at, last: 60 * index + 1, count: 1 }));
    const unheard = silences.map(({ last }): [number, number] => [last, last]);
    const delivery = { ...sent(0, 10, 3_000), answered: minus([[1, 3_000]], unheard), unheard, silences };
    const found = judge('delivery', {
      measured: {
        MainPC: measured(3_000, { outside: [], messages: { PC2: delivery } }),
        PC2: measured(3_000, { seen: slices.map((at): [number, number] => [at + 1, at + slice - 1]) }),
      },
    });
    // Before the first nobody was there yet.
    expect(found).toMatchObject({ verdict: 'pass', evidence: { samples: 2_950, unanswered: 0, unknown: 1 } });
  });

  it('is open while nothing crossed one of the ways: nobody answered, or nothing was sent', () => {
    const whole = sent(0);
    const back = (delivery: Delivery) =>
      judge('delivery', {
        measured: {
          MainPC: measured(1_000, { outside: [], messages: { PC2: whole } }),
          PC2: measured(1_000, { messages: { MainPC: delivery } }),
        },
      });
    expect(back(whole)).toMatchObject({ verdict: 'pass' });
    const nobody = { ...whole, answered: [], unheard: whole.sent };
    for (const delivery of [nobody, { ...nobody, sent: [], unheard: [] }])
      expect(back(delivery)).toMatchObject({
        verdict: 'inconclusive',
        summary: 'no message crossed from PC2 to MainPC',
      });
  });

  it('does not count what was lost in a planned partition', () => {
    const records = {
      '2C.resilience.partition-local': record('2C.resilience.partition-local', {
        startedAt: start,
        endedAt: start + 1_000,
      }),
    };
    expect(judge('delivery', { ...messages(sent(100)), records })).toMatchObject({
      verdict: 'pass',
      evidence: { lost: 0, lostInPlannedWindows: 200 },
    });
  });
});

it('a pilot that never failed over is a failure, however fast the others were', () => {
  const records = {
    '2D.failover.stop': record('2D.failover.stop', { verdict: 'fail', evidence: { slowestMs: null, failovers: 2 } }),
  };
  expect(judge('failover-time', { records })).toMatchObject({
    verdict: 'fail',
    summary: 'never failed over: a pilot in 2D.failover.stop',
  });
});

describe('limits and targets', () => {
  it.each([
    ['message-latency', (ms: number) => both({ ...measured(1), messages: { MainPC: sent(0, ms) } }), 49, 99, 100],
    [
      'hub-response',
      (ms: number) => both({ ...measured(1), responses: { edgehub: histogram(ms), centralhub: histogram(1) } }),
      99,
      199,
      200,
    ],
    [
      'failover-time',
      (ms: number) => ({
        records: { '2D.failover.stop': record('2D.failover.stop', { evidence: { slowestMs: ms, failovers: 2 } }) },
      }),
      2_999,
      4_999,
      5_000,
    ],
  ] as const)('%s', (id, input, target, limit, over) => {
    expect(judge(id, input(target))).toMatchObject({ verdict: 'pass', summary: expect.stringContaining('target met') });
    expect(judge(id, input(limit))).toMatchObject({ verdict: 'pass', summary: expect.stringContaining('limit met') });
    expect(judge(id, input(over))).toMatchObject({ verdict: 'fail', summary: expect.stringContaining('is wanted') });
    expect(judge(id, {})).toMatchObject({ verdict: 'inconclusive' });
  });
});

it('a percentile of a few samples says nothing, however slow one of them was', () => {
  expect(
    judge('hub-response', both({ ...measured(1), responses: { edgehub: { ...histogram(1_000), count: 99 } } })),
  ).toMatchObject({ verdict: 'inconclusive', evidence: { samples: 99, needed: 100 } });
});

it('a hub that answered no query, or no write, is not as fast as the other', () => {
  const asked = ['edgehub query', 'edgehub write', 'centralhub query', 'centralhub write'];
  const answers = (names: string[]) =>
    judge(
      'hub-response',
      both(measured(1), {
        ...measured(1),
        responses: Object.fromEntries(names.map((name) => [name, histogram(10)])),
      }),
    );
  expect(answers(asked)).toMatchObject({ verdict: 'pass' });
  expect(answers(asked.slice(2))).toMatchObject({
    verdict: 'inconclusive',
    summary: 'no answer to edgehub query, edgehub write',
  });
});

describe('overhead', () => {
  const used = (mean: number, spread: number) =>
    both({
      ...measured(1),
      cpu: { count: 100, mean, m2: 99 * spread ** 2 },
      memory: { count: 100, mean: 1, m2: 1 },
      network: { count: 100, mean: 1, m2: 1 },
    });

  it('passes with its whole interval below the limit, fails with it above, and is open between', () => {
    expect(judge('resource-overhead', used(4, 5))).toMatchObject({
      verdict: 'pass',
      summary: expect.stringContaining('target met'),
    });
    expect(judge('resource-overhead', used(9, 5))).toMatchObject({
      verdict: 'pass',
      summary: expect.stringContaining('limit met'),
    });
    // Mean 10 (less the baseline of 1), spread 10: no number of samples tells it from 10; 8 takes (1.96 * 10 / 2)^2.
    expect(judge('resource-overhead', used(11, 10))).toMatchObject({ verdict: 'inconclusive' });
    expect(judge('resource-overhead', used(9, 11))).toMatchObject({
      verdict: 'inconclusive',
      evidence: { value: 8, samples: 100, needed: 117 },
    });
    expect(judge('resource-overhead', used(14, 5))).toMatchObject({
      verdict: 'fail',
      evidence: { machine: expect.any(String), what: 'cpu' },
    });
  });

  describe('by means of some minutes', () => {
    /** The samples alone would say 9.9 to 10.1. */
    const followed = (batches: number, spread: number) => {
      const one = { count: 1_000, mean: 10, m2: 2_600 };
      const closed = { count: batches, mean: 10, m2: (batches - 1) * spread ** 2 };
      const batch = { from: start, open: { count: 0, mean: 0, m2: 0 }, closed };
      const means = { cpu: batch, memory: batch, network: batch };
      return both({ ...measured(1), cpu: one, memory: one, network: one, means });
    };

    it('has the interval of the means, not that of samples which follow one another', () => {
      expect(judge('resource-overhead', followed(20, 2))).toMatchObject({
        verdict: 'inconclusive',
        summary: expect.stringMatching(/^network of .* 9\.06 to 10\.94 % more: the interval holds the limit/),
        evidence: { samples: 20 },
      });
      const before = { cpu: 3, memory: 3, network: 3 };
      expect(judge('resource-overhead', { ...followed(20, 2), before: { MainPC: before, PC2: before } })).toMatchObject(
        { verdict: 'pass', summary: expect.stringContaining('limit met') },
      );
    });

    it('goes by the mean alone where the week is too short for an interval, and says so', () => {
      expect(judge('resource-overhead', followed(2, 2))).toMatchObject({
        verdict: 'fail',
        summary: expect.stringMatching(/10 % more, too short for an interval; below 10 % is wanted/),
      });
      const before = { cpu: 3, memory: 3, network: 3 };
      expect(judge('resource-overhead', { ...followed(0, 0), before: { MainPC: before, PC2: before } })).toMatchObject({
        verdict: 'pass',
        summary: expect.stringMatching(/7 % more, too short for an interval; limit met/),
      });
    });
  });

  it('is that of the network as well, all of which the week brought', () => {
    const busy = both({
      ...measured(1),
      cpu: { count: 100, mean: 1, m2: 1 },
      memory: { count: 100, mean: 1, m2: 1 },
      network: { count: 100, mean: 12, m2: 99 },
    });
    expect(judge('resource-overhead', busy)).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^network of .* 11\.8 to 12\.2 % more/),
    });
  });
});

describe('whatever the verdict, a KPI says value, unit, limit, target, samples and window, and what it would need to tell', () => {
  const failover = (slowestMs: number) => ({
    records: {
      '2D.failover.stop': record('2D.failover.stop', {
        startedAt: start,
        endedAt: start + 1,
        evidence: { slowestMs, failovers: 2 },
      }),
      ...compared,
    },
  });
  const costs = {
    cpu: { count: 100, mean: 2, m2: 1 },
    memory: { count: 100, mean: 2, m2: 1 },
    network: { count: 100, mean: 2, m2: 1 },
  };
  const week = (samples: number): Partial<KpiInput> => ({
    ...failover(900),
    ...both(measured(samples, { ...costs, responses: { edgehub: histogram(10) }, messages: { MainPC: sent(0) } })),
  });

  it.each(kpis.map(({ id }) => [id.slice('kpi.'.length)]))('%s', (id) => {
    for (const input of [week(10_000), week(1), {}]) {
      const { verdict, evidence } = judge(id, input);
      expect(evidence, JSON.stringify(evidence)).toMatchObject({
        unit: expect.any(String),
        limit: expect.any(Number),
        samples: expect.any(Number),
      });
      expect(evidence.target === null || typeof evidence.target === 'number').toBe(true);
      if (verdict === 'inconclusive') expect(evidence.needed).toEqual(expect.any(Number));
      else expect(evidence).toMatchObject({ value: expect.any(Number), from: start, to: expect.any(Number) });
    }
    expect(judge(id, week(10_000)).verdict).toBe('pass');
    expect(judge(id, {})).toMatchObject({ verdict: 'inconclusive', evidence: { value: null, from: null, to: null } });
  });
});

describe('data loss', () => {
  it('is that of the rows that compare, all of them passed', () => {
    const row = (id: string, verdict: 'pass' | 'fail') => ({ [id]: record(id, { verdict, summary: 'lost 3' }) });
    expect(judge('data-loss', {})).toMatchObject({ verdict: 'inconclusive' });
    expect(judge('data-loss', { records: row('2D.failover.no-loss', 'pass') })).toMatchObject({
      verdict: 'inconclusive',
      evidence: { samples: 1, needed: 6 },
    });
    expect(judge('data-loss', { records: compared })).toMatchObject({
      verdict: 'pass',
      evidence: { value: 0, samples: 6 },
    });
    expect(judge('data-loss', { records: { ...compared, ...row('2C.resilience.replay', 'fail') } })).toMatchObject({
      verdict: 'fail',
      summary: '2C.resilience.replay: lost 3',
    });
    const trial = (lost: number) => ({
      '2D.failover.kill': record('2D.failover.kill', { verdict: 'fail', summary: `lost ${lost}`, evidence: { lost } }),
    });
    expect(judge('data-loss', { records: { ...compared, ...trial(2) } })).toMatchObject({
      verdict: 'fail',
      summary: '2D.failover.kill: lost 2',
    });
    // Slow, or unknown, is no loss.
    expect(judge('data-loss', { records: { ...compared, ...trial(0) } })).toMatchObject({ verdict: 'pass' });
    expect(
      judge('data-loss', {
        records: {
          ...compared,
          '2D.failover.kill': record('2D.failover.kill', {
            verdict: 'inconclusive',
            evidence: { failed: ['over', 'kept'] },
          }),
        },
      }),
    ).toMatchObject({ verdict: 'pass' });
  });
});

it('a planned window is from the injection to ready, for what was disturbed alone', () => {
  const minute = 60_000;
  const disturbances = { resource_manager: [[start, start + minute]] as Ranges };
  const of = (name: string, downMs: number) =>
    judge('agent-uptime', {
      ...both(measured(10_000, down(name, Math.ceil(downMs / interval)))),
      // The deployment of one pilot: another one that was down meanwhile was not down for that.
      records: {
        '2D.deploy.resource_manager': record('2D.deploy.resource_manager', {
          startedAt: start,
          endedAt: start + 60 * minute,
        }),
      },
      disturbances,
    });
  expect(of('resource_manager', minute)).toMatchObject({ verdict: 'pass', evidence: { downMs: 0 } });
  expect(of('observability_hub', 20 * minute)).toMatchObject({
    verdict: 'fail',
    evidence: { worst: 'observability_hub' },
  });
  // By the clock of another machine it began a little earlier.
  const early = { since: start - minute, down: [[start - plan.limits.clockSkew, start + minute - 1]] as Ranges };
  const seen: Ranges = [[start - minute, start + 10_000 * interval]];
  expect(
    judge('agent-uptime', {
      ...both(measured(10_000, { seen, targets: { ...measured(1).targets, resource_manager: early } })),
      disturbances,
    }),
  ).toMatchObject({ verdict: 'pass', evidence: { downMs: 0 } });
  // It was ready after a minute: what it is down later is its own.
  expect(of('resource_manager', 20 * minute)).toMatchObject({ verdict: 'fail' });
});

it('in weeks of before planned windows of something are those of the steps that disturb it, with a moment to settle, undone ones too', () => {
  const records = Object.fromEntries(
    ['2A.check.restart', '2A.check.alert', '2C.resilience.node-down', '2D.failover.hang'].map((id, index) => [
      id,
      record(id, { startedAt: 10 + index, endedAt: 20 + index }),
    ]),
  );
  const week = {
    rows,
    records,
    history: [record('2D.deploy.resource_manager', { startedAt: 30, endedAt: 40 })],
  };
  expect(plannedWindows(week, 'edge-hub')).toEqual([[10, 5_023]]);
  expect(plannedWindows(week, 'nats')).toEqual([[12, 5_022]]);
  expect(plannedWindows(week, 'agent')).toEqual([[30, 5_040]]);
});

describe('overhead of what was hardly read', () => {
  const tenMinutes = 600_000;
  /** A week of 140 hours, and means of so many times ten minutes in it. */
  const week = 140 * 6;
  const little = { count: 1_000, mean: 1, m2: 10 };
  const read = (batches: number): Partial<Measured> => {
    const closed = { count: batches, mean: 1, m2: 0.1 * batches };
    const batch = { from: start, open: { count: 0, mean: 0, m2: 0 }, closed };
    const span: Ranges = [[start, start + week * tenMinutes - 1]];
    return {
      cpu: little,
      memory: little,
      network: little,
      means: { cpu: batch, memory: batch, network: batch },
      outside: [],
      seen: span,
      wanted: span,
    };
  };
  const on = (batches: number) => measured(1, read(batches));

  it('is not known: Docker may have said nothing all week, or nobody may have asked there', () => {
    expect(judge('resource-overhead', both(on(week - 5)))).toMatchObject({ verdict: 'pass' });
    expect(judge('resource-overhead', both(on(week - 5), on(6)))).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringMatching(/cpu of MainPC is known for .* of 140h/),
    });
    expect(judge('resource-overhead', { measured: { MainPC: on(week - 5) } })).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringContaining('nothing was measured on PC2'),
    });
  });

  it('is too much all the same where that was read', () => {
    const much = { count: 1_000, mean: 30, m2: 10 };
    const closed = { count: 6, mean: 30, m2: 0.1 };
    const few = on(6);
    const batch = { from: start, open: { count: 0, mean: 0, m2: 0 }, closed };
    expect(
      judge('resource-overhead', both(on(week), { ...few, cpu: much, means: { ...few.means, cpu: batch } })),
    ).toMatchObject({ verdict: 'fail' });
  });
});
