// What a rollback would undo, as the workers of the machines see it.
import type { Client } from '@temporalio/client';
import { rehearsalOf } from '../../plan/evidence/criteria.ts';
import { planId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { Scope } from '../../plan/week/undo.ts';
import { planWithout } from '../../plan/week/without.ts';
import type { RollbackPreview } from '../../workflows/dry-run.ts';
import { outlook, undoneTable } from '../show/undone.ts';
import { wholeState } from './look.ts';
import { shortRun } from './short-run.ts';

export interface Preview {
  lines: string[];
  /** Machines that could not be asked. */
  missing: string[];
}

/** Throws Failure when no control worker answers. */
export async function previewOf(client: Client, plan: Plan, run: string, scope: Scope): Promise<Preview> {
  const seen = await shortRun<RollbackPreview>(client, 'rollbackPreview', plan, {
    run,
    scope,
    machines: plan.machines.map(({ name }) => name),
  });
  const state = await wholeState(client, planId(plan));
  const rehearsal = state && rehearsalOf(state);
  return {
    lines: [
      ...seen.machines.flatMap(({ machine, entries }) => [
        `${machine}: ${entries.length} changes of run ${run}, newest first`,
        ...undoneTable(entries, true),
        '',
      ]),
      ...outlook(
        seen.machines.flatMap(({ entries }) => entries),
        rehearsal?.verdict === 'pass' ? Number(rehearsal.evidence['rollbackMs']) : undefined,
      ),
    ],
    missing: seen.missing,
  };
}

/** For a question about everything: what can't be looked at is said, and is no reason not to go back. Machines that it goes without are not asked. */
export async function previewToAsk(client: Client, plan: Plan, run: string, without: string[] = []): Promise<string[]> {
  try {
    const { lines, missing } = await previewOf(client, planWithout(plan, without), run, 'all');
    return [
      ...lines,
      ...missing.map((machine) => `${machine}: no worker answers, so nobody knows what is to be undone there`),
    ];
  } catch (error) {
    return [`There is no preview: ${(error as Error).message}`];
  }
}
