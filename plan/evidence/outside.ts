// What a machine reaches of others: targets that were reached and lost together are kept as one, since a machine that is off takes all of its own along. Pure.
import type { Availability, Reached } from './measured.ts';
import { fewer, sizeOf, union } from './sequence-sets.ts';

/** So many with another course: those that differ least are joined. */
export const groupsAtMost = 20;
/** In which any of them was down. */
export const outsideDownsAtMost = 100;

export function reachedOf(groups: Reached[] | undefined, name: string): Availability | undefined {
  return groups?.find(({ names }) => names.includes(name));
}

export function withReached(
  groups: Reached[],
  looks: { target: string; up: boolean }[],
  span: [first: number, last: number],
): Reached[] {
  const lost = new Set(looks.filter(({ up }) => !up).map(({ target }) => target));
  const known = new Set(groups.flatMap(({ names }) => names));
  const first = looks.filter(({ target, up }) => up && !known.has(target)).map(({ target }) => target);
  return together([
    ...groups.flatMap(({ names, since, down }) => [
      { names: names.filter((name) => !lost.has(name)), since, down },
      { names: names.filter((name) => lost.has(name)), since, down: union(down, [span]) },
    ]),
    { names: first, since: span[0], down: [] },
  ]);
}

export function withoutReached(groups: Reached[], gone: string[]): Reached[] {
  return together(groups.map((group) => ({ ...group, names: group.names.filter((name) => !gone.includes(name)) })));
}

/** Joined, they were down when either was, and are known from the time when both were. */
export function fewerReached(groups: Reached[]): Reached[] {
  const many = groups.reduce((sum, { down }) => sum + down.length, 0) > outsideDownsAtMost;
  if (groups.length <= groupsAtMost && !many) return groups;
  const sorted = [...groups].sort((one, other) => one.since - other.since || sizeOf(one.down) - sizeOf(other.down));
  while (sorted.length > groupsAtMost) {
    const costs = sorted.slice(1).map((group, index) => apart(sorted[index]!, group));
    const at = costs.indexOf(Math.min(...costs));
    sorted.splice(at, 2, joined(sorted[at]!, sorted[at + 1]!));
  }
  return closed(sorted);
}

/** Where one was lost again soonest, what is between counts as down. */
function closed(groups: Reached[]): Reached[] {
  const gaps = groups
    .flatMap(({ down }, group) => down.slice(1).map(([first], index) => ({ group, ms: first - down[index]![1] })))
    .sort((one, other) => one.ms - other.ms);
  const count = groups.reduce((sum, { down }) => sum + down.length, 0);
  const shortest = gaps.slice(0, Math.max(0, count - outsideDownsAtMost));
  return groups.map((group, index) => {
    const over = shortest.filter((gap) => gap.group === index).length;
    return { ...group, down: fewer(group.down, group.down.length - over) };
  });
}

function joined(one: Reached, other: Reached): Reached {
  return {
    names: [...one.names, ...other.names],
    since: Math.max(one.since, other.since),
    down: union(one.down, other.down),
  };
}

function apart(one: Reached, other: Reached): number {
  const both = sizeOf(union(one.down, other.down));
  return Math.abs(other.since - one.since) + 2 * both - sizeOf(one.down) - sizeOf(other.down);
}

/** Those with the same course are one. */
function together(groups: Reached[]): Reached[] {
  const found = new Map<string, Reached>();
  for (const { names, since, down } of groups) {
    if (names.length === 0) continue;
    const course = JSON.stringify([since, down]);
    found.set(course, { names: [...(found.get(course)?.names ?? []), ...names], since, down });
  }
  return [...found.values()];
}
