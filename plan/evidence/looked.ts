// What looks at targets add up to, all along: since when each is known, when it was down, and when anybody looked. Pure.
import type { Availability, Measured } from './measured.ts';
import { withReached } from './outside.ts';
import { union } from './sequence-sets.ts';

export interface Look {
  target: string;
  up: boolean;
  /** Who asks is refused: it is neither up nor down. */
  unknown?: true;
  /** It is on another machine, and was reached from here or not. */
  outside?: true;
  /** Of a URL that answered and is timed. */
  latencyMs?: number;
}

/** What was found holds until the next look; when that comes late, for one interval, and what follows is unknown. */
export function heldUntil(at: number, next: number, intervalMs: number): [first: number, last: number] {
  return [at, (next - at > 2 * intervalMs ? at + intervalMs : Math.max(next, at + 1)) - 1];
}

export function lookedFrom(
  totals: Measured,
  { at, looks }: { at: number; looks: Look[] },
  next: number,
  intervalMs: number,
): Measured {
  const span = heldUntil(at, next, intervalMs);
  const own = looks.filter(({ outside }) => !outside);
  const others = looks.filter(({ outside }) => outside);
  return {
    ...totals,
    seen: union(totals.seen, [span]),
    targets: added(totals.targets, own, span),
    ...((others.length > 0 || totals.outside) && { outside: withReached(totals.outside ?? [], others, span) }),
  };
}

function added(
  soFar: Record<string, Availability>,
  looks: Look[],
  span: [first: number, last: number],
): Record<string, Availability> {
  const targets = { ...soFar };
  for (const { target, up, unknown } of looks) {
    const known = targets[target];
    if (up) targets[target] = known ?? { since: span[0], down: [] };
    else if (known)
      targets[target] = unknown
        ? { ...known, unknown: union(known.unknown ?? [], [span]) }
        : { ...known, down: union(known.down, [span]) };
  }
  return targets;
}
