// Why a row is not done again, skipped or accepted, and why none is gone on with.
import { type Day, dayName, daysOf, isDayReleased } from '../../plan/calendar/days.ts';
import { foundIn, foundLines, openPast, speaking } from '../../plan/evidence/findings.ts';
import { isReleased, keeping } from '../../plan/calendar/keeping.ts';
import { kindOf, stepsOf } from '../../plan/tasks/steps.ts';
import { takenAtMost } from '../../plan/week/order.ts';
import { isClosed, type WeekState } from '../../plan/week/state.ts';
import { isFinding, isToBeDoneAgain } from './records.ts';

export function refuseRetry(state: WeekState, step: string): void {
  refuseUnknown(state, step);
  if (kindOf(state.plan, step) === 'undo')
    throw new Error(`${step} is looked at by a rollback: hubshift rollback looks again.`);
  if (!state.records[step]) throw new Error(`${step} was not done yet; there is nothing to do again.`);
  if (state.records[step].verdict === 'pass') throw new Error(`${step} passed; only what did not pass can be retried.`);
  refuseUndone(state);
}

export function refuseSkip(state: WeekState, { step, reason }: { step: string; reason: string }): void {
  refuseUnknown(state, step);
  if (!reason?.trim()) throw new Error('A skip needs a reason (--reason TEXT).');
  if (kindOf(state.plan, step) === 'undo')
    throw new Error(
      `${step} is no step, but what a rollback must leave behind: hubshift accept ${step} --reason TEXT takes what was found there as it is.`,
    );
  if (state.records[step]?.verdict === 'pass') throw new Error(`${step} passed; there is nothing to skip.`);
  if (isFinding(state, step))
    throw new Error(
      `${step} was looked at, and is no step: hubshift accept ${step} --reason TEXT takes what was found as it is.`,
    );
  refuseUndone(state);
  refuseMoreWaived(state);
}

/** It need not be waited for yet: who goes home can let go what comes up in the night. */
export function refuseRelease(state: WeekState, { row, reason }: { row: string; reason: string }): void {
  if (!reason?.trim()) throw new Error('A release needs a reason (--reason TEXT).');
  const days = daysOf(state);
  const day = days.find((one) => dayName(one) === row);
  const named = stepsOf(state.plan).filter(({ id, task }) => id === row || task === row);
  if (day) refuseDay(state, day);
  else if (named.length > 0) refuseRows(state, row, keeping(state.plan, named));
  else
    throw new Error(
      `${row} is nothing that the week waits for${days.length > 0 ? `: its days are ${days.map(dayName).join(', ')}` : ''}. hubshift progress shows its waits.`,
    );
  refuseMoreWaived(state);
}

function refuseDay(state: WeekState, day: Day): void {
  if (Date.now() >= day.at) throw new Error(`${dayName(day)} has begun; there is nothing to release.`);
  if (isDayReleased(state, day)) throw new Error(`${dayName(day)} is released already.`);
}

/** `waits`: those of a row or a task that keep a calendar. */
function refuseRows(state: WeekState, row: string, waits: ReturnType<typeof keeping>): void {
  if (waits.length === 0)
    throw new Error(
      `${row} waits for no calendar: ${state.plan.calendar ? 'it disturbs nothing' : 'the plan has none for it'}. hubshift progress shows what the week waits for.`,
    );
  if (waits.every(({ id }) => state.records[id]?.verdict === 'pass'))
    throw new Error(`${row} passed; there is nothing to release.`);
  if (waits.every((one) => isReleased(state, one))) throw new Error(`${row} is released already.`);
}

/** The tasks would begin anew over closed ledgers, and the report lose how the week had stood. A rollback that an error held goes on. */
export function refuseResume(state: WeekState): void {
  const { doing } = state;
  if (isClosed(state) && !(doing?.kind === 'hold' && doing.resumed))
    throw new Error(`${undoneText}, hubshift rollback --without MACHINE goes without one that does not come back.`);
}

function refuseUndone({ rollback, stood }: WeekState): void {
  if (rollback?.scope === 'all' && stood) throw new Error(`${undoneText}.`);
}

const undoneText =
  'Everything was rolled back, and what that left holds the week: hubshift rollback looks again, hubshift accept ROW --reason TEXT takes a row as it is';

export function refuseAccept(
  state: WeekState,
  { row, reason, found }: { row: string; reason: string; found?: string },
): void {
  const { plan, records, rollback, incidents, history } = state;
  const past = openPast(state, row);
  const isOfPast = past.length > 0;
  const ended = incidents.find(({ id }) => id === row);
  if (ended && !isOfPast)
    throw new Error(`${row} ${ended.accepted ? 'is accepted already' : 'ended well'}; there is nothing to accept.`);
  if (!ended) refuseUnknown(state, row);
  const kind = kindOf(plan, row);
  if (!reason?.trim()) throw new Error('To accept a finding needs a reason (--reason TEXT).');
  if (records[row]?.verdict === 'pass' && !isOfPast) throw new Error(`${row} passed; there is nothing to accept.`);
  if (kind === 'undo' && rollback?.wentOn && !isOfPast)
    throw new Error(
      `${row} was looked at after a rollback, and the week has gone on since: there is nothing to accept until hubshift rollback looks again.`,
    );
  const isAwaited = records[row] !== undefined && isToBeDoneAgain(records[row]);
  if (isAwaited || (!isFinding(state, row) && !isOfPast)) throw new Error(nothingFound(state, row));
  // A client of before does not say what it saw.
  if (found !== undefined && found !== foundIn(state, row))
    throw new Error(
      `${row} is not as you saw it. Now it is: ${foundLines(state, row).join('; ')}. Give the order again if that is to be accepted.`,
    );
  // Who accepted it and why travels with the week. What a rollback left must never hold up its end.
  if (isOfPast && kind !== 'undo')
    refuseMany(history.filter(({ waived }) => waived).length + speaking(plan, past).size - 1, 'records of the past');
  // Of what a rollback left there is no more than the tasks have.
  if (kind === 'check') refuseMoreWaived(state);
}

function nothingFound({ plan, records }: WeekState, row: string): string {
  const kind = kindOf(plan, row);
  if (kind === 'check' && records[row])
    return `${row} is to be looked at again: there is nothing to accept until it was. hubshift skip ${row} --reason TEXT goes on without it.`;
  if (kind === 'undo')
    return `${row} is looked at after a rollback, and was not yet: there is nothing to accept. hubshift rollback undoes the week, and looks.`;
  return kind === 'check'
    ? `${row} was not looked at yet: there is nothing to accept. hubshift skip ${row} --reason TEXT goes on without it.`
    : `${row} is a step, not a finding: hubshift skip ${row} --reason TEXT goes on without it.`;
}

function refuseMoreWaived({ plan, records, letGo = [] }: WeekState): void {
  const waived = Object.values(records).filter((record) => record.waived && kindOf(plan, record.id) !== 'undo');
  refuseMany(waived.length + letGo.length, 'rows');
}

function refuseMany(waived: number, what: string): void {
  if (waived >= takenAtMost.waived)
    throw new Error(
      `${takenAtMost.waived} ${what} are skipped, accepted or released already: hubshift rollback undoes what does not work.`,
    );
}

function refuseUnknown(state: WeekState, row: string): void {
  if (!state.records[row] && kindOf(state.plan, row) === undefined)
    throw new Error(`The plan has no row ${row}; hubshift report lists them.`);
}
