// Totals that would grow without end are made smaller, and never better.
import { expect, test } from 'vitest';
import { clusterUptime, type Measured, nothingMeasured, summaryOf, uptimeOf } from '../../../plan/evidence/measured.ts';
import {
  bounded,
  downsAtMost,
  downsOfEach,
  rangesAtMost,
  silencesAtMost,
} from '../../../plan/evidence/measured-bounds.ts';
import { common, minus, type Ranges, rangesOf, sizeOf, union } from '../../../plan/evidence/sequence-sets.ts';

const interval = 1_000;
const every = (count: number, stepMs: number, lengthMs: number): Ranges =>
  Array.from({ length: count }, (_, index) => [index * stepMs, index * stepMs + lengthMs - 1]);
const measured = (more: Partial<Measured>): Measured => ({ ...nothingMeasured(), ...more });
const many = 3 * rangesAtMost;

test('what is small stays as it is', () => {
  const small = measured({
    seen: every(rangesAtMost, 10_000, 5_000),
    targets: { edgehub: { since: 0, down: every(rangesAtMost, 10_000, 10) } },
    messages: {
      PC2: {
        sent: [[1, 9]],
        answered: [
          [1, 4],
          [6, 9],
        ],
        unheard: [],
        lostAt: [5],
        latency: null,
      },
    },
  });
  expect(bounded(small, interval)).toEqual(small);
});

test('slices that follow each other within an interval are one, and what is between stays unknown', () => {
  const before = measured({ seen: every(many, 60_000, 59_900), targets: { edgehub: { since: 0, down: [] } } });
  const after = bounded(before, interval);
  expect(after).toMatchObject({ seen: [[0, (many - 1) * 60_000 + 59_899]], bridgedMs: 100 * (many - 1) });
  expect(uptimes(after)).toEqual(uptimes(before));
  expect(bounded(after, interval)).toEqual(after);
});

test('a hub that was down in every slice was not up between them', () => {
  const seen = every(400, 20_000, 10_000);
  const before = measured({ seen, targets: { edgehub: { since: 0, down: seen } } });
  const after = bounded(before, 10_000);
  expect(after.seen.length).toBeLessThanOrEqual(rangesAtMost);
  expect(uptimes(before)).toEqual([{ upMs: 0, downMs: 4_000_000, unknownMs: 3_990_000 }]);
  const [is] = uptimes(after);
  expect(is!.upMs).toBe(0);
  expect(is!.downMs).toBeGreaterThanOrEqual(4_000_000);
});

test('of looks with gaps between the shortest become unknown, but for what was down in them', () => {
  const seen = every(many, 60_000, 30_000).map(([first, last], index): [number, number] => [
    first,
    index % 3 === 0 ? first + 9 : last,
  ]);
  const down: Ranges = [[seen[0]![0], seen[0]![1]]];
  const before = measured({ seen, targets: { edgehub: { since: 0, down } } });
  const after = bounded(before, interval);
  expect(after.seen).toHaveLength(rangesAtMost);
  const [was, is] = [before, after].map((one) => uptimeOf(one, one.targets['edgehub']!));
  expect(is!.downMs).toBe(was!.downMs);
  expect(is!.upMs).toBeLessThan(was!.upMs);
});

test('silences become fewer by taking those for one that followed each other soonest: no message is forgotten', () => {
  const silences = Array.from({ length: silencesAtMost + 1 }, (_, index) => ({
    fromMs: index * 60_000 + (index === 3 ? -50_000 : 0),
    toMs: index * 60_000 + 1_000,
    last: 10 * index + 5,
    count: 5,
  }));
  const delivery = { sent: [], answered: [], unheard: [], lostAt: [], latency: null, silences };
  const fewer = bounded(measured({ messages: { PC2: delivery } }), interval).messages['PC2']!.silences!;
  expect(fewer).toHaveLength(silencesAtMost);
  expect(fewer.reduce((sum, { count }) => sum + count, 0)).toBe(5 * silences.length);
  expect(fewer).toContainEqual(expect.objectContaining({ toMs: silences[3]!.toMs, last: 35 }));
  expect(fewer.at(-1)).toMatchObject({ last: silences.at(-1)!.last });
});

test('downs become fewer by counting what is between as down, over all targets of a machine the shortest first', () => {
  const often = every(downsAtMost, 60_000, 100);
  const rare = every(10, 3_600_000, 100);
  const { targets } = bounded(
    measured({ targets: { edgehub: { since: 0, down: often }, agent: { since: 0, down: rare } } }),
    interval,
  );
  expect(targets['agent']!.down).toEqual(rare);
  expect(targets['edgehub']!.down).toHaveLength(downsAtMost - rare.length);
  expect(minus(often, targets['edgehub']!.down)).toEqual([]);
});

