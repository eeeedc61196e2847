// hubshift start: begins the week, or shows what it would change.
import { createHash, randomBytes } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Command } from 'commander';
import { controlQueue, searchAttributes, workflowId } from '../../plan/names.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { pilotsOf, type Plan } from '../../plan/schema/plan.ts';
import { rehearse } from '../../plan/schema/rehearse.ts';
import type { Difference } from '../../plan/tasks/dry-run.ts';
import { wishesOf } from '../../plan/tasks/wishes.ts';
import { initialState, runId } from '../../plan/week/initial-state.ts';
import { glance, snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';
import type { DryRun } from '../../workflows/dry-run.ts';
import type { Order } from '../../workflows/orders/orders.ts';
import { isInvalidArgument, reason, request, withClient } from '../connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { describe } from '../look.ts';
import { divisor } from '../options.ts';
import { speaker } from '../orders.ts';
import { loadPlan, type PlanChoice, type PlanFile, planOption } from '../plan-file.ts';
import { refuseMissing, shortRun } from '../short-run.ts';
import { columns } from '../show/text.ts';

interface Options extends PlanChoice {
  rehearsal?: number;
  dryRun?: boolean;
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
    .addOption(planOption())
    .action(async (options: Options) => {
      const planFile = loadPlan(options);
      const rehearsal = options.rehearsal ?? null;
      if (options.dryRun)
        return showDifferences(rehearsal === null ? planFile.plan : rehearse(planFile.plan, rehearsal));
      const state = newWeek(planFile, rehearsal);
      await withClient((client) => start(client, state));
      process.stdout.write(`${announcement(state).join('\n')}\n`);
    });
}

export function newWeek({ plan, digest }: PlanFile, rehearsal: number | null): WeekState {
  const startedAt = Date.now();
  const { from } = speaker();
  return initialState({
    plan,
    planDigest: digest,
    run: runId(startedAt, randomBytes(2).toString('hex')),
    startedBy: from,
    startedAt,
    rehearsal,
  });
}

/** Starts the workflow of a plan. `first` is an order to begin with, for a week that has ended. Throws Failure while the plan has a running one. */
export async function start(client: Client, state: WeekState, first?: Order): Promise<void> {
  const { plan } = state;
  const seen = snapshot(state, state.startedAt);
  try {
    await request(client, () =>
      client.workflow.start('week1', {
        taskQueue: controlQueue,
        workflowId: workflowId(plan.name),
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        args: first ? [state, first] : [state],
        memo: { glance: glance(seen) },
        typedSearchAttributes: attributesOf(seen),
        staticSummary: `${plan.name} ${state.run}${state.rehearsal === null ? '' : ` (rehearsal /${state.rehearsal})`}`,
        staticDetails: announcement(state).join('\n\n'),
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      const { memo } = await describe(client, plan.name);
      throw new Failure(
        `Refused: run ${memo.run} of the plan ${plan.name} is ${memo.status} in ${memo.phase}, and a plan has one run at a time. Follow it with hubshift progress --watch, or end it with hubshift rollback.`,
      );
    }
    refuseUnregistered(error);
    throw error;
  }
}

/** What a server must know before anything can be started on it. */
export function attributesOf({ plan, phase, verdict }: Snapshot): SearchAttributePair[] {
  const keyword = (name: string, value: string) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value });
  return [
    keyword(searchAttributes.plan, plan),
    keyword(searchAttributes.phase, phase),
    keyword(searchAttributes.verdict, verdict),
  ];
}

/** Throws Failure with the command that mends it when the server does not know our search attributes. */
export function refuseUnregistered(error: unknown): void {
  if (!isInvalidArgument(error) || !reason(error).includes('search attribute')) return;
  const names = Object.values(searchAttributes)
    .flatMap((name) => ['--name', name, '--type', 'Keyword'])
    .join(' ');
  throw new Failure(
    `Temporal does not know the search attributes of hubshift. Register them once: temporal operator search-attribute create ${names}`,
  );
}

/** What people should know before it happens. */
function announcement({ plan, run, rehearsal, planned }: WeekState): string[] {
  const { watch, faults } = plan;
  const times = [
    ['log watch', watch.log, planned.logMs],
    ['observation', watch.observation, planned.observationMs],
    ['soak', watch.soak, planned.soakMs],
  ] as const;
  return [
    `Run ${run} of ${plan.name} has begun: ${plan.title}`,
    `machines  ${plan.machines.map(({ name, address }) => `${name} (${address})`).join(', ')}`,
    `pilots    ${pilotsOf(plan)
      .map((pilot) => pilot.name)
      .join(', ')}`,
    `watched   ${times.map(([what, ms, plannedMs]) => `${what} ${humanDuration(ms)}${ms === plannedMs ? '' : ` instead of ${humanDuration(plannedMs)}`}`).join(', ')}`,
    `faults    ${faults.allowed.length === 0 ? 'none will be injected' : `will be injected: ${faults.allowed.join(', ')}, for ${humanDuration(faults.window)}${trialText(faults.trials)}, lifted by themselves after ${humanDuration(faults.limit)}`}`,
    ...(rehearsal === null ? [] : ['A rehearsal can never become a GO for production.']),
    'Follow it with: hubshift progress --watch',
  ];
}

function trialText(trials: Plan['faults']['trials']): string {
  const said = Object.entries(trials)
    .filter(([, times]) => times > 0)
    .map(([way, times]) => `${way} ${times}x`);
  return ` (EdgeHub: ${said.join(', ')})`;
}

async function showDifferences(plan: Plan): Promise<void> {
  const wishes = wishesOf(plan, (text) => createHash('sha256').update(text).digest('hex'));
  const { missing, differences } = await withClient((client) => shortRun<DryRun>(client, 'dryRun', plan.name, wishes));
  refuseMissing(missing);
  process.stdout.write(`${differenceTable(differences).join('\n')}\n`);
  const changes = new Set(differences.map((difference) => difference.change));
  process.exitCode = changes.has('blocked')
    ? exitCodes.failed
    : changes.size === 1 && changes.has('none')
      ? exitCodes.done
      : exitCodes.usage;
}

export function differenceTable(differences: Difference[]): string[] {
  const changing = differences.filter(({ change }) => change !== 'none');
  const rows = changing.map(({ change, machine, what, target, found }) => [change, machine, what, target, found]);
  const same = `${differences.length - changing.length} of ${differences.length} things are as the plan wants them.`;
  return changing.length === 0
    ? [same, 'Nothing to do.']
    : [...columns([['CHANGE', 'MACHINE', 'WHAT', 'TARGET', 'FOUND'], ...rows]), '', same];
}
