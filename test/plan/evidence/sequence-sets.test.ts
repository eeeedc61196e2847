// Sets of sequence numbers as ranges, held against plain sets.
import { describe, expect, it } from 'vitest';
import {
  common,
  compare,
  minus,
  rangesOf,
  sizeOf,
  spellRanges,
  union,
  type Ranges,
} from '../../../plan/evidence/sequence-sets.ts';

const universe = [1, 2, 3, 4, 5, 6];
const subsets = Array.from({ length: 2 ** universe.length }, (_, bits) =>
  universe.filter((_number, index) => bits & (1 << index)),
);
const pairs = subsets.flatMap((a) => subsets.map((b) => [a, b] as const));

function numbersOf(ranges: Ranges): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

describe('ranges', () => {
  it('are sorted, disjoint, and hold each number once', () => {
    expect(rangesOf([5, 1, 2, 2, 3, 9, 8])).toEqual([
      [1, 3],
      [5, 5],
      [8, 9],
    ]);
    expect(rangesOf([])).toEqual([]);
  });

  it('have the size of their set, for every subset of six numbers', () => {
    for (const numbers of subsets) {
      expect(numbersOf(rangesOf(numbers))).toEqual(numbers);
      expect(sizeOf(rangesOf(numbers))).toBe(numbers.length);
    }
  });

  it('take the difference of sets, for every pair of subsets', () => {
    const wrong = pairs.filter(
      ([a, b]) =>
        JSON.stringify(minus(rangesOf(a), rangesOf(b))) !==
        JSON.stringify(rangesOf(a.filter((number) => !b.includes(number)))),
    );
    expect(wrong).toEqual([]);
  });

  it('take the union of sets, with neighbours joined, for every pair of subsets', () => {
    const wrong = pairs.filter(
      ([a, b]) => JSON.stringify(union(rangesOf(a), rangesOf(b))) !== JSON.stringify(rangesOf([...a, ...b])),
    );
    expect(wrong).toEqual([]);
  });

  it('have in common what is in both, for every pair of subsets', () => {
    const wrong = pairs.filter(
      ([a, b]) =>
        JSON.stringify(common(rangesOf(a), rangesOf(b))) !==
        JSON.stringify(rangesOf(a.filter((number) => b.includes(number)))),
    );
    expect(wrong).toEqual([]);
  });

  it('leave what they are made from as it was', () => {
    const a: Ranges = [[1, 3]];
    const b: Ranges = [[2, 6]];
    union(a, b);
    minus(a, b);
    expect([a, b]).toEqual([[[1, 3]], [[2, 6]]]);
  });

  it('are spelt for people, and cut short', () => {
    expect(
      spellRanges([
        [3, 5],
        [9, 9],
      ]),
    ).toBe('3-5, 9');
    expect(
      spellRanges([
        [1, 1],
        [3, 3],
        [5, 5],
        [7, 7],
        [9, 9],
        [11, 11],
        [13, 13],
      ]),
    ).toBe('1, 3, 5, 7, 9 and 2 more');
    expect(spellRanges([])).toBe('');
  });
});

describe('what was attempted, acknowledged and read', () => {
  const attempted: Ranges = [[1, 10]];
  const acknowledged: Ranges = [[1, 8]];

  it.each([
    ['nothing to say of what was acknowledged and is there', [[1, 8]], { unanswered: [[9, 10]] }],
    [
      'lost: acknowledged and not there',
      [
        [1, 4],
        [6, 8],
      ],
      { lost: [[5, 5]], unanswered: [[9, 10]] },
    ],
    ['recovered: there, and nobody acknowledged it', [[1, 9]], { recovered: [[9, 9]], unanswered: [[10, 10]] }],
    ['unanswered: nobody acknowledged it, and it is not there', [[1, 8]], { unanswered: [[9, 10]] }],
    [
      'unexpected: there, and nobody sent it',
      [
        [0, 8],
        [11, 12],
      ],
      {
        unanswered: [[9, 10]],
        unexpected: [
          [0, 0],
          [11, 12],
        ],
      },
    ],
    ['all three at once', [[2, 12]], { lost: [[1, 1]], recovered: [[9, 10]], unexpected: [[11, 12]] }],
  ] as [string, Ranges, object][])('%s', (_what, read, is) => {
    expect(compare({ attempted, acknowledged, read })).toEqual({
      lost: [],
      unanswered: [],
      recovered: [],
      unexpected: [],
      ...is,
    });
  });

  it('is told apart as plain sets tell it, for every three subsets of four numbers', () => {
    const small = subsets.filter((numbers) => numbers.every((number) => number <= 4));
    const wrong = small
      .flatMap((tried) => small.flatMap((acked) => small.map((there) => [tried, acked, there] as const)))
      .filter(([tried, acked, there]) => {
        const is = compare({ attempted: rangesOf(tried), acknowledged: rangesOf(acked), read: rangesOf(there) });
        const wanted = {
          lost: acked.filter((number) => !there.includes(number)),
          unanswered: tried.filter((number) => !acked.includes(number) && !there.includes(number)),
          recovered: there.filter((number) => tried.includes(number) && !acked.includes(number)),
          unexpected: there.filter((number) => !tried.includes(number)),
        };
        return (
          JSON.stringify([is.lost, is.unanswered, is.recovered, is.unexpected].map(numbersOf)) !==
          JSON.stringify([wanted.lost, wanted.unanswered, wanted.recovered, wanted.unexpected])
        );
      });
    expect(wrong).toEqual([]);
  });
});
