// hubshift rollback: back to where the week began, or a part of it; with a preview, and without Temporal in an emergency.
import type { Client } from '@temporalio/client';
import { Option, type Command } from 'commander';
import * as messages from '../../workflows/orders/messages.ts';
import { rehearsalOf } from '../../plan/evidence/gate.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import type { TaskName } from '../../plan/tasks/names.ts';
import { undoable, undoRows } from '../../plan/tasks/steps.ts';
import type { Order } from '../../plan/week/order.ts';
import { statusText } from '../../plan/week/state.ts';
import type { Scope } from '../../plan/week/undo.ts';
import { commandThere, todo } from '../../plan/week/without.ts';
import type { RollbackPreview } from '../../workflows/dry-run.ts';
import { withClient } from '../week/connect.ts';
import { type ExitCode, exitCodes, Failure } from '../failure.ts';
import { follow, hasEnded } from '../week/follow.ts';
import { describe, look, type Look, wholeState } from '../week/look.ts';
import { order, speaker } from '../week/orders.ts';
import { withoutOption } from '../options.ts';
import { loadPlan, type PlanChoice, planOption } from '../plan-file.ts';
import { isOver, reopen } from '../week/reopen.ts';
import { refuseMissing, shortRun } from '../week/short-run.ts';
import { outlook, undoneTable } from '../show/undone.ts';
import { thisMachine } from '../this-machine.ts';

interface Options extends PlanChoice {
  preview?: boolean;
  task?: TaskName;
  agent?: string;
  without?: string[];
  reason?: string;
  as?: string;
  emergency?: boolean;
  dryRun?: boolean;
  hosts?: boolean;
  machine?: string;
  run?: string;
}

/** The rows that say what a rollback must leave behind. */
const leftBehind = new Set(undoRows(undoable).map(({ id }) => id));

export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('undo the week, newest change first, and follow it to the end')
    .option('--preview', 'show what would be undone, and undo nothing')
    .addOption(new Option('--task <task>', 'undo one task only').choices([...undoable].reverse()).conflicts('agent'))
    .option('--agent <name>', 'undo one agent only')
    .addOption(withoutOption().conflicts(['preview', 'task', 'agent', 'emergency']))
    .option('--reason <text>', 'goes on record')
    .option('--as <name>', 'who gives the order (default: you)')
    .addOption(
      new Option('--emergency', "level 3: everything, now; without the week, this machine's part of it").conflicts([
        'preview',
        'task',
        'agent',
      ]),
    )
    .option('--dry-run', 'with --emergency: show what would be undone here, in order, and what can not be')
    .option('--hosts', 'with --emergency: run it on the other machines too, over ssh')
    .option('--machine <name>', 'with --emergency: whose ledger (default: the machine with an address of this host)')
    .option('--run <id>', 'with --emergency: which run (default: the one whose changes are not undone)')
    .addOption(planOption())
    .action(async (options: Options) => {
      const planFile = loadPlan(options);
      const { plan } = planFile;
      const { run, as, reason = 'ordered without a reason', hosts, dryRun, without } = options;
      if (options.emergency) {
        // Loaded here only: what drives a machine is slow to load.
        const { rollBackNow } = await import('../local-rollback/rollback.ts');
        process.exitCode = await rollBackNow(planFile, {
          machine: thisMachine(plan, options.machine),
          run,
          as,
          reason,
          hosts,
          dryRun,
        });
        return;
      }
      const scope: Scope = options.task ? { task: options.task } : options.agent ? { agent: options.agent } : 'all';
      process.exitCode = await withClient(async (client) => {
        if (options.preview) return preview(client, plan.name, plan.machines, scope);
        return rollBack(client, plan.name, { ...speaker(as), scope, reason, ...(without && { without }) });
      });
    });
}

async function preview(client: Client, plan: string, machines: Machine[], scope: Scope): Promise<ExitCode> {
  const { memo } = await describe(client, plan);
  const seen = await shortRun<RollbackPreview>(client, 'rollbackPreview', plan, {
    run: memo.run,
    scope,
    machines: machines.map((machine) => machine.name),
  });
  const lines = seen.machines.flatMap(({ machine, entries }) => [
    `${machine}: ${entries.length} changes of run ${memo.run}, newest first`,
    ...undoneTable(entries, true),
    '',
  ]);
  const state = await wholeState(client, plan);
  const rehearsal = state && rehearsalOf(state);
  lines.push(
    ...outlook(
      seen.machines.flatMap(({ entries }) => entries),
      rehearsal?.verdict === 'pass' ? Number(rehearsal.evidence['rollbackMs']) : undefined,
    ),
  );
  process.stdout.write(`${lines.join('\n')}\nNothing was undone.\n`);
  refuseMissing(seen.missing);
  return exitCodes.done;
}

async function rollBack(
  client: Client,
  plan: string,
  ask: messages.Speaker & { scope: Scope; reason: string; without?: string[] },
): Promise<ExitCode> {
  const before = await look(client, plan);
  const heldBefore = before.snapshot?.held?.since;
  if (isOver(before))
    process.stdout.write(
      `Run ${await reopen(client, plan, firstOf(ask))} was ${before.execution}; it is taken up again to be rolled back.\n`,
    );
  else process.stdout.write(`${await order(client, plan, messages.rollback, ask)}\n`);
  const last = await follow(client, { plan, reached: (seen) => hasEnded(seen) || heldAfterRollback(seen, heldBefore) });
  // Entries that could not be undone, and rows that do not hold although all were.
  const rows = (last.snapshot?.issues ?? [])
    .filter(({ id, verdict, waived }) => verdict === 'fail' && !waived && leftBehind.has(id))
    .map(({ id, summary }) => `${id}: ${summary}`);
  const failed = [...(last.snapshot?.undone?.failed ?? []), ...rows];
  if (failed.length > 0)
    throw new Failure(
      `The rollback left ${failed.length} failures: ${failed.join('; ')}. Mend what they name, then run hubshift rollback again. A row that the week did not cause: hubshift accept ROW --reason TEXT.`,
    );
  if (last.glance.without && hasEnded(last)) throw new Failure(inPart(last));
  return last.glance.status === 'rolled back' || !hasEnded(last) ? exitCodes.done : exitCodes.failed;
}

function firstOf({ by, scope, reason, without }: Parameters<typeof rollBack>[2]): Order {
  return { kind: 'rollback', by, scope, reason, ...(without && { without }) };
}

/** Never plainly rolled back: what is still to be done, and where. */
function inPart({ glance: { run, status, without = [] }, snapshot }: Look): string {
  const todos = snapshot?.without?.map((one) => todo(run, one)) ?? without.map((machine) => commandThere(run, machine));
  return [`The week is ${statusText(status, without)}.`, ...todos].join(' ');
}

/** A rollback of a part leaves the week held, for a person to let it go on. */
function heldAfterRollback({ snapshot: seen }: Look, heldBefore: number | undefined): boolean {
  return seen?.held !== undefined && seen.status !== 'rolling back' && seen.held.since !== heldBefore;
}
