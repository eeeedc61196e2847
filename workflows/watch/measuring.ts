// Measures beside everything else, from 2A to the gate: slice after slice on every machine, with the totals kept in the state.
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { kpisNow } from '../../plan/evidence/gate.ts';
import { pointOf, withPoint } from '../../plan/evidence/kpi-series.ts';
import { type Measured, nothingMeasured } from '../../plan/evidence/measured.ts';
import { bounded } from '../../plan/evidence/measured-bounds.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { measuresOf } from '../../plan/tasks/measures.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';

const answerWithinMs = 2_000;
/** However short the slices of a rehearsal: each carries the totals in the history. */
const sliceAtLeastMs = 60_000;
/** After a slice that could not be measured. */
const againMs = 10_000;

/** What it needs of the week. */
export interface Measurable {
  plan: Plan;
  state: WeekState;
  proxy(step: string, machine: string): MachineActivities;
  sleep(milliseconds: number, step: string, machine: string): Promise<void>;
}

export class Measuring {
  private scope?: CancellationScope;
  private ended: Promise<unknown> = Promise.resolve();
  /** Told of every slice, until it stops. */
  private seen?: () => void;

  constructor(private readonly week: Measurable) {}

  /** Goes on where the totals end; does nothing while it goes on already. `seen` is told of every slice. */
  begin(seen?: () => void): void {
    // An order that interrupted the tasks has ended it with them.
    if (this.scope && !this.scope.consideredCancelled) return;
    const before = this.ended;
    this.seen = seen;
    this.scope = new CancellationScope();
    this.ended = this.scope.run(async () => {
      // Two loops of one machine would count from the same totals.
      await before;
      await Promise.all(this.week.plan.machines.map(({ name }) => this.measure(name)));
    });
  }

  /** The slices that run now end early, and what they saw is in the totals when this returns. */
  async stop(): Promise<void> {
    this.seen = undefined;
    this.scope?.cancel();
    this.scope = undefined;
    await this.ended;
  }

  /** What a rollback took away counts again from the time when it is up again. */
  forget(targets: string[]): void {
    for (const [machine, measured] of Object.entries(this.week.state.measured)) {
      this.week.state.measured[machine] = {
        ...measured,
        targets: Object.fromEntries(Object.entries(measured.targets).filter(([name]) => !targets.includes(name))),
      };
    }
  }

  private async measure(machine: string): Promise<void> {
    const { week } = this;
    const { sampleInterval } = week.plan.watch;
    const slice = Math.max(week.plan.watch.slice, sliceAtLeastMs);
    // Half a slice first: out of step with watched windows, where much ends at once. Temporal's test server loses a week when an
    // activity ends in the very moment in which it is cancelled.
    for (let length = slice / 2; !CancellationScope.current().consideredCancelled; length = slice) {
      const untilMs = Date.now() + length;
      try {
        const soFar = week.state.measured[machine] ?? nothingMeasured();
        const totals = await week.proxy('measure', machine).measure({
          soFar,
          untilMs,
          intervalMs: sampleInterval,
          timeoutMs: answerWithinMs,
          ...measuresOf(week.plan, machine, week.state.run),
        });
        week.state.measured[machine] = smaller(totals, sampleInterval);
        // The first machine's slices set the pace for all.
        if (machine === week.plan.machines[0]!.name)
          week.state.series = withPoint(week.state.series, pointOf(kpisNow(week.state), Date.now()));
        this.seen?.();
        await week.sleep(untilMs - Date.now(), 'measure', machine);
      } catch (error) {
        if (isCancellation(error) || error instanceof HistoryIsLong) return;
        await week.sleep(againMs, 'measure', machine).catch(() => undefined);
      }
    }
  }
}

/** What a history of before has measured is judged as it was then. */
function smaller(totals: Measured, intervalMs: number): Measured {
  const bound = bounded(totals, intervalMs);
  return JSON.stringify(bound) !== JSON.stringify(totals) && patched('totals-are-bounded') ? bound : totals;
}
