// Which calendars rows keep, until when they wait, and whether a plan leaves each of them a window at all.
import { humanDuration } from '../schema/duration.ts';
import type { Plan } from '../schema/plan.ts';
import type { KeepsHours, StepInfo } from '../tasks/row.ts';
import { stepsOf } from '../tasks/steps.ts';
import type { WeekState } from '../week/state.ts';
import type { Calendar } from './schema.ts';
import { freezeAt, horizonMs, mayBegin, mayBeginUntil, momentText } from './window.ts';

/** What waits for a window: for which, in words, and until when it waits before it looks again. */
export interface Closed {
  on: string;
  until: number;
}

type Keeping = StepInfo & { keepsHours: KeepsHours };

/** Rows that wait for the calendar, where there is one for them: plans of before have none. */
export function keeping(plan: Plan, rows: readonly StepInfo[]): Keeping[] {
  const keeps = (row: StepInfo): row is Keeping => row.keepsHours !== undefined;
  return rows.filter(keeps).filter((row) => calendarsFor(plan, [row]).length > 0);
}

/** Whether it has a calendar, of its own or of a machine. */
export function hasCalendar({ calendar, machines }: Pick<Plan, 'calendar' | 'machines'>): boolean {
  return calendar !== undefined || machines.some((machine) => machine.calendar !== undefined);
}

/** Of rows that are done together; undefined where they may begin now. `begun`: they were broken off in their middle. */
export function closedFor(plan: Plan, rows: readonly Keeping[], now: number, begun: boolean): Closed | undefined {
  const waiting = rows.filter(({ keepsHours }) => !(begun && keepsHours.goesOn));
  const calendars = calendarsFor(plan, waiting);
  const lastsMs = Math.max(0, ...waiting.map(({ keepsHours }) => keepsHours.lastsMs));
  const begins = mayBegin(calendars, now, lastsMs);
  const [first] = calendars;
  if (!first || begins === now) return undefined;
  const frozen = freezeAt(calendars, now, lastsMs);
  const when = begins === undefined ? `none in ${horizonMs / 86_400_000} days` : `opens ${momentText(first, begins)}`;
  return {
    on: `a window of ${humanDuration(lastsMs)} (${when}${frozen ? `; frozen: ${frozen.why}` : ''})`,
    until: begins ?? now + horizonMs,
  };
}

/** In the middle of such rows: whether what one of them disturbs now is well again before it would have to wait. */
export function leavesTime(plan: Plan, rows: readonly Keeping[], now: number): boolean {
  return mayBegin(calendarsFor(plan, rows), now, disturbsMsOf(rows)) === now;
}

/** Until when it must have begun for that; undefined where the window does not end soon, and where there is no calendar. */
export function leavesTimeUntil(plan: Plan, rows: readonly Keeping[], now: number): number | undefined {
  return mayBeginUntil(calendarsFor(plan, rows), now, disturbsMsOf(rows));
}

function disturbsMsOf(rows: readonly Keeping[]): number {
  return Math.max(0, ...rows.map(({ keepsHours }) => keepsHours.disturbsMs));
}

/** Let go since it was done last: what is done again waits again. */
export function isReleased(
  { letGo = [], records, history }: Pick<WeekState, 'letGo' | 'records' | 'history'>,
  { id, task }: Pick<StepInfo, 'id' | 'task'>,
): boolean {
  const released = letGo.filter(({ row }) => row === id || row === task);
  if (released.length === 0) return false;
  const done = [...history.filter((record) => record.id === id), ...(records[id] ? [records[id]] : [])];
  const doneAt = Math.max(...done.map(({ endedAt }) => endedAt));
  return released.some(({ at }) => at >= doneAt);
}

/** Why a week that begins now could never come to its end; undefined where each row has a window. */
export function whyNoWindow(plan: Plan, now: number): string | undefined {
  for (const row of keeping(plan, stepsOf(plan))) {
    const calendars = calendarsFor(plan, [row]);
    const { lastsMs, on } = row.keepsHours;
    if (mayBegin(calendars, now, lastsMs) !== undefined) continue;
    const wants = `calendar: ${row.id} may take ${humanDuration(lastsMs)} on ${on.join(', ')}, and `;
    const thawed = calendars.map((calendar) => ({ ...calendar, freezes: [] }));
    return mayBegin(thawed, now, lastsMs) === undefined
      ? `${wants}no hours of the calendar are as long: widen "disturb" there and in the calendars of these machines, or shorten what the row may take (${limits})`
      : `${wants}no window is left for it in ${horizonMs / 86_400_000} days (frozen: ${calendars.flatMap(({ freezes }) => freezes.map(({ why }) => why)).join(', ')}): shorten a freeze, or begin when it is nearly over`;
  }
  return undefined;
}

const limits = 'faults.limit, migration.failover.recoveryTimeout, emergency.level2, watch.log, stopGrace';

/** The plan's, and those of the machines. */
function calendarsFor({ calendar, machines }: Plan, rows: readonly Keeping[]): Calendar[] {
  if (rows.length === 0) return [];
  const on = new Set(rows.flatMap(({ keepsHours }) => keepsHours.on));
  return [calendar, ...machines.filter(({ name }) => on.has(name)).map((machine) => machine.calendar)].filter(
    (one) => one !== undefined,
  );
}
