// What a week does once a machine's ledger was closed by a rollback without it.
import { patched } from '@temporalio/workflow';
import { type Next, thePlan } from '../../plan/week/order.ts';
import { namesWithout } from '../../plan/week/state.ts';
import { planWithout } from '../../plan/week/without.ts';
import { leaveIncident } from '../emergency/incidents.ts';
import { rollBack } from '../emergency/rollback.ts';
import { inTime } from '../machine/in-time.ts';
import type { Week } from '../week.ts';
import { leftFailures } from './holding.ts';

/** Somebody rolled back on a machine without the week: the others follow, and the incident is what that machine's ledger says. */
export async function followClosing(week: Week): Promise<Next> {
  const { plan, state } = week;
  const reason = 'the ledger was closed by a rollback without Temporal';
  // In a history of before every machine was waited for, however long.
  const asked: typeof inTime = patched('closings-in-time') ? inTime : (ask) => ask();
  const ended = (await rollBack(week, { by: thePlan, scope: 'all', reason }, true)) === 'end';
  const closings = await Promise.all(
    planWithout(plan, namesWithout(state)).machines.map(async ({ name }) => ({
      name,
      closing: await asked(() => closingOf(week, name)),
    })),
  );
  const ordered = closings.flatMap(({ name, closing }) =>
    closing && closing.by !== 'the week' ? [{ name, ...closing }] : [],
  );
  const [first] = ordered.sort((a, b) => a.at - b.at);
  if (first) {
    const actions = ordered.map(({ name, at, undoneAt }) => ({
      what: 'undo the ledger',
      machine: name,
      result: undoneAt === null ? 'not all of it' : 'undone',
      ms: (undoneAt ?? Date.now()) - at,
    }));
    const undoneAt = Math.max(...ordered.map((one) => one.undoneAt ?? Date.now()));
    const trigger = {
      automatic: false,
      by: first.by,
      from: first.name,
      reason: 'rollback --emergency',
      withoutTemporal: true,
    };
    leaveIncident(week, {
      level: 3,
      target: null,
      trigger,
      startedAt: first.at,
      endedAt: undoneAt,
      result: ended && !state.without ? 'recovered' : 'failed',
      actions,
    });
  }
  return ended ? 'end' : leftFailures(state);
}

function closingOf(week: Week, machine: string) {
  return week.proxy('rollback', machine).closing({ run: week.state.run });
}
