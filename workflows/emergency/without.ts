// A rollback of everything goes on without a machine: at once when a person says so, and in a level 3 when its worker does not come in time.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { humanDuration } from '../../plan/schema/duration.ts';
import type { Order } from '../../plan/week/order.ts';
import type { Undoing, Without } from '../../plan/week/state.ts';
import { openOn } from '../../plan/week/without.ts';
import type { Week } from '../week.ts';

type Rollback = Extract<Order, { kind: 'rollback' }>;

/** The rollback that is under way, and what it goes on without. */
export interface Leaving {
  week: Week;
  undoing: Undoing;
  /** When level 3 was called for, if this is one. Unix milliseconds. */
  levelThreeAt?: number;
  /** Of everything, in a history that knows of this. */
  canBeLeft: boolean;
  /** Its rows are held against what was there before this run; in a history of before, against Phase 1. */
  ofThisRun: boolean;
  /** Where no machine was there at the deadline, the first that comes gives the others as long again; in a history of before none. */
  waitsAgain: boolean;
}

/** What the order that is carried out says of it. */
export function leave({ without = [] }: Pick<Rollback, 'without'>, who: string, undoing: Undoing): void {
  for (const machine of without) (undoing.without ??= {})[machine] ??= who;
}

export function isLeft(machine: string, { without }: Undoing): boolean {
  return without?.[machine] !== undefined;
}

/**
 * Does work on these machines, unless the rollback goes on without one of them: then what was asked is given up, and it is undefined. Once
 * asked, a machine that is there is waited for: its activities have their own time-outs.
 */
export async function unlessLeft<T>(
  leaving: Leaving,
  machines: string[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { week, undoing } = leaving;
  const scope = new CancellationScope();
  let over = false;
  const working = scope.run(work).finally(() => (over = true));
  working.catch(() => undefined);
  const left = (isLate: boolean) => machines.find((machine) => whyLeft(leaving, machine, isLate) !== undefined);
  for (;;) {
    const deadline = deadlineOf(leaving);
    const isLate = deadline !== undefined && Date.now() >= deadline;
    const wasNoneThere = leaving.waitsAgain && isLate && !isAnyThere(leaving);
    const changed = () =>
      over ||
      left(isLate && !wasNoneThere) !== undefined ||
      (wasNoneThere && isAnyThere(leaving)) ||
      deadlineOf(leaving) !== deadline;
    if (deadline === undefined || isLate) await condition(changed);
    else await condition(changed, deadline - Date.now());
    if (over) return working;
    if (wasNoneThere && isAnyThere(leaving)) waitAgain(leaving);
    const machine = left(!wasNoneThere && deadline !== undefined && Date.now() >= deadline);
    if (machine === undefined) continue;
    // Once it is given up nobody waits for it any more.
    const why = whyLeft(leaving, machine, true)!;
    scope.cancel();
    try {
      // It may have come to its end all the same.
      return await working;
    } catch (error) {
      if (!isCancellation(error)) throw error;
      (undoing.without ??= {})[machine] ??= why;
      week.publish();
      return undefined;
    }
  }
}

/** By whom, or what was waited for in vain; undefined while it is waited for. */
export function whyLeft(
  leaving: Pick<Leaving, 'week' | 'undoing'>,
  machine: string,
  isLate: boolean,
): string | undefined {
  const { week, undoing } = leaving;
  if (isLeft(machine, undoing)) return undoing.without![machine];
  const [order] = week.waiting(
    (one) => one.kind === 'rollback' && one.without?.includes(machine) === true,
  ) as Rollback[];
  if (order) return leftBy(order);
  if (!isLate || !week.isMissing(machine) || !isAnyThere(leaving)) return undefined;
  return `its worker did not come within ${humanDuration(week.plan.emergency.machineDeadline)} of level 3`;
}

/** Where none is, all are waited for: a rollback without any machine undoes nothing. */
function isAnyThere({ week, undoing }: Pick<Leaving, 'week' | 'undoing'>): boolean {
  return week.plan.machines.some(({ name }) => !isLeft(name, undoing) && !week.isMissing(name));
}

/** What took all of them away, such as a power cut, may give them back one after the other. */
function waitAgain({ week, undoing }: Leaving): void {
  const now = Date.now();
  if ((undoing.againUntil ?? 0) <= now) undoing.againUntil = now + week.plan.emergency.machineDeadline;
}

export function leftBy({ by, reason }: Pick<Rollback, 'by' | 'reason'>): string {
  return `left out by ${by}: ${reason}`;
}

/** Until when a level 3, or one that has joined the rollback, waits for a worker; a plan of before sets no time. Unix milliseconds. */
function deadlineOf({ week, undoing, levelThreeAt }: Leaving): number | undefined {
  const { machineDeadline } = week.plan.emergency as { machineDeadline?: number };
  const joined = week.waiting((order) => order.kind === 'rollback' && order.emergency !== undefined) as Rollback[];
  const called = [levelThreeAt, ...joined.map(({ emergency }) => emergency?.at)].filter((at) => at !== undefined);
  if (machineDeadline === undefined || called.length === 0) return undefined;
  return Math.max(Math.min(...called) + machineDeadline, undoing.againUntil ?? 0);
}

/** On record: undefined where it went without none. */
export function leftOut({ state }: Week, undoing: Undoing): Without[] | undefined {
  const since = Date.now();
  const left = Object.entries(undoing.without ?? {}).map(([machine, why]) => ({
    machine,
    why,
    since,
    ...openOn(state, machine),
  }));
  return left.length > 0 ? left : undefined;
}