test('times in which nobody could see a target are bounded with them: what is between is unknown, and no down is lost', () => {
  const [refused, down] = [every(2 * downsAtMost, 60_000, 100), every(10, 3_600_000, 100)];
  const { targets } = bounded(measured({ targets: { edgehub: { since: 0, down, unknown: refused } } }), interval);
  expect(targets['edgehub']!.down).toEqual(down);
  expect(targets['edgehub']!.unknown).toHaveLength(downsAtMost - down.length);
  expect(minus(refused, targets['edgehub']!.unknown!)).toEqual([]);
});

test('where there are many targets, each has a few downs', () => {
  const each = every(2 * downsOfEach, 60_000, 100);
  const names = Array.from({ length: downsAtMost }, (_, index) => `agent-${index}`);
  const { targets } = bounded(
    measured({ targets: Object.fromEntries(names.map((name) => [name, { since: 0, down: each }])) }),
    interval,
  );
  const count = Object.values(targets).reduce((sum, { down }) => sum + down.length, 0);
  expect(count).toBe(downsOfEach * names.length);
});

const uptimes = (one: Measured, without: Ranges = []) =>
  Object.values(one.targets).map((target) => uptimeOf(one, target, without));

/** Numbers from 0 to below 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = 7_919 * (seed + 1) * (seed + 1);
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** As a machine would have measured it: slices with gaps, targets that come up at some time and are down now and then, messages that come or not. */
function anyMeasured(random: () => number): Measured {
  const seen: Ranges = [];
  // Some machines are never away for longer than an interval.
  const gapMs = random() < 0.5 ? interval / 2 : 5 * interval;
  const slices = rangesAtMost * (0.5 + 3 * random());
  for (let at = 1; seen.length < slices;) {
    const last = at + Math.floor(random() * 20_000);
    seen.push([at, last]);
    at = last + 2 + Math.floor(random() * gapMs);
  }
  const end = seen.at(-1)![1];
  const target = () => {
    const [since] = seen[Math.floor(random() * seen.length)]!;
    const often = random() * 600;
    const down = union(
      Array.from({ length: often }, (): [number, number] => {
        const at = since + Math.floor(random() * (end - since));
        return [at, at + Math.floor(random() * 5_000)];
      }),
    );
    return { since, down: minus(common(seen, down), [[0, since]]) };
  };
  const sent: Ranges = [[1, 2_000]];
  const became = Array.from({ length: 2_000 }, (_, index) => ({ number: index + 1, how: random() }));
  const of = (low: number, high: number) =>
    rangesOf(became.filter(({ how }) => how >= low && how < high).map(({ number }) => number));
  return measured({
    seen,
    targets: Object.fromEntries(['edgehub', 'nats', 'agent'].map((name) => [name, target()])),
    messages: { PC2: { sent, answered: of(0, 0.7), unheard: of(0.7, 0.9), lostAt: [], latency: null } },
  });
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))('nothing is better than it was (%i)', (seed) => {
  const random = seeded(seed);
  const [before, other] = [anyMeasured(random), anyMeasured(random)];
  const [after, otherAfter] = [before, other].map((one) => bounded(one, interval)) as [Measured, Measured];
  expect(after.seen.length).toBeLessThanOrEqual(rangesAtMost);
  const planned = every(20, 200_000, 50_000);
  const cluster = (...members: Measured[]) =>
    members.map((one) => ({ measured: one, availability: one.targets['nats']! }));
  for (const without of [[], planned]) {
    const was = [...uptimes(before, without), clusterUptime(cluster(before, other), without)];
    const is = [...uptimes(after, without), clusterUptime(cluster(after, otherAfter), without)];
    for (const [index, { upMs, downMs }] of was.entries()) {
      expect(is[index]!.upMs).toBeLessThanOrEqual(upMs);
      expect(is[index]!.downMs).toBeGreaterThanOrEqual(downMs);
    }
  }
  const [messages, then] = [before, after].map((one) => summaryOf(one).messages['PC2']!);
  expect(then).toEqual(messages);
});

test('as many messages are answered, unheard and lost as before', () => {
  const sent: Ranges = [[1, 3 * many]];
  const answered = every(many, 3, 1).map(([first]): [number, number] => [first + 1, first + 1]);
  const unheard = every(many, 3, 1).map(([first]): [number, number] => [first + 2, first + 2]);
  const delivery = { sent, answered, unheard, lostAt: [7], latency: null };
  const after = bounded(measured({ messages: { PC2: delivery } }), interval).messages['PC2']!;
  expect(after).toEqual({ ...delivery, answered: [[1, many]], unheard: [[many + 1, 2 * many]] });
  expect(sizeOf(minus(minus(after.sent, after.answered), after.unheard))).toBe(many);
});
