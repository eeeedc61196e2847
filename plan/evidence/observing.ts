// An observation as it grows, sample by sample: counts, restarts, and the time that was seen. Pure.
import type { Observation, ObserveAsk } from '../machine-api/measure.ts';
import { spansOf } from './credit.ts';
import { heldUntil } from './looked.ts';
import { type Ranges, union } from './sequence-sets.ts';

type Tally = Observation['targets'][string];
type Known = Pick<ObserveAsk, 'lives' | 'downBefore'>;

/** What one look at a target found. */
export interface Seen {
  name: string;
  /** What changes when it is started again. */
  life?: string;
  /** Why it is down. */
  error?: string;
  /** Why nobody can say whether it is up: who manages it does not answer, or who asks is refused. */
  unknown?: string;
  /** It is who asks: that does not mend itself. */
  refused?: true;
}

/** Travels in heartbeats, so that whoever goes on has it; those of a build before lack what is optional. */
export interface Observing {
  fromMs: number;
  /** Begin of the newest sample, and whether that found out of every target whether it is up. */
  lastMs: number;
  lastWhole?: boolean;
  samples: number;
  longestGapMs: number;
  tallies: Record<string, Tally>;
  /** Samples for which a target has been down now. */
  downInARow: Record<string, number>;
  lives: Record<string, string>;
  restarted: string[];
  seen?: Ranges;
}

/** What was known before: of programs and containers, and for how many samples a target was down. */
export function observingFrom(fromMs: number, { lives = {}, downBefore = {} }: Known = {}): Observing {
  return {
    fromMs,
    lastMs: fromMs,
    samples: 0,
    longestGapMs: 0,
    tallies: {},
    downInARow: downBefore,
    lives,
    restarted: [],
    seen: [],
  };
}

export function withSample(state: Observing, at: number, looks: Seen[], intervalMs: number): Observing {
  const lives = Object.fromEntries(looks.flatMap(({ name, life }) => (life === undefined ? [] : [[name, life]])));
  const restarted = Object.keys(lives).filter(
    (name) => state.lives[name] !== undefined && state.lives[name] !== lives[name],
  );
  const downInARow = Object.fromEntries(looks.map((look) => [look.name, inARow(state.downInARow[look.name], look)]));
  return {
    ...state,
    seen: seenUntil(state, at, intervalMs),
    lastMs: at,
    lastWhole: looks.every(({ unknown }) => unknown === undefined),
    samples: state.samples + 1,
    longestGapMs: Math.max(state.longestGapMs, at - state.lastMs),
    tallies: Object.fromEntries(
      looks.map((look) => [look.name, tallied(state.tallies[look.name], downInARow[look.name] ?? 0, at, look)]),
    ),
    downInARow,
    lives: { ...state.lives, ...lives },
    restarted: [...new Set([...state.restarted, ...restarted])],
  };
}

/** What is not waited for until the end of the slice. */
export function endsEarly({ downInARow, restarted }: Observing, tolerate: number): boolean {
  return restarted.length > 0 || Object.values(downInARow).some((count) => count > tolerate);
}

export function observationOf(state: Observing, toMs: number, intervalMs: number): Observation {
  const { tallies, lastMs, longestGapMs, fromMs, samples, restarted, lives } = state;
  return {
    fromMs,
    toMs,
    samples,
    longestGapMs: Math.max(longestGapMs, toMs - lastMs),
    targets: tallies,
    restarted,
    seen: seenUntil(state, toMs, intervalMs),
    lives,
  };
}

/** One that ended early, with what was seen when its machine was asked for the rest. */
export function continued(one: Observation, other: Observation): Observation {
  return {
    fromMs: one.fromMs,
    toMs: other.toMs,
    samples: one.samples + other.samples,
    longestGapMs: Math.max(one.longestGapMs, other.longestGapMs, other.fromMs - one.toMs),
    targets: Object.fromEntries(
      Object.entries({ ...one.targets, ...other.targets }).map(([name, newest]) => {
        const before = one.targets[name];
        return [name, before && newest !== before ? both(before, newest) : newest];
      }),
    ),
    restarted: [...new Set([...one.restarted, ...other.restarted])],
    seen: union(spansOf(one), spansOf(other)),
    lives: { ...one.lives, ...other.lives },
  };
}

function both(one: Tally, other: Tally): Tally {
  const unknown = (one.unknown ?? 0) + (other.unknown ?? 0);
  return {
    ...one,
    ...other,
    up: one.up + other.up,
    down: one.down + other.down,
    longestDown: Math.max(one.longestDown, other.longestDown),
    downNow: other.downNow,
    refusedNow: other.refusedNow,
    firstError: one.firstError ?? other.firstError,
    firstDownAt: one.firstDownAt ?? other.firstDownAt,
    ...(unknown > 0 && { unknown, firstUnknown: one.firstUnknown ?? other.firstUnknown }),
  };
}

/** A sample that leaves one target unknown has not seen the machine. */
function seenUntil({ seen = [], lastMs, lastWhole }: Observing, next: number, intervalMs: number): Ranges {
  return lastWhole && next > lastMs ? union(seen, [heldUntil(lastMs, next, intervalMs)]) : seen;
}

/** A run is not over while nobody knows. */
function inARow(count = 0, { error, unknown }: Seen): number {
  if (unknown !== undefined) return count;
  return error === undefined ? 0 : count + 1;
}

function tallied(
  tally: Tally = { up: 0, down: 0, longestDown: 0 },
  downInARow: number,
  at: number,
  { error, unknown, refused }: Seen,
): Tally {
  const now = { downNow: downInARow || undefined, refusedNow: refused };
  if (unknown !== undefined)
    return { ...tally, ...now, unknown: (tally.unknown ?? 0) + 1, firstUnknown: tally.firstUnknown ?? unknown };
  if (error === undefined) return { ...tally, ...now, up: tally.up + 1 };
  return {
    ...tally,
    ...now,
    down: tally.down + 1,
    longestDown: Math.max(tally.longestDown, downInARow),
    firstError: tally.firstError ?? error,
    firstDownAt: tally.firstDownAt ?? at,
  };
}
