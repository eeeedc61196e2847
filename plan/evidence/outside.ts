// What a machine reaches of others: targets that were reached and lost together are kept as one, since a machine that is off takes all of its own along. Pure.
import type { Availability, Reached } from './measured.ts';
import { fewer, minus, type Ranges, sizeOf, union } from './sequence-sets.ts';

/** So many with another course: those that differ least are joined. */
export const groupsAtMost = 20;
/** In which any of them was down, or nobody could see it. */
export const outsideDownsAtMost = 100;

export function reachedOf(groups: Reached[] | undefined, name: string): Availability | undefined {
  return groups?.find(({ names }) => names.includes(name));
}

export function withReached(
  groups: Reached[],
  looks: { target: string; up: boolean; unknown?: true }[],
  span: [first: number, last: number],
): Reached[] {
  const unseen = new Set(looks.filter(({ unknown }) => unknown).map(({ target }) => target));
  const lost = new Set(looks.filter(({ up, unknown }) => !up && !unknown).map(({ target }) => target));
  const known = new Set(groups.flatMap(({ names }) => names));
  const first = looks.filter(({ target, up }) => up && !known.has(target)).map(({ target }) => target);
  return together([
    ...groups.flatMap((group) => [
      { ...group, names: group.names.filter((name) => !lost.has(name) && !unseen.has(name)) },
      { ...group, names: group.names.filter((name) => lost.has(name)), down: union(group.down, [span]) },
      { ...group, names: group.names.filter((name) => unseen.has(name)), unknown: union(group.unknown ?? [], [span]) },
    ]),
    { names: first, since: span[0], down: [] },
  ]);
}

export function withoutReached(groups: Reached[], gone: string[]): Reached[] {
  return together(groups.map((group) => ({ ...group, names: group.names.filter((name) => !gone.includes(name)) })));
}

/** What the week itself disturbed is judged without such times: left out, it is not another course of its own. */
export function unexcused(groups: Reached[], excused: (name: string) => Ranges): Reached[] {
  return together(
    groups.flatMap((group) =>
      group.down.length === 0
        ? [group]
        : group.names.map((name) => ({ ...group, names: [name], down: minus(group.down, excused(name)) })),
    ),
  );
}

/** Joined, they were down when either was, and are known from the time when both were. */
export function fewerReached(groups: Reached[]): Reached[] {
  const many = timesIn(groups) > outsideDownsAtMost;
  if (groups.length <= groupsAtMost && !many) return groups;
  const sorted = [...groups].sort((one, other) => one.since - other.since || sizeOf(one.down) - sizeOf(other.down));
  while (sorted.length > groupsAtMost) {
    const costs = sorted.slice(1).map((group, index) => apart(sorted[index]!, group));
    const at = costs.indexOf(Math.min(...costs));
    sorted.splice(at, 2, joined(sorted[at]!, sorted[at + 1]!));
  }
  return closed(sorted);
}

/** Where one was lost again soonest, what is between counts as down; and as unknown, where nobody could see it again. */
function closed(groups: Reached[]): Reached[] {
  const gaps = groups
    .flatMap(({ down, unknown = [] }, group) => [
      ...gapsIn(down).map((ms) => ({ group, kind: 'down' as const, ms })),
      ...gapsIn(unknown).map((ms) => ({ group, kind: 'unknown' as const, ms })),
    ])
    .sort((one, other) => one.ms - other.ms);
  const shortest = gaps.slice(0, Math.max(0, timesIn(groups) - outsideDownsAtMost));
  return groups.map((one, index) => {
    const fewerOf = (kind: 'down' | 'unknown', ranges: Ranges) =>
      fewer(ranges, ranges.length - shortest.filter((gap) => gap.group === index && gap.kind === kind).length);
    const { down, unknown } = one;
    return { ...one, down: fewerOf('down', down), ...(unknown && { unknown: fewerOf('unknown', unknown) }) };
  });
}

function gapsIn(ranges: Ranges): number[] {
  return ranges.slice(1).map(([first], index) => first - ranges[index]![1]);
}

function timesIn(groups: Reached[]): number {
  return groups.reduce((sum, { down, unknown = [] }) => sum + down.length + unknown.length, 0);
}

function joined(one: Reached, other: Reached): Reached {
  const unknown = union(one.unknown ?? [], other.unknown ?? []);
  return {
    names: [...one.names, ...other.names],
    since: Math.max(one.since, other.since),
    down: union(one.down, other.down),
    ...(unknown.length > 0 && { unknown }),
  };
}

function apart(one: Reached, other: Reached): number {
  const between = (is: Ranges, was: Ranges) => 2 * sizeOf(union(is, was)) - sizeOf(is) - sizeOf(was);
  return (
    Math.abs(other.since - one.since) + between(one.down, other.down) + between(one.unknown ?? [], other.unknown ?? [])
  );
}

/** Those with the same course are one. */
function together(groups: Reached[]): Reached[] {
  const found = new Map<string, Reached>();
  for (const { names, ...course } of groups) {
    if (names.length === 0) continue;
    const key = JSON.stringify([course.since, course.down, course.unknown]);
    found.set(key, { names: [...(found.get(key)?.names ?? []), ...names], ...course });
  }
  return [...found.values()];
}
