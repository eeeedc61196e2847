// Zero loss as set algebra over sequence numbers: what was attempted, acknowledged and read back. Sets travel as sorted ranges.

/** Sorted, disjoint, inclusive: [[1, 40], [42, 60]]. */
export type Ranges = [first: number, last: number][];

export function rangesOf(numbers: Iterable<number>): Ranges {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const ranges: Ranges = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

export function sizeOf(ranges: Ranges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function union(...sets: Ranges[]): Ranges {
  const merged: Ranges = [];
  for (const [first, last] of sets.flat().sort(([a], [b]) => a - b)) {
    const top = merged.at(-1);
    if (top && first <= top[1] + 1) top[1] = Math.max(top[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** What is in `from` and not in `remove`. */
export function minus(from: Ranges, remove: Ranges): Ranges {
  const left: Ranges = [];
  let next = 0;
  for (const [first, last] of from) {
    let start = first;
    while (next < remove.length && remove[next]![1] < first) next += 1;
    for (let index = next; index < remove.length && remove[index]![0] <= last; index += 1) {
      const [low, high] = remove[index]!;
      if (low > start) left.push([start, low - 1]);
      start = high + 1;
    }
    if (start <= last) left.push([start, last]);
  }
  return left;
}

/** What is in both. */
export function common(one: Ranges, other: Ranges): Ranges {
  return minus(one, minus(one, other));
}

/** What can be lost: all that was attempted. Weeks of earlier builds looked at what was acknowledged. */
export type LossOf = 'attempted' | 'acknowledged';

/** At most so many of them: the shortest gaps are closed. */
export function fewer(ranges: Ranges, atMost: number): Ranges {
  const gaps = ranges.slice(1).map(([first], index) => ({ before: index + 1, size: first - ranges[index]![1] }));
  const closed = gaps.sort((one, other) => one.size - other.size).slice(0, Math.max(0, ranges.length - atMost));
  const before = new Set(closed.map((gap) => gap.before));
  return ranges.reduce<Ranges>((all, [first, last], index) => {
    const top = all.at(-1);
    return top && before.has(index) ? [...all.slice(0, -1), [top[0], last]] : [...all, [first, last]];
  }, []);
}

export interface Compared {
  /** Acknowledged, and not there. */
  lost: Ranges;
  /** Attempted, never acknowledged, and not there: lost as well, whoever was told. */
  unanswered: Ranges;
  /** There although nobody acknowledged it: its answer was lost, it was not. */
  recovered: Ranges;
  /** There, and never sent. */
  unexpected: Ranges;
}

/** Sequence numbers of one publisher: `attempted` are all that were sent, answered or not; `acknowledged` those that were taken; `read` those that are there. */
export function compare({
  attempted,
  acknowledged,
  read,
}: {
  attempted: Ranges;
  acknowledged: Ranges;
  read: Ranges;
}): Compared {
  return {
    lost: minus(acknowledged, read),
    unanswered: minus(minus(attempted, acknowledged), read),
    recovered: minus(common(read, attempted), acknowledged),
    unexpected: minus(read, attempted),
  };
}

/** "3-5, 9" for people; at most `most` ranges. */
export function spellRanges(ranges: Ranges, most = 5): string {
  const shown = ranges.slice(0, most).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return ranges.length > most ? `${shown.join(', ')} and ${ranges.length - most} more` : shown.join(', ');
}
