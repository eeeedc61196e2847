// Level 3: the order where the week can be asked; else, or where this machine's worker is silent, this machine's ledger, here and now.
import type { Machine, Plan } from '../../plan/schema/plan.ts';
import { confirmRollback, isAttended } from '../ask.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { say } from '../say.ts';
import { targetLines } from '../show/target.ts';
import { machineOfThisHost, thisMachine } from '../this-machine.ts';
import { mustListen } from '../week/listens.ts';
import { temporalSettings } from '../week/settings.ts';
import { addressee, speaker } from '../week/speaker.ts';
import type { Here } from './here.ts';
import { acceptMs } from './limits.ts';
import { commandFor, refuseUnquotable, undoThere } from './over-ssh.ts';
import { runToUndo } from './run-to-undo.ts';
import type { FoundWeek } from './week.ts';

export interface LevelThreeAsk {
  machine?: string;
  run?: string;
  as?: string;
  reason: string;
  /** Machines that the week does not wait for. */
  without?: string[];
  hosts?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** Says what it is about to undo before it does; gives the exit code. */
export async function levelThree(planFile: PlanFile, ask: LevelThreeAsk): Promise<ExitCode> {
  const { plan } = planFile;
  if (ask.hosts) refuseUnquotable(planFile);
  const machine = ask.machine ? thisMachine(plan, ask.machine) : machineOfThisHost(plan);
  // What the week is to leave alone is not undone here instead.
  const leftOut = machine && ask.without?.includes(machine.name) ? machine.name : undefined;
  const [found, here] = await Promise.all([weekOf(plan), leftOut ? null : ledgerOf(plan, machine)]);
  if (found instanceof Error) return undoBy(planFile, ask, { week: null, why: found, here, leftOut });
  const { glance, takesOrders } = found;
  const why = new Failure(`the week that Temporal knows is run ${glance.run}, ${glance.status}`);
  try {
    return await undoBy(planFile, ask, { week: takesOrders ? found : null, why, here, leftOut });
  } finally {
    // Nobody waits for that.
    found.close().catch(() => undefined);
  }
}

interface Ways {
  week: FoundWeek | null;
  /** Why the week can't take the order. */
  why: Error;
  here: Here | null;
  /** This machine, where it is one that the week goes without. */
  leftOut?: string;
}

async function undoBy(planFile: PlanFile, ask: LevelThreeAsk, { week, why, here, leftOut }: Ways): Promise<ExitCode> {
  const { plan } = planFile;
  if (!here && (!week || ask.dryRun)) throw leftOut ? notHere(leftOut, why) : nothingHere(plan, why);
  const run = runToUndo(planFile, ask.run, {
    week: week && week.glance,
    why: why.message,
    here: here && { machine: here.machine.name, runs: here.runs },
  });
  const isOfWeek = week?.glance.run === run;
  say(targetLines(planFile, `${run}${isOfWeek ? `, ${week.glance.status} in ${week.glance.phase}` : ''}`));
  if (here) say([here.extent(run)]);
  if (here && ask.dryRun) {
    say([...(await here.preview(run)), 'Nothing was undone.']);
    return exitCodes.done;
  }
  const others = plan.machines.filter(({ name }) => here && name !== here.machine.name);
  say(others.map((other) => `on ${other.name}: ${commandFor(planFile, other, run).join(' ')}`));
  if (isAttended() && !ask.yes) {
    say(here ? await here.preview(run) : await week!.preview(ask.without));
    await confirmRollback(run, ask.without);
  }
  const there = others.filter(({ name }) => !ask.without?.includes(name));
  const results = await Promise.all([
    here && ask.hosts ? Promise.all(there.map((other) => undoThere(planFile, other, run))) : [],
    byWeekOrHere(planFile, ask, run, { week: isOfWeek ? week : null, why, here }),
  ]);
  return results.flat().find((code) => code !== exitCodes.done) ?? exitCodes.done;
}

async function byWeekOrHere(
  planFile: PlanFile,
  ask: LevelThreeAsk,
  run: string,
  { week, why, here }: Ways,
): Promise<ExitCode> {
  const who = speaker(ask.as);
  const knowsIt = here?.runs.some((one) => one.run === run);
  const worker = here && knowsIt ? { name: here.machine.name, begun: () => here.begun(run) } : undefined;
  const outcome = week
    ? await week.levelThree(
        { ...addressee(planFile, ask.run), run },
        { ...who, reason: ask.reason, without: ask.without, worker },
      )
    : `Without the week (${why.message})`;
  if (typeof outcome === 'number') return outcome;
  say([`${outcome}: undone here.`]);
  if (ask.without)
    say([`--without ${ask.without.join(', ')} has no meaning here: this machine's ledger waits for no other machine.`]);
  return here!.undo(run, `${who.by} (${who.from})`);
}

/** An error says why it can't be asked. */
async function weekOf(plan: Plan): Promise<FoundWeek | Error> {
  try {
    await mustListen(temporalSettings(), acceptMs);
    // Loaded only where somebody listens.
    const { findWeek } = await import('./week.ts');
    return await findWeek(plan);
  } catch (error) {
    return error as Error;
  }
}

async function ledgerOf(plan: Plan, machine: Machine | undefined): Promise<Here | null> {
  if (!machine) return null;
  // Loaded only on a machine of the plan.
  const { ledgerHere } = await import('./here.ts');
  return ledgerHere(plan, machine);
}

function nothingHere(plan: Plan, why: Error): Failure {
  const machines = plan.machines.map(({ name, address }) => `${name} (${address})`).join(', ');
  return new Failure(
    `Not ordered: ${why.message.replace(/\.$/, '')}. And this host has no ledger to undo from: it is none of ${machines}, or you are not root. On each of these, as root: hubshift rollback --emergency, with --machine NAME where its address does not tell.`,
    why instanceof Failure ? why.exitCode : exitCodes.unreachable,
  );
}

function notHere(machine: string, why: Error): Failure {
  return new Failure(
    `Not ordered: ${why.message.replace(/\.$/, '')}. And nothing is undone here, since this is ${machine}, which --without leaves out. To undo it here, give the command without that.`,
    exitCodes.usage,
  );
}
