// Whether something was up, from all that looked at it: its own machine, and others from outside. Pure.
import type { Availability, Measured, Uptime } from './measured.ts';
import { common, minus, type Ranges, sizeOf, union } from './sequence-sets.ts';

/** What one machine saw of it, since it first was up from there. */
export interface View {
  seen: Ranges;
  down: Ranges;
  /** So much of `seen` lies between two looks (measured-bounds.ts). */
  bridgedMs: number;
}

/** What a machine saw of one thing, and of another: when it looked at all is worked out once. */
export function viewsOf({ seen, bridgedMs }: Measured, intervalMs: number): (one: Availability) => View {
  const between = seen.slice(1).flatMap(([next], index): Ranges => {
    const end = seen[index]![1];
    return next - end - 1 <= intervalMs ? [[end + 1, next - 1]] : [];
  });
  const all = union(seen, between);
  const goingOn = (ranges: Ranges) =>
    union(
      ranges,
      between.filter(([first]) => ranges.some(([from, to]) => from < first && to >= first - 1)),
    );
  return ({ since, down, unknown = [] }) => {
    const looked = minus(all, union([[0, since - 1]], minus(goingOn(unknown), down)));
    return {
      // In totals that were made smaller, what was down was looked at whether or not it is in `seen` still.
      seen: bridgedMs === undefined ? looked : union(looked, down),
      down: goingOn(down),
      bridgedMs: bridgedMs ?? 0,
    };
  };
}

/** `intervalMs`: between two looks. What was found last in a slice holds until the first look of the next, as from look to look within one. */
export function viewOf(measured: Measured, one: Availability, intervalMs: number): View {
  return viewsOf(measured, intervalMs)(one);
}

/**
 * What all of them together know. Down where its own machine says so, and where it is reached from no other machine that looked, whatever
 * its own says. Where its own says nothing, it is up as soon as one other reaches it. Without an own it is what the others say.
 */
export function together(own: View | undefined, others: View[]): View {
  const reached = union(...others.map(upIn));
  const unreached = minus(union(...others.map(downIn)), reached);
  const down = union(own ? downIn(own) : [], unreached);
  const views = [...(own ? [own] : []), ...others];
  // What one of them saw needs no other: between two looks of its own nobody may have looked, but only in what is not in a view before it.
  const { seen, bridgedMs } = views.reduce(
    (sum, view) => ({
      seen: union(sum.seen, view.seen),
      bridgedMs: sum.bridgedMs + Math.min(view.bridgedMs, sizeOf(minus(view.seen, sum.seen))),
    }),
    { seen: [] as Ranges, bridgedMs: 0 },
  );
  return { seen, down, bridgedMs };
}

/** `wanted`: when the week wanted to know; what of it nobody knows is unknown. `without`: times that do not count. */
export function uptimeIn({ seen, down, bridgedMs }: View, wanted: Ranges, without: Ranges): Uptime {
  const known = minus(seen, without);
  const downMs = sizeOf(common(known, down));
  const upMs = Math.max(0, sizeOf(known) - downMs - bridgedMs);
  const first = seen[0]?.[0];
  const span = first === undefined ? [] : minus(union(minus(wanted, [[0, first - 1]]), seen), without);
  return { upMs, downMs, unknownMs: sizeOf(span) - upMs - downMs };
}

/** Less what it could not look at, such as through a partition. */
export function viewWithout(view: View, without: Ranges): View {
  return { ...view, seen: minus(view.seen, without) };
}

function upIn({ seen, down }: View): Ranges {
  return minus(seen, down);
}

function downIn({ seen, down }: View): Ranges {
  return common(seen, down);
}
