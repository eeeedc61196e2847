// Measures beside everything else, from 2A to the gate: slice after slice on every machine, with the totals kept in the state.
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { kpisNow } from '../../plan/evidence/gate.ts';
import { pointOf, withPoint } from '../../plan/evidence/kpi-series.ts';
import { type Measured, nothingMeasured } from '../../plan/evidence/measured.ts';
import { bounded, wantedAtMost } from '../../plan/evidence/measured-bounds.ts';
import { unexcused, withoutReached } from '../../plan/evidence/outside.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { measuresOf, withClusters } from '../../plan/tasks/measures.ts';
import { excusedIn } from '../../plan/week/disturbances.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { fewer, union } from '../../plan/evidence/sequence-sets.ts';
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
  proxy(step: string, machine: string, interrupted?: (left: unknown) => void): MachineActivities;
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

  /** What a rollback took away counts again from the time when it is up again: in weeks that began under earlier builds, which know no disturbances. */
  forget(names: string[]): void {
    const gone = withClusters(this.week.plan, names);
    for (const [machine, measured] of Object.entries(this.week.state.measured)) {
      const { targets, outside } = measured;
      this.week.state.measured[machine] = {
        ...measured,
        targets: Object.fromEntries(Object.entries(targets).filter(([name]) => !gone.includes(name))),
        ...(outside && { outside: withoutReached(outside, gone) }),
      };
    }
  }

  private async measure(machine: string): Promise<void> {
    const { week } = this;
    const { sampleInterval } = week.plan.watch;
    const slice = Math.max(week.plan.watch.slice, sliceAtLeastMs);
    const since = Date.now();
    // Half a slice first: out of step with watched windows, where much ends at once. Temporal's test server loses a week when an
    // activity ends in the very moment in which it is cancelled.
    let untilMs = Date.now() + slice / 2;
    while (!CancellationScope.current().consideredCancelled) {
      const dead: { left?: Measured } = {};
      try {
        const soFar = week.state.measured[machine] ?? nothingMeasured();
        const totals = await week
          .proxy('measure', machine, (left) => (dead.left = left as Measured))
          .measure({
            soFar,
            untilMs,
            intervalMs: sampleInterval,
            timeoutMs: answerWithinMs,
            ...measuresOf(week.plan, machine, week.state.run),
          });
        this.took(machine, smaller(this.unexcused(totals), sampleInterval), since);
        // The first machine's slices set the pace for all.
        if (machine === week.plan.machines[0]!.name)
          week.state.series = withPoint(week.state.series, pointOf(kpisNow(week.state), Date.now()));
        this.seen?.();
        // Its worker was told to end: whoever comes next sees the rest.
        const early = endedEarly(soFar, totals, untilMs - 2 * sampleInterval);
        if (early && patched('measuring-goes-on-at-once')) continue;
        await week.sleep(untilMs - Date.now(), 'measure', machine);
      } catch (error) {
        // What a worker that died has seen of its slice is not lost with it.
        const left = dead.left && patched('what-a-dead-worker-saw') ? dead.left : undefined;
        const seen = left && smaller(this.unexcused(left), sampleInterval);
        this.took(machine, seen ?? week.state.measured[machine], since);
        if (isCancellation(error) || error instanceof HistoryIsLong) return;
        await week.sleep(againMs, 'measure', machine).catch(() => undefined);
      }
      untilMs = Date.now() + slice;
    }
  }

  /** Of hundreds of pilots that are deployed one after the other each would be lost at another time, and be joined with others for want of room. */
  private unexcused(measured: Measured): Measured {
    const { plan, state } = this.week;
    const { disturbances } = state;
    const { outside } = measured;
    if (!outside || !disturbances) return measured;
    return { ...measured, outside: unexcused(outside, (name) => excusedIn(disturbances, plan, name)) };
  }

  /** What nobody saw of the time since is unknown. Workers of before are judged as they were: by what they saw. */
  private took(machine: string, measured: Measured | undefined, since: number): void {
    if (!measured) return;
    const { outside, wanted = [] } = measured;
    this.week.state.measured[machine] = {
      ...measured,
      ...(outside && { wanted: fewer(union(wanted, [[since, Date.now()]]), wantedAtMost) }),
    };
  }
}

/** It saw something, and not to the end. */
function endedEarly({ seen: before }: Measured, { seen }: Measured, untilMs: number): boolean {
  const [was, is] = [before.at(-1)?.[1] ?? 0, seen.at(-1)?.[1] ?? 0];
  return is > was && is < untilMs && Date.now() < untilMs && !CancellationScope.current().consideredCancelled;
}

/** What a history of before has measured is judged as it was then. */
function smaller(totals: Measured, intervalMs: number): Measured {
  const bound = bounded(totals, intervalMs);
  return JSON.stringify(bound) !== JSON.stringify(totals) && patched('totals-are-bounded') ? bound : totals;
}
