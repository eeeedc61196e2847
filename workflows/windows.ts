// Rows that disturb wait for a window of the calendar, or until a person lets them go. Where no calendar is for them nothing is awaited.
import { closedFor, isReleased, keeping, leavesTime, leavesTimeUntil } from '../plan/calendar/keeping.ts';
import { stepOf } from '../plan/tasks/steps.ts';
import type { Plan } from '../plan/schema/plan.ts';
import type { FactName, Facts } from '../plan/week/facts.ts';
import type { Wait, WeekState } from '../plan/week/state.ts';

/** What it needs of the week. */
export interface Waiting {
  state: WeekState;
  fact<Name extends FactName>(name: Name): Facts[Name] | undefined;
  waitUntil(wait: Omit<Wait, 'since'> & { until: number }, over: () => boolean): Promise<void>;
  /** Until its worker takes what it is asked. */
  untilThere(step: string, machine: string): Promise<void>;
}

/** Whether one of them waits for a calendar. Asked before anything is awaited: histories without one keep the order of their commands. */
export function keepsWindows(plan: Plan, ids: string[]): boolean {
  return keptBy(plan, ids).length > 0;
}

/** For what disturbs in the middle of rows that have begun: no window is wanted, it is open for as long as that may take, or is not. */
export type Hours = 'any' | 'open' | 'closed';

export function hoursOf({ state }: Pick<Waiting, 'state'>, ids: string[]): Hours {
  const rows = keptBy(state.plan, ids);
  if (rows.length === 0 || rows.some((row) => isReleased(state, row))) return 'any';
  return leavesTime(state.plan, rows, Date.now()) ? 'open' : 'closed';
}

/** For what goes on at any hour once it has begun, which its machine knows: after this it is not begun there. */
export function notAfter({ state }: Pick<Waiting, 'state'>, id: string): number | undefined {
  const rows = keptBy(state.plan, [id]);
  return rows.some((row) => isReleased(state, row)) ? undefined : leavesTimeUntil(state.plan, rows, Date.now());
}

/** Before rows that are done together, each time that they are: who lets one of them go lets all go. `untouched`: known not to be in their middle. */
export async function awaitWindow(week: Waiting, ids: string[], untouched = false): Promise<void> {
  const { state } = week;
  const [step = ''] = ids;
  const begun = !untouched && ids.some((id) => week.fact(`begun ${id}`) !== undefined);
  const rows = keptBy(state.plan, ids);
  const isLetGo = () => rows.some((row) => isReleased(state, row));
  const machines = [...new Set(rows.flatMap(({ keepsHours: { on, asks = [] } }) => [...on, ...asks]))];
  // What is asked of a worker that is away lies in its queue, and would disturb whenever that comes back: it is there first.
  for (let areThere = false; ;) {
    const closed = isLetGo() ? undefined : closedFor(state.plan, rows, Date.now(), begun);
    if (closed) await week.waitUntil({ ...closed, step, command: `hubshift release ${step} --reason TEXT` }, isLetGo);
    else if (areThere) return;
    else await Promise.all(machines.map((machine) => week.untilThere(step, machine)));
    areThere = !closed;
  }
}

function keptBy(plan: Plan, ids: string[]): ReturnType<typeof keeping> {
  return keeping(
    plan,
    ids.flatMap((id) => stepOf(plan, id) ?? []),
  );
}
