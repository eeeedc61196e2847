// The verdict of a watched window: observation and soak.
import { type Bounds, failedAtMost, failsTooOften, type Tally, type Watched } from '../../evidence/watched.ts';
import { humanDuration } from '../../schema/duration.ts';
import type { Evaluation } from '../../week/record.ts';
import { fail, inconclusive, pass } from './verdict.ts';

/** A watched window: credit reached, and no target down for longer, or more often, than the plan puts up with. */
export function heldUp(wantedMs: number, bounds: Bounds) {
  const objection = (target: Tally): string | undefined => {
    const { up, down, longestDown, firstError = '' } = target;
    if (longestDown > bounds.tolerate) return `down in ${longestDown} samples in a row: ${firstError}`;
    if (failsTooOften(target, wantedMs, bounds))
      return `down in ${down} of ${up + down} samples, ${failedAtMost(wantedMs, up + down, bounds)} may fail: ${firstError}`;
    return undefined;
  };
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
    const bad = entries.flatMap(([name, target]) => {
      const said = objection(target);
      return said === undefined ? [] : [`${name} ${said}`];
    });
    if (bad.length > 0 || restarted.length > 0)
      return fail(
        [...bad.slice(0, 3), ...restarted.slice(0, 3).map((name) => `${name} was restarted`)].join('; '),
        evidence,
      );
    const [silent] = entries.flatMap(([name, { unknown, firstUnknown }]) =>
      unknown ? [`; ${name} unknown in ${unknown} samples: ${firstUnknown ?? ''}`] : [],
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
