// What a machine's ledger and the weeks have to tell each other: a running week, that its ledger was closed here without it, by a rollback while
// Temporal or the control worker was away; and the ledger, that its week was rolled back without this machine and takes no more changes.
import { setTimeout } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import * as messages from '../workflows/orders/messages.ts';
import type { Ledger } from '../activities/ledger/ledger.ts';
import type { RunSummary } from '../activities/ledger/runs.ts';
import { workflowId } from '../plan/names.ts';
import type { Glance } from '../plan/week/snapshot.ts';
import { reasonOf, say } from './log.ts';

const everyMs = 2_000;
const requestMs = 5_000;

/** Until it is aborted. A week that can't be told or asked now is at the next look. */
export async function reportClosings(
  machine: string,
  ledger: Ledger,
  client: Client,
  ended: AbortSignal,
): Promise<void> {
  const done = new Set<string>();
  const listed = new Map<string, string>();
  const runs = runsOf(ledger);
  const inTime = <T>(work: () => Promise<T>) => client.connection.withDeadline(Date.now() + requestMs, work);
  while (!ended.aborted) {
    for (const summary of await runs()) {
      if (ended.aborted) return;
      const { run, plan, state, live } = summary;
      if (done.has(run)) continue;
      let isNews = false;
      try {
        const closing = state === 'closed' ? await ledger.closing(run) : null;
        isNews = closing !== null && closing.by !== 'the week';
        if (isNews) await inTime(() => tell(client, machine, run, plan));
        else if (closing === null || live > 0) {
          const isWithout = await inTime(() => endedWithout(client, machine, summary, listed));
          if (!isWithout || !(await close(ledger, summary))) continue;
        }
        done.add(run);
      } catch (error) {
        // A week that runs is asked all along: that Temporal is away others say.
        if (isNews)
          say('WARN', `the week ${run} can not be told yet that its ledger is closed`, { error: reasonOf(error) });
      }
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** None while the ledger can't be read: a newer build wrote in it, or its disk fails. Each reason is said once in a row. */
function runsOf(ledger: Ledger): () => Promise<RunSummary[]> {
  let said: string | undefined;
  return async () => {
    try {
      const runs = await ledger.runs();
      said = undefined;
      return runs;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== said)
        say('WARN', 'the ledger can not be read: no week hears that it was closed here, and no run is closed here', {
          error: reason,
        });
      said = reason;
      return [];
    }
  };
}

/** True once it is. One that died in the middle of its undo has closed it already, and still has to hear the command. */
async function close(ledger: Ledger, { run, state, live }: RunSummary): Promise<boolean> {
  try {
    if (state !== 'closed') await ledger.close(run);
  } catch (error) {
    say('WARN', `run ${run} was rolled back without this machine, and its ledger can not be closed yet`, {
      error: reasonOf(error),
    });
    return false;
  }
  if (live > 0)
    say(
      'WARN',
      `run ${run} was rolled back without this machine: its ledger is closed, and what stands here is undone by`,
      { command: `hubshift rollback --emergency --run ${run}` },
    );
  return true;
}

async function tell(client: Client, machine: string, run: string, plan: string): Promise<void> {
  const week = await newestOf(client, plan);
  if (week?.isRunning && week.glance?.run === run)
    await client.workflow.getHandle(workflowId(plan)).signal(messages.ledgerClosed, { run, machine });
}

/**
 * Its week has ended, or is about to, without this machine. Once another has begun, only the list of them knows: `listed` says which one had,
 * since of a run that takes no changes any more it says the same until the next begins.
 */
async function endedWithout(
  client: Client,
  machine: string,
  { run, plan, state }: RunSummary,
  listed: Map<string, string>,
): Promise<boolean> {
  const isSo = (glance: Glance | undefined) => glance?.run === run && glance.without?.includes(machine) === true;
  const newest = await newestOf(client, plan);
  if (!newest || newest.glance?.run === run) return isSo(newest?.glance);
  const after = newest.glance?.run ?? '';
  if (state !== 'open' && listed.get(run) === after) return false;
  for await (const { memo } of client.workflow.list({ query: `WorkflowId = "${workflowId(plan)}"` }))
    if (isSo(memo?.['glance'] as Glance | undefined)) return true;
  listed.set(run, after);
  return false;
}

/** Undefined when Temporal knows no week of the plan. */
async function newestOf(client: Client, plan: string) {
  try {
    const { status, memo } = await client.workflow.getHandle(workflowId(plan)).describe();
    return { isRunning: status.name === 'RUNNING', glance: memo?.['glance'] as Glance | undefined };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
