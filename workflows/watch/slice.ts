// One slice of a watched window, on every machine at once: what was seen, whoever's worker ended in the middle of it.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { continued, observationOf, type Observing } from '../../plan/evidence/observing.ts';
import { type Asked, namedOn } from '../../plan/evidence/target-names.ts';
import { issueOf } from '../../plan/evidence/window.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';

/** What answers later than this counts as down. */
const answerWithinMs = 3_000;
/** A worker that ends again and again is not asked for ever. */
const asksAtMost = 5;

/** What to sample, by machine. */
export type Asks = Record<string, Asked>;

export interface Slice {
  /** Of its window. */
  id: string;
  asks: Asks;
  untilMs: number;
  /** Not so in a history of before: what was seen when a worker ended counts, and the next is asked for the rest. */
  together: boolean;
  /** By target, as the window knows it. */
  downBefore: Record<string, number>;
}

/** Where one of the machines finds trouble, the others are ended too. `long`: the history is, and one waits. */
export async function slice(week: Week, { asks, ...of }: Slice): Promise<{ seen: Observation[]; long: boolean }> {
  const scope = new CancellationScope();
  let long = false;
  const seen = await scope.run(() =>
    Promise.all(
      Object.entries(asks).map(async ([machine, ask]) => {
        const names = namedOn(machine, asks);
        const found: Observation[] = [];
        const took = (one: Observation) => {
          found.push(found.length === 0 ? one : continued(found.pop()!, one));
          if (one.lives) week.keep(`lives ${of.id}`, { ...week.fact(`lives ${of.id}`), [machine]: one.lives });
        };
        try {
          for (let asked = 1; ; asked += 1) {
            const downBefore = found[0] ? downAfter(found[0]) : names.own(of.downBefore);
            const one = await observed(week, machine, { ...of, ask, downBefore }, took);
            took(one);
            if (issueOf(found, week.plan.watch.tolerate) !== undefined) scope.cancel();
            if (scope.consideredCancelled || !endedEarly(week, of, one) || asked === asksAtMost) break;
          }
        } catch (error) {
          // What the others have seen by now is the last of this history.
          if (error instanceof HistoryIsLong) scope.cancel();
          long ||= error instanceof HistoryIsLong;
          // One that had not begun has seen nothing.
          if (!isCancellation(error) && !long && found.length === 0) throw error;
        }
        return found.map(names.observation);
      }),
    ),
  );
  return { seen: seen.flat(), long };
}

/** Throws when it was cut off; then `left` is told what a worker that died had seen, which is not lost with it. */
async function observed(
  week: Week,
  machine: string,
  { id, ask, untilMs, together, downBefore }: Omit<Slice, 'asks'> & { ask: Asked },
  left: (seen: Observation) => void,
): Promise<Observation> {
  const { sampleInterval, tolerate } = week.plan.watch;
  const dead: { left?: Observing } = {};
  try {
    return await week
      .proxy(id, machine, (reported) => (dead.left = reported as Observing))
      .observe({
        ...ask,
        lives: week.fact(`lives ${id}`)?.[machine],
        downBefore,
        untilMs,
        intervalMs: sampleInterval,
        timeoutMs: answerWithinMs,
        tolerate,
      });
  } catch (error) {
    if (dead.left && together) left(observationOf(dead.left, dead.left.lastMs, sampleInterval));
    throw error;
  }
}

/** Its worker was told to end, and handed over what it had: the rest is there to be seen. */
function endedEarly(
  week: Week,
  { untilMs, together }: Pick<Slice, 'untilMs' | 'together'>,
  { toMs }: Observation,
): boolean {
  const wanted = untilMs - week.plan.watch.sampleInterval;
  return together && !week.ordered && toMs < wanted && Date.now() < wanted;
}

function downAfter({ targets }: Observation): Record<string, number> {
  return Object.fromEntries(
    Object.entries(targets).flatMap(([name, { downNow }]) => (downNow ? [[name, downNow]] : [])),
  );
}
