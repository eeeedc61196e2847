// Level 3 from one machine: ordered of the week; where the week can't be asked, or this machine's worker is silent, done here and now.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { execa } from 'execa';
import { hostOf } from '../activities/context/host.ts';
import { ledgerOf, type Ledger } from '../activities/ledger/ledger.ts';
import { undo } from '../activities/undo/undo.ts';
import { workflowId } from '../plan/names.ts';
import type { Machine } from '../plan/schema/plan.ts';
import type { Glance } from '../plan/week/snapshot.ts';
import type { Undone } from '../plan/week/undo.ts';
import * as messages from '../workflows/orders/messages.ts';
import { reason } from './connect.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';
import { speaker } from './orders.ts';
import type { PlanFile } from './plan-file.ts';
import { lasting } from './show/text.ts';
import { undoneTable } from './show/undone.ts';

/** How long the week may take to accept the order, and this machine's worker to begin. */
const acceptMs = 2_000;
const sshMs = 3 * 60_000;

interface Ask {
  machine: Machine;
  run?: string;
  as?: string;
  reason: string;
  hosts?: boolean;
  dryRun?: boolean;
}

/** Says what it is about to undo before it does; gives the exit code. */
export async function rollBackNow(
  planFile: PlanFile,
  { machine, run, as, reason: why, hosts, dryRun }: Ask,
): Promise<ExitCode> {
  const { plan } = planFile;
  if (hosts) refuseOddPath(planFile);
  const ledger = ledgerOf(hostOf(machine), undo);
  const chosen = run ?? (await runToUndo(ledger, machine.name));
  if (!(await ledger.runs()).some((known) => known.run === chosen))
    throw new Failure(
      `The ledger of ${machine.name} has no run ${chosen}. hubshift ledger lists its runs.`,
      exitCodes.usage,
    );
  const entries = await ledger.entries(chosen);
  say(
    `${machine.name}: run ${chosen}, ${entries.filter(({ end }) => !end).length} of ${entries.length} changes to undo`,
  );
  if (dryRun) return preview(await ledger.rollback({ run: chosen, scope: 'all', dryRun: true }));

  const others = plan.machines.filter(({ name }) => name !== machine.name);
  for (const other of others) say(`on ${other.name}: ${commandFor(planFile, other, chosen).join(' ')}`);
  const { by, from } = speaker(as);
  const refused = await orderOfTheWeek(plan.name, chosen, { by, from, reason: why });
  const taken = refused === null && (await begins(ledger, chosen));
  if (!taken)
    say(
      refused === null
        ? `The week took the order, but the worker of ${machine.name} does not begin: undone here.`
        : `Without the week (${refused}): undone here.`,
    );
  const results = await Promise.all([
    (taken ? finished : undoHere)(ledger, chosen, `${by} (${from})`),
    ...(hosts ? others.map((other) => undoThere(planFile, other, chosen)) : []),
  ]);
  return results.includes(exitCodes.failed) ? exitCodes.failed : exitCodes.done;
}

async function undoHere(ledger: Ledger, run: string, by: string): Promise<ExitCode> {
  const began = Date.now();
  return conclude(ledger, run, await ledger.emergency(run, by), began);
}

/** The worker is at it: waits until every entry has ended, however it did. */
async function finished(ledger: Ledger, run: string, by: string): Promise<ExitCode> {
  const began = Date.now();
  say('The week took the order; hubshift progress --watch follows all machines.');
  // Queues for the machine's lock behind the worker's rollback, and finds all of it done.
  return conclude(ledger, run, await ledger.emergency(run, by), began);
}

async function conclude(ledger: Ledger, run: string, undone: Undone[], began: number): Promise<ExitCode> {
  const standing = await ledger.standing(run);
  say(undoneTable(undone).join('\n'));
  const failed = undone.filter(({ result }) => result === 'failed');
  say(
    standing.length === 0 && failed.length === 0
      ? `Undone and looked at after ${lasting(Date.now() - began)}: nothing of run ${run} stands here but what is named as left.`
      : `Not all of it: ${[...new Set([...failed, ...standing].map(({ kind, target }) => `${kind} ${target}`))].join(', ')}. Mend what they name and run this again.`,
  );
  return standing.length === 0 && failed.length === 0 ? exitCodes.done : exitCodes.failed;
}

