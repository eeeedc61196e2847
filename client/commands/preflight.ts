// hubshift preflight: the week's preflight alone; changes nothing. `start` runs it first.
import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import { controlQueueOf, planId, workflowId } from '../../plan/names.ts';
import { reportOf } from '../../plan/report/report.ts';
import type { Requirement } from '../../plan/report/rows/requirement.ts';
import { withoutSecrets } from '../../plan/report/without-secrets.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { SoundPlan } from '../../plan/schema/references.ts';
import { looksFirst } from '../../plan/tasks/steps.ts';
import { glance, snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import type { Wait, WeekState } from '../../plan/week/state.ts';
import { exitCodes, Failure } from '../failure.ts';
import { loadPlan, type PlanChoice, planOption } from '../plan-file.ts';
import { rowLines } from '../show/rows.ts';
import { askChannels, channelLines } from '../week/channels.ts';
import { request, withClient } from '../week/connect.ts';
import { follow, hasEnded } from '../week/follow.ts';
import type { Look } from '../week/look.ts';
import { taken } from '../week/short-run.ts';
import { attributesOf, newWeek, refuseUnregistered } from '../week/start.ts';

/** The week says that a worker is missing after some seconds; one that is not there after as many again has to be started by somebody. */
const patienceMs = 10_000;
/** Images are pulled, and it is waited for two scrapes of CentralHub, which may be minutes each. */
const limitMs = 30 * 60_000;

export function addPreflight(program: Command): void {
  program
    .command('preflight')
    .description('check what can be known before the first change; changes nothing')
    .option('--json', 'the records as data; see docs/cli.md')
    .addOption(planOption())
    .action(async (options: PlanChoice & { json?: boolean }) => {
      const state = newWeek(loadPlan(options, SoundPlan), null);
      const { rows, channels } = await withClient(async (client) => ({
        rows: await preflightOf(client, state),
        channels: await askChannels(client, state.plan),
      }));
      process.stderr.write(
        channelLines(state.plan, channels)
          .map((line) => `${line}\n`)
          .join(''),
      );
      process.stdout.write(`${options.json ? JSON.stringify(rows, null, 2) : rowLines(rows).join('\n')}\n`);
      process.exitCode = rows.every((row) => row.verdict === 'pass') ? exitCodes.done : exitCodes.failed;
    });
}

/** Its rows, with the week's first records. Changes nothing but images that are missing. */
export async function preflightOf(client: Client, state: WeekState): Promise<Requirement[]> {
  const own = structuredClone(state);
  const { watch, rehearsal } = own.plan;
  // Nothing is held against this baseline.
  watch.baseline = Math.min(watch.baseline, rehearsal.baseline);
  process.stderr.write(
    `Preflight of ${planId(own.plan)} on ${own.plan.machines.map(({ name }) => name).join(', ')} …\n`,
  );
  const final = await run(client, own);
  return withoutSecrets(reportOf(final, Date.now())).requirements.filter((row) =>
    looksFirst.some((name) => name === row.task),
  );
}

async function run(client: Client, state: WeekState): Promise<WeekState> {
  const { name, site } = state.plan;
  const id = workflowId(planId({ name: `${name}-preflight`, site }));
  const queue = controlQueueOf(site);
  const seen = snapshot(state, state.startedAt);
  const handle = await request(client, () =>
    client.workflow.start('preflight', {
      taskQueue: queue,
      workflowId: id,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      workflowExecutionTimeout: limitMs,
      args: [state],
      memo: { glance: glance(seen) },
      typedSearchAttributes: attributesOf(seen),
      staticSummary: `preflight of ${planId(state.plan)}`,
    }),
  ).catch((error: unknown) => {
    refuseUnregistered(error);
    throw error;
  });
  await taken(client, handle, queue);
  const last = await follow(client, {
    plan: planId(state.plan),
    id,
    quiet: true,
    reached: (seen) => hasEnded(seen) || missingWorkers(seen).length > 0,
  });
  if (!hasEnded(last)) {
    await request(client, () => handle.terminate('a worker is missing'));
    const waits = missingWorkers(last);
    throw new Failure(
      `The preflight waits in vain for ${waits.map((wait) => wait.on).join(' and ')}. Start: ${waits.map((wait) => wait.command).join('; ')}`,
      exitCodes.unreachable,
    );
  }
  if (last.execution === 'timed_out') throw new Failure(notOver(last.snapshot));
  try {
    return (await request(client, () => handle.result())) as WeekState;
  } catch (error) {
    if (error instanceof WorkflowFailedError)
      throw new Failure(
        `The preflight ended without a result: ${error.cause?.message ?? error.message}. Temporal's Web UI shows why, at the workflow ${id}.`,
      );
    throw error;
  }
}

function missingWorkers({ snapshot: seen }: Look): Wait[] {
  return (seen?.waits ?? []).filter((wait) => Date.now() - wait.since > patienceMs);
}

/** How far it came, where somebody can tell. */
export function notOver(seen: Snapshot | null): string {
  const looks = (seen?.tasks ?? []).filter(({ task }) => looksFirst.some((name) => name === task));
  const rows = (of: 'done' | 'total') => looks.reduce((sum, task) => sum + task[of], 0);
  const last = seen?.running.map(({ id, machine }) => `${id} · ${machine}`).join(', ');
  return [
    `The preflight was not over after ${humanDuration(limitMs)}, and was ended.`,
    ...(seen ? [`${rows('done')} of ${rows('total')} rows passed${last ? `; what it was at: ${last}` : ''}.`] : []),
    'hubshift preflight begins it anew.',
  ].join(' ');
}
