// hubshift start: begins the week, or shows what it would change.
import { createHash } from 'node:crypto';
import { Option, type Command } from 'commander';
import { planId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { SoundPlan } from '../../plan/schema/references.ts';
import { rehearse } from '../../plan/schema/rehearse.ts';
import { desiredStateOf } from '../../plan/tasks/desired-state.ts';
import type { DryRun } from '../../workflows/dry-run.ts';
import { confirm, isAttended } from '../ask.ts';
import { exitCodes, Failure } from '../failure.ts';
import { divisor } from '../options.ts';
import { loadPlan, planOption, type PlanChoice, type PlanFile, refuseClosed, refuseTooLarge } from '../plan-file.ts';
import { differenceTable } from '../show/differences.ts';
import { fitness } from '../show/fitness.ts';
import { targetLines } from '../show/target.ts';
import { utc } from '../show/text.ts';
import { askChannels, channelLines, questionOf } from '../week/channels.ts';
import { withClient } from '../week/connect.ts';
import { stateOfCut } from '../week/reopen.ts';
import { refuseMissing, shortRun } from '../week/short-run.ts';
import { begun, newWeek, outline, refuseSecond, start } from '../week/start.ts';
import { startAgain } from '../week/start-again.ts';
import { say } from '../say.ts';
import { preflightOf } from './preflight.ts';

interface Options extends PlanChoice {
  rehearsal?: number;
  dryRun?: boolean;
  continue?: string;
  yes?: boolean;
}

export function addStart(program: Command): void {
  program
    .command('start')
    .description('begin the week')
    .option('--rehearsal <divisor>', 'divide the watched time by this', divisor)
    .option(
      '--dry-run',
      'show what the week would change, and change nothing: exit 0 nothing to do, 2 changes, 1 something stands in the way',
    )
    .addOption(
      new Option('--continue <run>', 'take a run up again whose workflow was terminated or reset').conflicts([
        'rehearsal',
        'dryRun',
      ]),
    )
    .option('--yes', 'do not ask')
    .addOption(planOption())
    .action(async (options: Options) => {
      if (options.continue) return takeUp(loadPlan(options), options.continue, options.yes);
      const planFile = loadPlan(options, SoundPlan);
      refuseTooLarge(planFile);
      const rehearsal = options.rehearsal ?? null;
      if (rehearsal === null) refuseClosed(planFile);
      if (options.dryRun)
        return showDifferences(rehearsal === null ? planFile.plan : rehearse(planFile.plan, rehearsal));
      const state = newWeek(planFile, rehearsal);
      const week = await withClient(async (client) => {
        await refuseSecond(client, state);
        const channels = await askChannels(client, state.plan);
        say([...targetLines(planFile), ...outline(state), ...channelLines(state.plan, channels)]);
        const who = { isRehearsal: rehearsal !== null, yes: options.yes === true, attended: isAttended() };
        const question = questionOf(channels, who);
        const { lines, refused } = fitness(await preflightOf(client, state), who);
        say(lines);
        if (refused !== undefined) throw new Failure(refused);
        await agreed(question, options.yes);
        const begins = newWeek(planFile, rehearsal);
        await start(client, begins);
        return begins;
      });
      say([begun(week), follows]);
    });
}

const follows = 'Follow it with: hubshift progress --watch';

async function agreed(question: string, yes: boolean | undefined): Promise<void> {
  if (isAttended() && !yes) await confirm(question, 'Nothing was begun.');
}

/** Over its ledgers, which are open still. */
async function takeUp(planFile: PlanFile, run: string, yes: boolean | undefined): Promise<void> {
  const plan = planId(planFile.plan);
  const { state, kept } = await withClient(async (client) => {
    const cut = await stateOfCut(client, plan, run);
    say(targetLines(planFile, `${run}, ${cut.state.status} in ${cut.state.phase}`));
    await agreed('Let it go on?', yes);
    await startAgain(client, cut.state);
    return cut;
  });
  say([
    `Run ${run} of ${plan} goes on where it was cut off: ${state.status} in ${state.phase}.`,
    ...(kept
      ? [
          `Temporal gives its state no more: it is that of ${utc(kept.at)}, from ${kept.file}. What a ledger has beyond it holds the week, and is named.`,
        ]
      : []),
    follows,
  ]);
}

async function showDifferences(plan: Plan): Promise<void> {
  const desired = desiredStateOf(plan, (text) => createHash('sha256').update(text).digest('hex'));
  const { missing, differences } = await withClient((client) => shortRun<DryRun>(client, 'dryRun', plan, desired));
  refuseMissing(missing);
  process.stdout.write(`${differenceTable(differences).join('\n')}\n`);
  const changes = new Set(differences.map((difference) => difference.change));
  process.exitCode = changes.has('blocked')
    ? exitCodes.failed
    : changes.size === 1 && changes.has('none')
      ? exitCodes.done
      : exitCodes.usage;
}
