// A rollback as an order to the week, followed to its end; and its preview.
import type { Client } from '@temporalio/client';
import { planId } from '../../plan/names.ts';
import { undoable, undoRows } from '../../plan/tasks/steps.ts';
import { endedStatuses, type Status, whyNotInPart } from '../../plan/week/state.ts';
import type { Scope } from '../../plan/week/undo.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { confirmRollback, isAttended } from '../ask.ts';
import { type ExitCode, exitCodes, Failure } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { say } from '../say.ts';
import { inPartLines } from '../show/in-part.ts';
import { targetLines } from '../show/target.ts';
import { follow, hasEnded } from './follow.ts';
import { describe, look, type Look, wholeState } from './look.ts';
import { order } from './orders.ts';
import { previewOf, previewToAsk } from './preview.ts';
import { isOver, orderOrReopen, refuseOther, reopen } from './reopen.ts';
import { refuseMissing } from './short-run.ts';
import { addressee } from './speaker.ts';

/** The rows that say what a rollback must leave behind. */
const leftBehind = new Set(undoRows(undoable).map(({ id }) => id));

export async function preview(client: Client, { plan }: PlanFile, scope: Scope): Promise<ExitCode> {
  const { memo } = await describe(client, planId(plan));
  await refuseInPart(client, planId(plan), scope);
  const { lines, missing } = await previewOf(client, plan, memo.run, scope);
  say([...lines, 'Nothing was undone.']);
  refuseMissing(missing);
  return exitCodes.done;
}

/** As the order itself would be. What nobody answers for is not refused: then there is no preview either. */
async function refuseInPart(client: Client, plan: string, scope: Scope): Promise<void> {
  const state = scope === 'all' ? undefined : await wholeState(client, plan);
  const why = state && whyNotInPart(state);
  if (why) throw new Failure(`Refused: ${why}`);
}

interface Ask extends messages.Speaker {
  scope: Scope;
  reason: string;
  /** Machines that are not waited for. */
  without?: string[];
}

export async function rollBack(
  client: Client,
  planFile: PlanFile,
  { run, yes, ...ask }: Ask & { yes?: boolean },
): Promise<ExitCode> {
  const { plan } = planFile;
  const before = await look(client, planId(plan));
  const { glance, execution } = before;
  const heldBefore = before.snapshot?.held?.since;
  refuseOther(glance, addressee(planFile, run));
  say(targetLines(planFile, `${glance.run}, ${glance.status} in ${glance.phase}`));
  if (ask.scope === 'all' && isAttended() && !yes) {
    say(await previewToAsk(client, plan, glance.run, ask.without));
    await confirmRollback(glance.run, ask.without);
  }
  const aim = { ...addressee(planFile, run), run: glance.run };
  const takeUp = async (was: string) => {
    const { by, scope, reason, without } = ask;
    const taken = await reopen(client, planId(plan), { kind: 'rollback', by, scope, reason, without });
    return `Run ${taken} ${was}; it is taken up again to be rolled back.`;
  };
  const give = () => order(client, aim, messages.rollback, ask);
  say([
    isOver(before)
      ? await takeUp(`was ${execution}`)
      : await orderOrReopen(client, aim, give, () => takeUp('has ended meanwhile')),
  ]);
  const last = await follow(client, {
    plan: planId(plan),
    reached: (seen) => hasEnded(seen) || heldAfterRollback(seen, heldBefore),
  });
  // Entries that could not be undone, and rows that do not hold although all were.
  const rows = (last.snapshot?.issues ?? [])
    .filter(({ id, verdict, waived }) => verdict === 'fail' && !waived && leftBehind.has(id))
    .map(({ id, summary }) => `${id}: ${summary}`);
  const failed = [...(last.snapshot?.undone?.failed ?? []), ...rows];
  if (failed.length > 0)
    throw new Failure(
      `The rollback left ${failed.length} failures: ${failed.join('; ')}. Mend what they name, then run hubshift rollback again. A row that stays as it is: hubshift accept ROW --reason TEXT.`,
    );
  const inPart = inPartLines(last.snapshot ?? last.glance);
  if (inPart.length > 0 && hasEnded(last)) throw new Failure(inPart.join(' '));
  return last.glance.status === 'rolled back' || !hasEnded(last) ? exitCodes.done : exitCodes.failed;
}

/**
 * A rollback of a part leaves the week held, for a person to let it go on. One that has ended keeps the reason to be seen, and is about
 * to write its report: it is followed until its execution ends.
 */
export function heldAfterRollback({ snapshot: seen }: Look, heldBefore: number | undefined): boolean {
  return seen?.held !== undefined && isAtRest(seen.status) && seen.held.since !== heldBefore;
}

function isAtRest(status: Status): boolean {
  return status !== 'rolling back' && !endedStatuses.includes(status);
}