function preview(undone: Undone[]): ExitCode {
  say(undoneTable(undone, true).join('\n'));
  const not = undone.filter(({ result }) => result === 'left' || result === 'failed');
  say(
    `${not.length === 0 ? 'All of it can be undone' : `${not.length} can't be undone: ${not.map(({ target }) => target).join(', ')}`}. Nothing was.`,
  );
  return exitCodes.done;
}

/** null when the week has accepted level 3; else why not. A refusal is known at once. */
async function orderOfTheWeek(
  plan: string,
  run: string,
  ask: Omit<messages.EmergencyAsk, 'level'>,
): Promise<string | null> {
  const over = new AbortController();
  const late = delay(acceptMs, `no answer within ${acceptMs / 1000} s`, { signal: over.signal });
  try {
    return await Promise.race([late, ordered(plan, run, ask)]);
  } catch (error) {
    return reason(error);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

async function ordered(plan: string, run: string, ask: Omit<messages.EmergencyAsk, 'level'>): Promise<string | null> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  await listens(connectionOptions.address ?? 'localhost:7233');
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: acceptMs });
  try {
    const handle = new Client({ connection, namespace }).workflow.getHandle(workflowId(plan));
    const { memo } = await handle.describe();
    const running = (memo?.glance as Glance | undefined)?.run;
    if (running !== run) return `the week that Temporal knows is run ${running}`;
    await connection.withDeadline(Date.now() + acceptMs, () =>
      handle.startUpdate(messages.emergency, { args: [{ level: 3, ...ask }], waitForStage: 'ACCEPTED' }),
    );
    return null;
  } finally {
    await connection.close();
  }
}

/** Throws at once when nobody listens there: gRPC would go on trying. */
async function listens(address: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), timeout: acceptMs });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Whether this machine's worker has closed the run in time. */
async function begins(ledger: Ledger, run: string): Promise<boolean> {
  for (const end = Date.now() + acceptMs; Date.now() < end; await delay(50)) if (await ledger.closing(run)) return true;
  return false;
}

/** The same command there. Names, runs and addresses hold no character that a shell reads; a path of the plan that does is refused. */
async function undoThere(planFile: PlanFile, machine: Machine, run: string): Promise<ExitCode> {
  const args = [
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=5',
    machine.address,
    ...commandFor(planFile, machine, run),
  ];
  const { exitCode, all, shortMessage } = await execa('ssh', args, {
    reject: false,
    all: true,
    timeout: sshMs,
    stdin: 'ignore',
  });
  say(`${machine.name}: ${all || shortMessage}`);
  return exitCode === 0 ? exitCodes.done : exitCodes.failed;
}

function commandFor({ file }: PlanFile, { name }: Machine, run: string): string[] {
  return ['hubshift', 'rollback', '--emergency', '--machine', name, '--run', run, '--plan', file];
}

function refuseOddPath({ file }: PlanFile): void {
  if (!/^[\w./+@-]+$/.test(file))
    throw new Failure(
      `The path of the plan (${file}) has characters that a remote shell would read. Move it to a plain path.`,
      exitCodes.usage,
    );
}

/** The only run with changes to undo; when there is none, the newest that is open, to be closed; else the newest that was closed: doing it again is fine. */
async function runToUndo(ledger: Ledger, machine: string): Promise<string> {
  const runs = await ledger.runs();
  const live = runs.filter((summary) => summary.live > 0);
  const [only, ...others] = live.filter((summary) => summary.state !== 'kept');
  if (others.length > 0)
    throw new Failure(
      `The ledger of ${machine} has several runs to undo: name one with --run (${[only, ...others].map((summary) => summary?.run).join(', ')}).`,
      exitCodes.usage,
    );
  const choice = only ?? runs.findLast(({ state }) => state === 'open');
  if (choice) return choice.run;
  if (live.length > 0)
    throw new Failure(
      `The ledger of ${machine} has no run with changes to undo, but kept ones: name one with --run (${live.map((summary) => summary.run).join(', ')}).`,
      exitCodes.usage,
    );
  const closed = runs.findLast(({ state }) => state === 'closed');
  if (!closed)
    throw new Failure(`The ledger of ${machine} is empty: no week has begun here. hubshift ledger shows it.`);
  return closed.run;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
