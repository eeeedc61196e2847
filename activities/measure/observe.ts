// Watches URLs, programs, containers and values at a steady rate, and keeps aggregates only.
import pMap from 'p-map';
import type { Observation, ObserveAsk } from '../../plan/machine-api/measure.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import { lookAt, targetsOf, type Seen } from './targets.ts';
import type { Host } from '../context/host.ts';

type Tally = Observation['targets'][string];

interface State {
  fromMs: number;
  /** Begin of the newest sample. */
  lastMs: number;
  samples: number;
  longestGapMs: number;
  tallies: Record<string, Tally>;
  /** Samples for which a target has been down now. */
  downInARow: Record<string, number>;
  /** By program and container: what changes when it is started again. */
  lives: Record<string, string>;
  restarted: string[];
}

/** A machine may have hundreds of targets. */
const sideBySide = 16;

export async function observe(host: Host, ask: ObserveAsk): Promise<Observation> {
  let state = previousHeartbeat<State>() ?? begin(ask);
  for (let due = Date.now(); due < ask.untilMs && !cancelled().aborted && !endsEarly(state, ask.tolerate);) {
    const at = Date.now();
    const seen = await pMap(targetsOf(host, ask), (target) => lookAt(target, ask.timeoutMs), {
      concurrency: sideBySide,
    });
    // What was cut off by cancellation is no sample.
    if (cancelled().aborted) break;
    state = added(state, at, seen);
    reportProgress(state);
    due = tickAfter(Math.max(due, Date.now()), state.fromMs, ask.intervalMs);
    if (!endsEarly(state, ask.tolerate)) await rest(Math.min(due, ask.untilMs) - Date.now());
  }
  return observationOf(state);
}

/** What is not waited for until the end of the slice. */
function endsEarly({ downInARow, restarted }: State, tolerate: number): boolean {
  return restarted.length > 0 || Object.values(downInARow).some((count) => count > tolerate);
}

function begin({ downBefore = {} }: ObserveAsk): State {
  const now = Date.now();
  return {
    fromMs: now,
    lastMs: now,
    samples: 0,
    longestGapMs: 0,
    tallies: {},
    downInARow: downBefore,
    lives: {},
    restarted: [],
  };
}

function added(state: State, at: number, seen: Seen[]): State {
  const lives = Object.fromEntries(seen.flatMap(({ name, life }) => (life === undefined ? [] : [[name, life]])));
  const restarted = Object.keys(lives).filter(
    (name) => state.lives[name] !== undefined && state.lives[name] !== lives[name],
  );
  const downInARow = Object.fromEntries(
    seen.map(({ name, error }) => [name, error === undefined ? 0 : (state.downInARow[name] ?? 0) + 1]),
  );
  return {
    ...state,
    lastMs: at,
    samples: state.samples + 1,
    longestGapMs: Math.max(state.longestGapMs, at - state.lastMs),
    tallies: Object.fromEntries(
      seen.map(({ name, error }) => [name, tallied(state.tallies[name], downInARow[name] ?? 0, at, error)]),
    ),
    downInARow,
    lives: { ...state.lives, ...lives },
    restarted: [...new Set([...state.restarted, ...restarted])],
  };
}

function tallied(
  tally: Tally = { up: 0, down: 0, longestDown: 0 },
  downInARow: number,
  at: number,
  error?: string,
): Tally {
  if (error === undefined) return { ...tally, up: tally.up + 1, downNow: undefined };
  return {
    ...tally,
    down: tally.down + 1,
    longestDown: Math.max(tally.longestDown, downInARow),
    downNow: downInARow,
    firstError: tally.firstError ?? error,
    firstDownAt: tally.firstDownAt ?? at,
  };
}

function observationOf({ tallies, lastMs, longestGapMs, fromMs, samples, restarted }: State): Observation {
  const toMs = Date.now();
  return { fromMs, toMs, samples, longestGapMs: Math.max(longestGapMs, toMs - lastMs), targets: tallies, restarted };
}

/** The next moment of the grid: a sample that took too long is followed by a gap, not by a burst. */
function tickAfter(time: number, fromMs: number, intervalMs: number): number {
  return fromMs + (Math.floor((time - fromMs) / intervalMs) + 1) * intervalMs;
}
