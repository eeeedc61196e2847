// What a machine reaches of others: kept together while it goes the same way, and never better when there is too much of it.
import { describe, expect, it } from 'vitest';
import {
  fewerReached,
  groupsAtMost,
  outsideDownsAtMost,
  reachedOf,
  withoutReached,
  withReached,
} from '../../../plan/evidence/outside.ts';
import type { Reached } from '../../../plan/evidence/measured.ts';
import { minus, rangesOf, sizeOf } from '../../../plan/evidence/sequence-sets.ts';

const names = ['hub', 'nats', 'one', 'two'];
/** Looks one second apart, at each of them those that are lost. */
const after = (...lost: string[][]) =>
  lost.reduce<Reached[]>(
    (groups, down, index) =>
      withReached(
        groups,
        names.map((target) => ({ target, up: !down.includes(target) })),
        [1_000 * index, 1_000 * index + 999],
      ),
    [],
  );

describe('targets of another machine', () => {
  it('are one while they are reached and lost together, as when it is off', () => {
    expect(after([], names, [])).toEqual([{ names, since: 0, down: [[1_000, 1_999]] }]);
  });

  it('are apart once one of them is lost alone', () => {
    const groups = after([], ['one'], []);
    expect(groups).toHaveLength(2);
    expect(reachedOf(groups, 'one')).toMatchObject({ since: 0, down: [[1_000, 1_999]] });
    for (const name of ['hub', 'nats', 'two']) expect(reachedOf(groups, name)).toMatchObject({ since: 0, down: [] });
  });

  it('count from the first time that they were reached: before that nobody knows', () => {
    const groups = after(['hub', 'one'], ['one'], ['one']);
    expect(reachedOf(groups, 'hub')).toMatchObject({ since: 1_000, down: [] });
    expect(reachedOf(groups, 'one')).toBeUndefined();
    expect(reachedOf(undefined, 'hub')).toBeUndefined();
  });

  it('are forgotten by name', () => {
    const groups = withoutReached(after([], ['one'], []), ['one', 'hub']);
    expect(groups).toEqual([{ names: ['nats', 'two'], since: 0, down: [] }]);
  });
});

describe('too many of them', () => {
  const group = (index: number, down: number): Reached => ({
    names: [`agent-${index}`],
    since: 1_000 * (index % 3),
    down: rangesOf(Array.from({ length: down }, (_, at) => 100_000 * (at + 1) + 10 * index)),
  });

  it('are joined where they differ least, each down when it was down, and known no earlier', () => {
    const groups = Array.from({ length: 3 * groupsAtMost }, (_, index) => group(index, index % 5));
    const fewer = fewerReached(groups);
    expect(fewer).toHaveLength(groupsAtMost);
    for (const {
      names: [name = ''],
      since,
      down,
    } of groups) {
      const now = reachedOf(fewer, name)!;
      expect(now.since).toBeGreaterThanOrEqual(since);
      expect(minus(down, now.down)).toEqual([]);
    }
  });

  it('have the shortest times between two losses closed', () => {
    const fewer = fewerReached([group(0, 2 * outsideDownsAtMost), group(1, 3)]);
    expect(fewer.reduce((sum, { down }) => sum + down.length, 0)).toBeLessThanOrEqual(outsideDownsAtMost);
    expect(sizeOf(minus(group(0, 2 * outsideDownsAtMost).down, reachedOf(fewer, 'agent-0')!.down))).toBe(0);
  });

  it('stay as they are where they are few', () => {
    const groups = [group(0, 2), group(1, 3)];
    expect(fewerReached(groups)).toBe(groups);
  });
});
