// Totals that would grow without end are made smaller, and never better.
import { expect, test } from 'vitest';
import { type Measured, nothingMeasured, uptimeOf } from '../../../plan/evidence/measured.ts';
import { bounded, rangesAtMost } from '../../../plan/evidence/measured-bounds.ts';
import { minus, type Ranges, sizeOf } from '../../../plan/evidence/sequence-sets.ts';

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

test('looks that follow each other within an interval are one', () => {
  const { seen } = bounded(measured({ seen: every(many, 60_000, 59_900) }), interval);
  expect(seen).toEqual([[0, (many - 1) * 60_000 + 59_899]]);
});

test('of looks with gaps between the shortest become unknown, but for those that saw something down', () => {
  const seen = every(many, 60_000, 30_000).map(([first, last], index): [number, number] => [
    first,
    index % 3 === 0 ? first + 9 : last,
  ]);
  const down: Ranges = [[seen[0]![0], seen[0]![1]]];
  const before = measured({ seen, targets: { edgehub: { since: 0, down } } });
  const after = bounded(before, interval);
  expect(after.seen).toHaveLength(rangesAtMost);
  expect(after.seen[0]).toEqual(seen[0]);
  const [was, is] = [before, after].map((one) => uptimeOf(one, one.targets['edgehub']!));
  expect(is!.downMs).toBe(was!.downMs);
  expect(is!.upMs).toBeLessThan(was!.upMs);
});

test('downs become fewer by counting what is between as down', () => {
  const down = every(many, 60_000, 100).map(([first, last], index): [number, number] => [
    first - (index % 2) * 30_000,
    last - (index % 2) * 30_000,
  ]);
  const { targets } = bounded(measured({ targets: { edgehub: { since: 0, down } } }), interval);
  const fewer = targets['edgehub']!.down;
  expect(fewer.length).toBeLessThanOrEqual(rangesAtMost);
  expect(minus(down, fewer)).toEqual([]);
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
