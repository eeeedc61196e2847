// Watches URLs, programs, containers and values at a steady rate, and keeps aggregates only.
import pMap from 'p-map';
import { endsEarly, observationOf, type Observing, observingFrom, withSample } from '../../plan/evidence/observing.ts';
import type { Observation, ObserveAsk } from '../../plan/machine-api/measure.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import { lookAt, targetsOf } from './targets.ts';
import type { Host } from '../context/host.ts';

/** A machine may have hundreds of targets. */
const sideBySide = 16;

export async function observe(host: Host, ask: ObserveAsk): Promise<Observation> {
  let state = previousHeartbeat<Observing>() ?? observingFrom(Date.now(), ask);
  for (let due = Date.now(); due < ask.untilMs && !cancelled().aborted && !endsEarly(state, ask.tolerate);) {
    const at = Date.now();
    const looks = await pMap(targetsOf(host, ask), (target) => lookAt(target, ask.timeoutMs), {
      concurrency: sideBySide,
    });
    // What was cut off by cancellation is no sample.
    if (cancelled().aborted) break;
    state = withSample(state, at, looks, ask.intervalMs);
    reportProgress(state);
    due = tickAfter(Math.max(due, Date.now()), state.fromMs, ask.intervalMs);
    if (!endsEarly(state, ask.tolerate)) await rest(Math.min(due, ask.untilMs) - Date.now());
  }
  return observationOf(state, Date.now(), ask.intervalMs);
}

/** The next moment of the grid: a sample that took too long is followed by a gap, not by a burst. */
function tickAfter(time: number, fromMs: number, intervalMs: number): number {
  return fromMs + (Math.floor((time - fromMs) / intervalMs) + 1) * intervalMs;
}
