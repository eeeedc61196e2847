// Tells running weeks that their ledger was closed on this machine without them: by a rollback while Temporal, or the control worker, was away.
import { setTimeout } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import * as messages from '../workflows/orders/messages.ts';
import type { Ledger } from '../activities/ledger/ledger.ts';
import { workflowId } from '../plan/names.ts';
import type { Glance } from '../plan/week/snapshot.ts';
import { reasonOf, say } from './log.ts';

const everyMs = 2_000;
const requestMs = 5_000;

/** Until it is aborted. A week that can't be told now is told at the next look. */
export async function reportClosings(
  machine: string,
  ledger: Ledger,
  client: Client,
  ended: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  while (!ended.aborted) {
    for (const { run, plan, state } of await ledger.runs().catch(() => [])) {
      if (ended.aborted) return;
      if (state !== 'closed' || told.has(run)) continue;
      try {
        const closing = await ledger.closing(run);
        if (closing?.by !== 'the week')
          await client.connection.withDeadline(Date.now() + requestMs, () => tell(client, machine, run, plan));
        told.add(run);
      } catch (error) {
        say('WARN', `the week ${run} can not be told yet that its ledger is closed`, { error: reasonOf(error) });
      }
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

async function tell(client: Client, machine: string, run: string, plan: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId(plan));
  try {
    const { status, memo } = await handle.describe();
    if (status.name === 'RUNNING' && (memo?.['glance'] as Glance | undefined)?.run === run)
      await handle.signal(messages.ledgerClosed, { run, machine });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
