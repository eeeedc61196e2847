// Which run level 3 is about.
import type { RunSummary } from '../../activities/ledger/runs.ts';
import { planId } from '../../plan/names.ts';
import { whyNotFor } from '../../plan/week/aim.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { addressee } from '../week/speaker.ts';

interface Known {
  /** Null where Temporal knows no week of the plan that takes orders, or can't be asked. */
  week: Pick<Glance, 'plan' | 'run' | 'planDigest' | 'status'> | null;
  /** Why the week is not asked. */
  why: string;
  here: { machine: string; runs: RunSummary[] } | null;
}

/** The one that was named; else that of the week; else that of this machine's ledger. Throws Failure where these are not one. */
export function runToUndo(planFile: PlanFile, named: string | undefined, { week, why, here }: Known): string {
  const run = named ?? week?.run ?? (here ? runOf(here.runs, here.machine, why) : undefined);
  if (!run) throw new Failure('There is no week to undo.');
  const known = here?.runs.find((one) => one.run === run);
  if (named) {
    if (week?.run === named || known) return named;
    throw new Failure(
      here
        ? `The ledger of ${here.machine} has no run ${named}. hubshift ledger lists its runs.`
        : `The week of ${planId(planFile.plan)} that takes orders is ${week?.run ?? 'none'}; hubshift runs lists what there was.`,
      exitCodes.usage,
    );
  }
  if (week) {
    refuse(whyNotFor(week, addressee(planFile)));
    if (week.status === 'completed')
      refuse(`Run ${run} is completed, and what it made is kept. To undo it all the same: --run ${run}.`);
    const other = here?.runs.find((one) => one.live > 0 && one.state !== 'kept' && one.run !== run);
    if (here && other)
      refuse(
        `The ledger of ${here.machine} has changes of run ${other.run}, and the week is run ${run}. Name the one that is meant: --run ${other.run} or --run ${run}.`,
      );
  }
  const plan = known?.plan;
  if (plan && plan !== planId(planFile.plan))
    refuse(
      `Run ${run} is of the plan ${plan}, and ${planFile.file} is the plan ${planId(planFile.plan)}. Name its plan with --plan, or the run, if it is meant all the same: --run ${run}.`,
    );
  return run;
}

function refuse(why: string | undefined): void {
  if (why) throw new Failure(`Refused: ${why}`, exitCodes.usage);
}

/** The only run with changes to undo; when there is none, the newest that is open, to be closed; else the newest that was closed: doing it again is fine. */
function runOf(runs: RunSummary[], machine: string, why: string): string {
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
    throw new Failure(`The ledger of ${machine} is empty: no week has begun here (${why}). hubshift ledger shows it.`);
  return closed.run;
}
