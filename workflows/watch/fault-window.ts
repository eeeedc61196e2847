// Work around injected faults: the fault is lifted whatever happens, and background work ends with the foreground.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { humanDuration } from '../../plan/schema/duration.ts';
import type { Made, Plan } from '../../plan/schema/plan.ts';
import { noteDisturbed } from '../../plan/week/disturbances.ts';
import type { Evaluation } from '../../plan/week/record.ts';
import { inconclusive } from '../../plan/tasks/shared/verdict.ts';
import { isInterrupted } from '../machine/failures.ts';
import type { Week } from '../week.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Change } from '../../plan/machine-api/ledger.ts';
import type { Fault } from '../../plan/week/undo.ts';

export interface FaultWindow<T> {
  found: T;
  /** Unix milliseconds. */
  injectedAt: number;
  liftedAt: number;
  /** Packets that a partition dropped. */
  dropped: number;
}

/** How long an order waits for the lift of a fault that it interrupts. */
const liftWithinMs = 20_000;
/** What was disturbed is ready again by then, or what it is not is its own fault. */
const readyWithinMs = 60_000;

/** Says when something begins to be disturbed; now, where no time is given. `alone`: nobody sees its end, which the machine itself brings. */
type Begins = (at?: number, alone?: boolean) => void;

export interface Disturbance {
  begins: Begins;
  /** It is ready again, or nobody waits for that any more. */
  over: () => void;
}

/**
 * What is down of these meanwhile is of the week's making: no longer than the machine itself lets a fault last, though a worker that is away
 * may keep the week waiting. Two calls and no wrapper around what they enclose: nothing more is awaited than in histories of before, whose
 * commands keep their order.
 */
export function disturbance({ state, plan }: Pick<Week, 'state' | 'plan'>, ...targets: string[]): Disturbance {
  let from: number | undefined;
  let endsAlone = false;
  return {
    begins: (at = Date.now(), alone = false) => {
      from = Math.min(from ?? at, at);
      endsAlone ||= alone;
    },
    over: () => {
      if (from === undefined) return;
      const latest = from + plan.faults.limit + readyWithinMs;
      noteDisturbed(state, targets, from, endsAlone ? latest : Math.min(Date.now(), latest));
    },
  };
}

/**
 * It answers no more from when it is told to stop: at most its grace before it had ended, and never before the machine was asked. Docker brings a
 * restart to its end, also one that a worker did not live to tell of.
 */
export async function restarted(
  m: Pick<MachineActivities, 'restartContainer'>,
  { name, stopGrace }: Pick<Made, 'name' | 'stopGrace'>,
  run: string,
  begins: Begins,
): Promise<void> {
  const askedAt = Date.now();
  try {
    const { stoppedMs } = await m.restartContainer({ name, stopGraceMs: stopGrace, run });
    begins(Math.max(askedAt, Date.now() - stoppedMs - stopGrace));
  } catch (error) {
    if (isInterrupted(error)) begins(askedAt, true);
    throw error;
  }
}

/** Holds a fault while `work` runs. Lifted in every case, by us or at the plan's limit by the machine itself. */
export async function withFault<T>(
  week: Week,
  on: MachineActivities,
  change: Change,
  fault: Fault,
  begins: Begins,
  work: () => Promise<T>,
): Promise<FaultWindow<T>> {
  const limitMs = week.plan.faults.limit;
  const askedAt = Date.now();
  let injectedAt: number | undefined;
  let tellOver = () => {};
  const lift = () => CancellationScope.nonCancellable(() => on.liftFault({ run: change.run, fault }));
  try {
    ({ at: injectedAt } = await on.injectFault({ change, fault, limitMs }));
    begins(injectedAt);
    tellOver = tellFault(week, change.step, fault, injectedAt);
    const found = await work();
    const { at: liftedAt, dropped } = await lift();
    tellOver();
    return { found, injectedAt, liftedAt, dropped };
  } catch (error) {
    // A worker that died in the middle of it may have injected it, which nobody has seen.
    const began = injectedAt ?? (isInterrupted(error) ? askedAt : undefined);
    if (began !== undefined) begins(began);
    // A rollback must not wait for a worker that is gone: the ledger lifts it too, and the machine itself at the limit.
    await CancellationScope.nonCancellable(() =>
      CancellationScope.withTimeout(liftWithinMs, () => on.liftFault({ run: change.run, fault })),
    ).then(tellOver, () => {
      if (began !== undefined) begins(began, true);
    });
    throw error;
  }
}

/** What is broken on purpose is told to whoever wants that; gives what tells that it is over. */
function tellFault({ notifying, plan }: Week, step: string, fault: Fault, injectedAt: number): () => void {
  const target = fault.kind === 'partition' ? 'the network' : fault.container;
  const about = `fault-${injectedAt}`;
  const limit = humanDuration(plan.faults.limit);
  notifying.tell(
    'fault',
    `${about}/begin`,
    `${target} is ${done[fault.kind]} on purpose`,
    `${step}, for ${limit} at most`,
  );
  return () =>
    notifying.tell('fault', `${about}/end`, `${target} is not ${done[fault.kind]} any more`, step, {
      resolved: true,
      since: injectedAt,
    });
}

const done: Record<Fault['kind'], string> = {
  'container-stop': 'stopped',
  'container-kill': 'killed',
  'container-pause': 'frozen',
  partition: 'cut off',
};

/** Runs `background` while `foreground` runs; then cancels it. A failure of either cancels the other. */
export async function during<T>(background: () => Promise<unknown>, foreground: () => Promise<T>): Promise<T> {
  const behind = new CancellationScope();
  const ahead = new CancellationScope();
  let broken: unknown;
  const ended = behind.run(background).then(
    () => undefined,
    (error: unknown) => {
      if (isCancellation(error)) return;
      broken = error;
      ahead.cancel();
    },
  );
  try {
    return await ahead.run(foreground);
  } catch (error) {
    throw broken ?? error;
  } finally {
    behind.cancel();
    await ended;
  }
}

/** Both at once, both results; the first failure cancels the other and is thrown when both have ended. */
export async function both<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const guarded = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      scope.cancel();
      return undefined;
    }
  };
  const [first, second] = await scope.run(() => Promise.all([guarded(one), guarded(other)]));
  if (failures.length > 0) throw failures.find((error) => !isCancellation(error)) ?? failures[0];
  return [first as A, second as B];
}

/** Rows that need a fault: measured where the plan allows it; else nothing is injected and nothing is proved. */
export async function ifAllowed<T>(
  week: Week,
  fault: Plan['faults']['allowed'][number],
  ids: string[],
  machine: string,
  act: (on: (machine: string) => MachineActivities) => Promise<T>,
  evaluate: (found: T) => Record<string, Evaluation>,
): Promise<void> {
  if (week.plan.faults.allowed.includes(fault)) return week.group(ids, machine, act, evaluate);
  const unproved = inconclusive(`the plan does not allow ${fault} (faults.allowed)`);
  return week.group(
    ids,
    machine,
    async () => undefined,
    () => Object.fromEntries(ids.map((id) => [id, unproved])),
  );
}
