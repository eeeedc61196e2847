// The deadline of a hold: the week looks again first, and a clock undoes nothing that is well, that nobody can see, or that nobody heard of.
import { lookedText } from '../../plan/evidence/look-again.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { componentsOf } from '../../plan/tasks/services.ts';
import { type Hold, type Next, type Order, rowHeld, thePlan } from '../../plan/week/order.ts';
import { pageOf, tookPage } from '../../plan/week/paging.ts';
import { leaveIncident } from '../emergency/incidents.ts';
import { lookAgain, lookStep, targetsOf } from '../emergency/look-again.ts';
import type { Week } from '../week.ts';

/** What is done at the deadline of a hold; undefined when an order or an answer came first. */
export async function atDeadline(week: Week, hold: Hold): Promise<Next | undefined> {
  const lookedFrom = Date.now();
  const row = rowHeld(hold);
  const looked = await week.unless(
    () => true,
    () => lookAgain(week, { ...hold, row }),
    [{ id: lookStep, machine: 'all', since: lookedFrom }],
  );
  // Who has answered meanwhile is there.
  if (looked === undefined || isAnswered(week, hold)) return undefined;
  const heard = tookPage(week.state, pageOf(hold));
  if (looked.verdict === 'unknown')
    return stays(hold, `nobody can tell how it is now (${lookedText(looked)}), and nothing is undone by that`);
  if (looked.verdict === 'down') return triggered(hold, heard, `still so: ${lookedText(looked)}`);
  if (row === undefined) {
    recovered(week, hold, Date.now() - lookedFrom);
    return 'tasks';
  }
  week.state.again = { row, heard };
  return { kind: 'retry', by: thePlan, step: row };
}

/** What the plan says, where it may: what undoes everything wants somebody to have heard of it. */
export function triggered(hold: Hold, heard: boolean, found: string): Order {
  const { otherwise } = hold;
  if (otherwise?.kind !== 'rollback') return stays(hold, found);
  const reason = `${otherwise.reason}; ${found}`;
  if (otherwise.scope === 'all' && !heard)
    return stays(hold, `${found}; no channel took it that reaches somebody, so everything stays as it is`);
  const { emergency } = otherwise;
  return {
    ...otherwise,
    reason,
    ...(emergency && { emergency: { trigger: { ...emergency.trigger, reason }, at: Date.now() } }),
  };
}

/** Without a deadline, and people are told so. */
export function stays({ status, reason, since, wait, row, about }: Hold, why: string): Hold {
  const { until = Date.now(), ...on } = wait;
  return {
    kind: 'hold',
    status,
    reason: `${reason}; nobody answered within ${humanDuration(until - since)}; ${why}`,
    since: Date.now(),
    wait: on,
    ordered: false,
    row,
    about,
  };
}

/** Whether somebody has said that it is theirs now. */
export function isAnswered({ state }: Week, hold: Hold): boolean {
  return state.paged?.some(({ about, acknowledged }) => about === pageOf(hold) && acknowledged) ?? false;
}

function recovered(week: Week, hold: Hold, lookedMs: number): void {
  const { components, agents } = targetsOf(week, hold);
  const isOfComponents = componentsOf(week.plan).some(({ name }) => hold.about?.includes(name) ?? true);
  const names = hold.about ?? [...components, ...agents].map(({ name }) => name);
  leaveIncident(week, {
    level: isOfComponents ? 1 : 2,
    target: names.slice(0, 6).join(', ') + (names.length > 6 ? ` and ${names.length - 6} more` : ''),
    trigger: { automatic: true, by: thePlan, from: 'emergency.askDeadline', reason: hold.reason },
    startedAt: hold.since,
    result: 'recovered by itself',
    actions: [{ what: 'look again', machine: 'all', result: 'all of it is well', ms: lookedMs }],
  });
}
