// A watched window slice after slice: how long the next one is, what it adds, when it is an issue, and when nobody sees anything. Pure.
import type { Observation } from '../machine-api/measure.ts';
import type { Plan } from '../schema/plan.ts';
import type { WatchWindow } from '../week/state.ts';
import { type Bounds, failsTooOften, type Watched } from './watched.ts';

/** A worker that was killed is missed after 10 s and started again by somebody: a window of a rehearsal is shorter than that. */
const blindAtLeastMs = 60_000;

export function begun(startedAt: number): WatchWindow {
  return { creditMs: 0, samples: 0, failed: 0, longestGapMs: 0, restarts: 0, startedAt };
}

/** Never less than one interval: what is left of the window may be shorter than the way to the machine. */
export function sliceOf(
  { creditMs }: WatchWindow,
  wantedMs: number,
  { sampleInterval, slice }: Pick<Plan['watch'], 'sampleInterval' | 'slice'>,
): number {
  return Math.max(sampleInterval, Math.min(slice, wantedMs - creditMs));
}

/** `targets`: with this slice. */
export function counted(window: WatchWindow, targets: Watched['targets'], seen: Observation[]): Partial<WatchWindow> {
  return {
    samples: window.samples + seen.reduce((sum, one) => sum + one.samples, 0),
    failed: Object.values(targets).reduce((sum, target) => sum + target.down, 0),
    longestGapMs: Math.max(window.longestGapMs, ...seen.map((one) => one.longestGapMs)),
  };
}

/** A slice of which less than half was seen adds to the time that nobody saw, and any other ends that. */
export function credited(
  { creditMs, unseenMs = 0 }: WatchWindow,
  earnedMs: number,
  sliceMs: number,
  darkMs: () => number,
): Pick<WatchWindow, 'creditMs' | 'unseenMs'> {
  return { creditMs: creditMs + earnedMs, unseenMs: 2 * earnedMs < sliceMs ? unseenMs + darkMs() : 0 };
}

export function isBlind({ unseenMs = 0 }: WatchWindow, wantedMs: number): boolean {
  return unseenMs >= Math.max(wantedMs, blindAtLeastMs);
}

/** What one slice shows, or with those before it. */
export function issueIn(
  seen: Observation[],
  targets: Watched['targets'],
  wantedMs: number,
  bounds: Bounds,
): string | undefined {
  return issueOf(seen, bounds.tolerate) ?? failingOf(targets, wantedMs, bounds);
}

/** Whom nobody can ask by now: who asks was refused in the newest sample, and in more than are tolerated or in all of the slice. */
export function unseenIn(seen: Observation[], tolerate: number): string | undefined {
  const unseen = seen.flatMap(({ targets }) =>
    Object.entries(targets).filter(
      ([, { refusedNow, unknown = 0, up, down }]) => refusedNow && (unknown > tolerate || up + down === 0),
    ),
  );
  const [first] = unseen;
  if (!first) return undefined;
  return `${first[0]}: ${first[1].firstUnknown ?? ''}${unseen.length > 1 ? ` (and ${unseen.length - 1} more)` : ''}`;
}

/** One that was started again, or was down for long. */
export function issueOf(seen: Observation[], tolerate: number): string | undefined {
  for (const { targets, restarted } of seen) {
    if (restarted.length > 0) return `${restarted.join(', ')} restarted`;
    const down = Object.entries(targets).find(([, target]) => target.longestDown > tolerate);
    if (down) return `${down[0]}: ${down[1].firstError ?? 'down'}`;
  }
  return undefined;
}

/** One that was down too often for the whole window, though never for long. */
function failingOf(targets: Watched['targets'], wantedMs: number, bounds: Bounds): string | undefined {
  const failing = Object.entries(targets).find(([, target]) => failsTooOften(target, wantedMs, bounds));
  return failing && `${failing[0]}: down in ${failing[1].down} samples, ${failing[1].firstError ?? 'down'}`;
}
