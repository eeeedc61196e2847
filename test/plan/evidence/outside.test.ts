// What a machine reaches of others: kept together while it goes the same way, and never better when there is too much of it.
import { describe, expect, it } from 'vitest';
import {
  fewerReached,
  groupsAtMost,
  outsideDownsAtMost,
  reachedOf,
  unexcused,
  withoutReached,
  withReached,
} from '../../../plan/evidence/outside.ts';
import type { Reached } from '../../../plan/evidence/measured.ts';
import { minus, type Ranges, rangesOf, sizeOf } from '../../../plan/evidence/sequence-sets.ts';

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

describe('where who looks is refused', () => {
  const looks = (of: Record<string, object>) => names.map((target) => ({ target, up: true, ...of[target] }));
  const refused = { up: false, unknown: true as const };
  const seen = (...all: Record<string, object>[]) =>
    all.reduce<Reached[]>(
      (groups, of, index) => withReached(groups, looks(of), [1_000 * index, 1_000 * index + 999]),
      [],
    );

  it('they are neither reached nor lost', () => {
    const groups = seen({}, { one: refused }, { two: { up: false } });
    expect(reachedOf(groups, 'one')).toMatchObject({ since: 0, down: [], unknown: [[1_000, 1_999]] });
    expect(reachedOf(groups, 'two')).toMatchObject({ down: [[2_000, 2_999]] });
    expect(reachedOf(groups, 'two')).not.toHaveProperty('unknown');
    const excused = unexcused(groups, () => [[2_000, 2_999]]);
    expect(reachedOf(excused, 'one')).toMatchObject({ unknown: [[1_000, 1_999]] });
    expect(seen({ one: refused })).toMatchObject([{ names: ['hub', 'nats', 'two'] }]);
  });

  it('the times are bounded as those of losses', () => {
    const unknown = rangesOf(Array.from({ length: 2 * outsideDownsAtMost }, (_, at) => 100_000 * (at + 1)));
    const [fewer] = fewerReached([{ names, since: 0, down: [[5, 9]], unknown }]);
    expect(fewer!.unknown).toHaveLength(outsideDownsAtMost - 1);
    expect(minus(unknown, fewer!.unknown!)).toEqual([]);
    expect(fewer!.down).toEqual([[5, 9]]);
  });
});

it('what the week disturbs one after the other goes the same way: none is down when another was', () => {
  const pilots = Array.from({ length: 3 * outsideDownsAtMost }, (_, index) => `pilot-${index}`);
  const deployed = (name: string): Ranges => [[60_000 * pilots.indexOf(name), 60_000 * pilots.indexOf(name) + 2_999]];
  const groups = pilots.map((name) => ({ names: [name], since: 0, down: deployed(name) }));
  // One of them was lost once more, and that is its own.
  groups[7]!.down = [...groups[7]!.down, [1e9, 1e9 + 999]];
  const fewer = fewerReached(unexcused(groups, deployed));
  for (const name of pilots) expect(reachedOf(fewer, name)!.down).toEqual(name === 'pilot-7' ? [[1e9, 1e9 + 999]] : []);
  // With the times of all of them kept each would be down while fifteen are deployed.
  expect(sizeOf(reachedOf(fewerReached(groups), 'pilot-1')!.down)).toBeGreaterThan(600_000);
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
