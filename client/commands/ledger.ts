// hubshift ledger: what was changed on this machine, and what became of it. Needs no Temporal.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { read, type Book, type Entry } from '../../activities/ledger/journal.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import { namesOf } from '../../plan/secrets/ours.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { targetOf, type Undo } from '../../plan/week/undo.ts';
import { exitCodes, Failure } from '../failure.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { columns, utc } from '../show/text.ts';
import { thisMachine } from '../this-machine.ts';
import { addLedgerFiles } from './ledger-files.ts';

interface Options extends PlanChoice {
  machine?: string;
  json?: boolean;
}

/** The output of `hubshift ledger --json`. Times are Unix milliseconds. */
interface LedgerView {
  machine: string;
  runs: {
    run: string;
    plan: string | null;
    state: 'open' | 'closed' | 'kept';
    /** Oldest first. `result` is null while the change stands. */
    entries: {
      entry: number;
      step: string;
      kind: Undo['kind'];
      target: string;
      at: number;
      done: boolean;
      result: string | null;
      detail: string | null;
    }[];
  }[];
}

export function addLedger(program: Command): void {
  const ledger = program
    .command('ledger')
    .description("this machine's ledger: every change, and whether it was undone")
    .option('--machine <name>', 'whose ledger (default: the machine with an address of this host)')
    .option('--json', 'as data; see docs/cli.md')
    .addOption(planOption())
    .action(async (options: Options) => {
      const machine = thisMachine(loadPlan(options).plan, options.machine);
      const view = viewOf(machine, await readLedger(machine));
      process.stdout.write(`${options.json ? JSON.stringify(view, null, 2) : lines(view).join('\n')}\n`);
    });
  addLedgerFiles(ledger);
}

async function readLedger(machine: Machine): Promise<Book> {
  const file = join(machine.state, 'ledger.jsonl');
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new Failure(
        `${machine.name} has no ledger here (${file}): nothing was ever changed by hubshift, or this host is not ${machine.name}.`,
      );
    throw new Failure(
      `The ledger of ${machine.name} (${file}) can't be read by uid ${process.getuid?.()} (${code}): run this as the user of its worker.`,
      exitCodes.failed,
    );
  }
  const book = await read(machine.state);
  for (const what of book.unreadable) process.stderr.write(`Attention: ${what}\n`);
  return book;
}

export function viewOf(machine: Machine, book: Book): LedgerView {
  const names = new Set([...book.opened.keys(), ...book.entries.map((entry) => entry.run)]);
  return {
    machine: machine.name,
    runs: [...names].map((run) => ({
      run,
      plan: book.opened.get(run) ?? null,
      state: book.closed.has(run) ? 'closed' : book.kept.has(run) ? 'kept' : 'open',
      entries: book.entries.filter((entry) => entry.run === run).map(entryView),
    })),
  };
}

function entryView({ n, step, undo, at, done, end }: Entry): LedgerView['runs'][number]['entries'][number] {
  return {
    entry: n,
    step,
    kind: undo.kind,
    target: targetOf(undo),
    at,
    done,
    result: end?.result ?? null,
    // Earlier builds wrote it as it was.
    detail: redact(end?.detail ?? null, namesOf(undo)),
  };
}

function lines(view: LedgerView): string[] {
  if (view.runs.length === 0) return [`The ledger of ${view.machine} is empty.`];
  return view.runs.flatMap(({ run, plan, state, entries }) => [
    `${view.machine} · run ${run}${plan ? ` of ${plan}` : ''} · ${state} · ${entries.length} changes, ${entries.filter(({ result }) => result !== null).length} ended`,
    ...columns(
      entries.map((entry) => [
        `  ${String(entry.entry).padStart(3)}`,
        utc(entry.at),
        entry.step,
        entry.kind,
        entry.target,
        [entry.result ?? (entry.done ? 'stands' : 'begun'), entry.detail?.split('\n')[0]].filter(Boolean).join(': '),
      ]),
    ),
  ]);
}
