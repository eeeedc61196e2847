// The verdict of a watched window: observation and soak.
import type { Watched } from '../../evidence/watched.ts';
import { humanDuration } from '../../schema/duration.ts';
import type { Evaluation } from '../../week/record.ts';
import { fail, inconclusive, pass } from './verdict.ts';

/** A watched window: credit reached, and no target down for longer than tolerated. */
export function heldUp(wantedMs: number, tolerate: number) {
  return ({ creditMs, longestGapMs, restarts, targets, restarted }: Watched): Evaluation => {
    const entries = Object.entries(targets);
    const samples = entries.reduce((sum, [, target]) => sum + target.up + target.down, 0);
    const failed = entries.reduce((sum, [, target]) => sum + target.down, 0);
    const evidence = {
      observedMs: Math.round(creditMs),
      wantedMs,
      samples,
      failed,
      longestGapMs: Math.round(longestGapMs),
      restarts,
    };
    if (samples === 0) return inconclusive('no sample was taken', evidence);
    const bad = entries.filter(([, target]) => target.longestDown > tolerate);
    if (bad.length > 0 || restarted.length > 0)
      return fail(
        [
          ...bad
            .slice(0, 3)
            .map(
              ([name, target]) => `${name} down in ${target.longestDown} samples in a row: ${target.firstError ?? ''}`,
            ),
          ...restarted.slice(0, 3).map((name) => `${name} was restarted`),
        ].join('; '),
        evidence,
      );
    const [silent] = entries.flatMap(([name, { unknown, firstUnknown }]) =>
      unknown ? [`; ${name} unknown in ${unknown} samples: ${firstUnknown}`] : [],
    );
    const unseen = entries.filter(([, target]) => target.up + target.down === 0).map(([name]) => name);
    if (unseen.length > 0)
      return inconclusive(`no sample was taken of ${unseen.slice(0, 3).join(', ')}${silent ?? ''}`, evidence);
    if (creditMs < wantedMs)
      return inconclusive(
        `observed for ${humanDuration(creditMs)} of ${humanDuration(wantedMs)}${silent ?? ''}`,
        evidence,
      );
    return pass(`${humanDuration(creditMs)} observed healthy, ${samples} samples, ${failed} failed`, evidence);
  };
}
