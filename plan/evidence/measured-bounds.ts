// Keeps the totals of a long week small: never better than it was, and no loss is forgotten. Pure.
import type { Delivery, Measured, Silence } from './measured.ts';
import { fewerReached } from './outside.ts';
import { type Ranges, sizeOf } from './sequence-sets.ts';

/** Of what was seen: a week that goes well needs a handful. */
export const rangesAtMost = 300;
/** Of messages from one machine to another, answered and unheard. */
export const messagesAtMost = 150;
/** When messages were lost, from one machine to another: so many decide what there is to decide. */
export const lostAtMost = 100;
/** In which targets of a machine were down, or nobody could see them: of all together, or of each where there are many. */
export const downsAtMost = 300;
export const downsOfEach = 3;
/** In which nobody heard the messages from one machine to another. */
export const silencesAtMost = 12;
/** When a machine was wanted to look: one more for each pause and each new history. */
export const wantedAtMost = 20;

/** `intervalMs`: between two looks. Slices that follow each other closer are one, and the time between stays unknown. */
export function bounded(measured: Measured, intervalMs: number): Measured {
  const { seen, bridgedMs = 0, targets, outside, messages } = measured;
  const tooMany = seen.length > rangesAtMost;
  const bridged = tooMany ? joined(seen, intervalMs) : seen;
  return {
    ...measured,
    seen: longest(bridged),
    ...(tooMany && { bridgedMs: bridgedMs + sizeOf(bridged) - sizeOf(seen) }),
    targets: withFewerTimes(targets),
    ...(outside && { outside: fewerReached(outside) }),
    messages: Object.fromEntries(
      Object.entries(messages).map(([machine, delivery]) => [machine, withFewerSilences(renumbered(delivery))]),
    ),
  };
}

/** Ranges that follow each other so close are one. */
export function joined(ranges: Ranges, gapMs: number): Ranges {
  const all: Ranges = [];
  for (const [first, last] of ranges) {
    const top = all.at(-1);
    if (top && first - top[1] - 1 <= gapMs) top[1] = last;
    else all.push([first, last]);
  }
  return all;
}

/** The others become unknown, but for what was down in them, which the targets have. */
function longest(seen: Ranges): Ranges {
  const spare = new Set(
    [...seen].sort((one, other) => sizeOf([one]) - sizeOf([other])).slice(0, Math.max(0, seen.length - rangesAtMost)),
  );
  return seen.filter((range) => !spare.has(range));
}

const kinds = ['down', 'unknown'] as const;

/** Where one was down again soonest, what is between counts as down; and as unknown, where nobody could see it again. */
function withFewerTimes(targets: Measured['targets']): Measured['targets'] {
  const all = Object.entries(targets);
  const times = all.flatMap(([name, target]) => kinds.map((kind) => ({ name, kind, ranges: target[kind] ?? [] })));
  const count = times.reduce((sum, { ranges }) => sum + ranges.length, 0);
  const over = count - Math.max(downsAtMost, downsOfEach * all.length);
  if (over <= 0) return targets;
  const gaps = times.flatMap(({ name, kind, ranges }) =>
    ranges.slice(1).map(([first], index) => ({ name, kind, before: index + 1, ms: first - ranges[index]![1] })),
  );
  const closed = gaps.sort((one, other) => one.ms - other.ms).slice(0, over);
  return Object.fromEntries(
    all.map(([name, target]) => {
      const fewerOf = (kind: (typeof kinds)[number], ranges: Ranges) => {
        const before = new Set(closed.filter((gap) => gap.name === name && gap.kind === kind).map((gap) => gap.before));
        return withClosed(ranges, before);
      };
      const { down, unknown } = target;
      return [
        name,
        { ...target, down: fewerOf('down', down), ...(unknown && { unknown: fewerOf('unknown', unknown) }) },
      ];
    }),
  );
}

function withClosed(ranges: Ranges, before: Set<number>): Ranges {
  const all: Ranges = [];
  for (const [index, [first, last]] of ranges.entries()) {
    if (before.has(index)) all.at(-1)![1] = last;
    else all.push([first, last]);
  }
  return all;
}

/** How many were answered or unheard is what is judged, not which. */
function renumbered(delivery: Delivery): Delivery {
  const { sent, answered, unheard } = delivery;
  const first = sent[0]?.[0];
  if (first === undefined || answered.length + unheard.length <= messagesAtMost) return delivery;
  const span = (from: number, count: number): Ranges => (count === 0 ? [] : [[from, from + count - 1]]);
  const count = sizeOf(answered);
  return { ...delivery, answered: span(first, count), unheard: span(first + count, sizeOf(unheard)) };
}

/** Those that followed each other soonest are one, which was as long as both and what lies between. */
function withFewerSilences(delivery: Delivery): Delivery {
  const { silences = [] } = delivery;
  if (silences.length <= silencesAtMost) return delivery;
  const gaps = silences
    .slice(1)
    .map(({ fromMs }, index) => ({ before: index + 1, ms: fromMs - silences[index]!.toMs }));
  const closed = gaps.sort((one, other) => one.ms - other.ms).slice(0, silences.length - silencesAtMost);
  const before = new Set(closed.map((gap) => gap.before));
  const fewer: Silence[] = [];
  for (const [index, silence] of silences.entries()) {
    const top = fewer.at(-1);
    if (top && before.has(index))
      fewer[fewer.length - 1] = { ...silence, fromMs: top.fromMs, count: top.count + silence.count };
    else fewer.push(silence);
  }
  return { ...delivery, silences: fewer };
}
