// Keeps the totals of a long week small: never better than it was, and no loss is forgotten. Pure.
import type { Availability, Delivery, Measured } from './measured.ts';
import { common, type Ranges, sizeOf } from './sequence-sets.ts';

/** Of one set: a week that goes well needs a handful, and one whose machines come and go all day a few dozen. */
export const rangesAtMost = 300;

/** `intervalMs`: between two looks. What was found holds until the next, so a gap of that length is none. */
export function bounded(measured: Measured, intervalMs: number): Measured {
  const { seen, targets, messages } = measured;
  const downs = Object.values(targets).flatMap(({ down }) => down);
  return {
    ...measured,
    seen: seen.length > rangesAtMost ? fewerSeen(joined(seen, intervalMs), downs) : seen,
    targets: Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, fewerDown(target)])),
    messages: Object.fromEntries(
      Object.entries(messages).map(([machine, delivery]) => [machine, renumbered(delivery)]),
    ),
  };
}

function joined(ranges: Ranges, gapMs: number): Ranges {
  const all: Ranges = [];
  for (const [first, last] of ranges) {
    const top = all.at(-1);
    if (top && first - top[1] - 1 <= gapMs) top[1] = last;
    else all.push([first, last]);
  }
  return all;
}

/** The shortest become unknown, but for those in which something was down. */
function fewerSeen(seen: Ranges, downs: Ranges): Ranges {
  const spare = seen
    .filter((range) => common([range], downs).length === 0)
    .sort((one, other) => sizeOf([one]) - sizeOf([other]))
    .slice(0, Math.max(0, seen.length - rangesAtMost));
  return seen.filter((range) => !spare.includes(range));
}

/** What was up for the shortest time between counts as down. */
function fewerDown({ since, down }: Availability): Availability {
  if (down.length <= rangesAtMost) return { since, down };
  const widest = down
    .slice(1)
    .map(([first], index) => ({ index: index + 1, gap: first - down[index]![1] }))
    .sort((one, other) => other.gap - one.gap)
    .slice(0, rangesAtMost - 1)
    .map(({ index }) => index);
  const starts = [0, ...widest.sort((one, other) => one - other)];
  return { since, down: starts.map((start, at) => [down[start]![0], down[(starts[at + 1] ?? down.length) - 1]![1]]) };
}

/** How many were answered or unheard is what is judged, not which. */
function renumbered(delivery: Delivery): Delivery {
  const { sent, answered, unheard } = delivery;
  const first = sent[0]?.[0];
  if (first === undefined || answered.length + unheard.length <= rangesAtMost) return delivery;
  const span = (from: number, count: number): Ranges => (count === 0 ? [] : [[from, from + count - 1]]);
  const count = sizeOf(answered);
  return { ...delivery, answered: span(first, count), unheard: span(first + count, sizeOf(unheard)) };
}
