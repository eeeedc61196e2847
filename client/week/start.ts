// Begins the workflow of a plan, or takes an ended one up again.
import { randomBytes } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { controlQueueOf, planId, searchAttributes, workflowId } from '../../plan/names.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { imageAdvice } from '../../plan/schema/images.ts';
import { isMade, pilotsOf, type Plan } from '../../plan/schema/plan.ts';
import { purposesOf, purposeText } from '../../plan/tasks/purposes.ts';
import { initialState, runId } from '../../plan/week/initial-state.ts';
import { type Glance, glance, snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import { warningsOf } from '../../plan/week/warnings.ts';
import type { Reach } from '../../plan/week/paste.ts';
import type { WeekState } from '../../plan/week/state.ts';
import type { Order } from '../../plan/week/order.ts';
import { Failure } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { isInvalidArgument, reason, request } from './connect.ts';
import { describe, running } from './look.ts';
import { temporalSettings, usualAddress } from './settings.ts';
import { speaker } from './speaker.ts';

export function newWeek({ file, plan, digest }: PlanFile, rehearsal: number | null): WeekState {
  const startedAt = Date.now();
  const { from } = speaker();
  return initialState({
    plan,
    planDigest: digest,
    run: runId(startedAt, randomBytes(2).toString('hex')),
    startedBy: from,
    reach: reachOf(file),
    startedAt,
    rehearsal,
  });
}

/** What stands in a notice for people on other machines: nothing of how this one connects but where to. */
function reachOf(plan: string): Reach {
  const { address, namespace } = temporalSettings();
  return {
    plan,
    ...(address !== usualAddress && { address }),
    ...(namespace && namespace !== 'default' && { namespace }),
  };
}

interface Beginning {
  /** An order to begin with, for a week that has ended. */
  first?: Order;
  queue?: string;
}

/** Starts the workflow of a plan. Throws Failure while the plan has a running one. */
export async function start(
  client: Client,
  state: WeekState,
  { first, queue = controlQueueOf(state.plan.site) }: Beginning = {},
): Promise<void> {
  const { plan } = state;
  const seen = snapshot(state, state.startedAt);
  try {
    await request(client, () =>
      client.workflow.start('week1', {
        taskQueue: queue,
        workflowId: workflowId(planId(plan)),
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        args: first ? [state, first] : [state],
        memo: { glance: glance(seen) },
        typedSearchAttributes: attributesOf(seen),
        staticSummary: `${planId(plan)} ${state.run}${state.rehearsal === null ? '' : ` (rehearsal /${state.rehearsal})`}`,
        staticDetails: [begun(state), ...outline(state)].join('\n\n'),
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      throw runsAlready(state, (await describe(client, planId(plan))).memo);
    refuseUnregistered(error);
    throw error;
  }
}

/** Before anybody is asked anything. Throws Failure while the plan has a running week; a week that begins meanwhile is met by `start`. */
export async function refuseSecond(client: Client, state: WeekState): Promise<void> {
  const there = await running(client, planId(state.plan));
  if (there) throw runsAlready(state, there.memo);
}

function runsAlready({ plan, run }: WeekState, memo: Glance): Failure {
  const now = `run ${memo.run} of the plan ${planId(plan)} is ${memo.status} in ${memo.phase}`;
  return new Failure(
    memo.run === run
      ? `Refused: ${now}: it was reset, or is taken up already. Let it go on (hubshift progress says what it waits for), or, to take it up from where it had come furthest, terminate it in Temporal's Web UI and give the command again.`
      : `Refused: ${now}, and a plan has one run at a time. Follow it with hubshift progress --watch, or end it with hubshift rollback.`,
  );
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

export function begun({ plan, run }: WeekState): string {
  return `Run ${run} of ${planId(plan)} has begun: ${plan.title}`;
}

/** What people should know before it happens. */
export function outline({ plan, rehearsal, planned }: WeekState): string[] {
  const { watch, faults } = plan;
  const times = [
    ['log watch', watch.log, planned.logMs],
    ['observation', watch.observation, planned.observationMs],
    ['soak', watch.soak, planned.soakMs],
  ] as const;
  return [
    `machines  ${plan.machines.map(({ name, address }) => `${name} (${address})`).join(', ')}`,
    `pilots    ${pilotsOf(plan)
      .map((pilot) => pilot.name)
      .join(', ')}`,
    ...imageAdvice(plan.services.filter(isMade).map(({ image }) => image)).map((advice) => `images    ${advice}`),
    `watched   ${times.map(([what, ms, plannedMs]) => `${what} ${humanDuration(ms)}${ms === plannedMs ? '' : ` instead of ${humanDuration(plannedMs)}`}`).join(', ')}`,
    `faults    ${faults.allowed.length === 0 ? 'none will be injected' : `will be injected: ${faults.allowed.join(', ')}, for ${humanDuration(faults.window)}${trialText(faults.trials)}, lifted by themselves after ${humanDuration(faults.limit)}`}`,
    ...purposesOf(plan).flatMap((purpose) => [
      `${purpose.task.padEnd(9)} ${purposeText(purpose)}`,
      `          may meet: ${purpose.risks.map(({ risk }) => risk).join('; ') || 'no risk that the plan names'}`,
    ]),
    ...calendarLines(plan),
    ...warningsOf(plan).map((warning) => `warning   ${warning}`),
    rehearsal === null
      ? 'This is the week itself, and no rehearsal.'
      : `A rehearsal, with watched time divided by ${rehearsal}. It keeps no calendar, and can never become a GO for production.`,
  ];
}

/** When the rows that disturb may begin; nothing where that is at any hour. */
function calendarLines({ calendar, machines }: Plan): string[] {
  const all = [{ name: 'the plan', calendar }, ...machines].flatMap(({ name, calendar: own }) =>
    own ? [{ name, ...own }] : [],
  );
  return all.map(({ name, zone, disturb = 'any hour', freezes }) => {
    const frozen = freezes.map(({ from, to, why }) => `${from} to ${to} (${why})`).join(', ');
    return `calendar  of ${name}: ${disturb}, ${zone}${frozen && `; frozen: ${frozen}`}`;
  });
}

function trialText(trials: Plan['faults']['trials']): string {
  const said = Object.entries(trials)
    .filter(([, times]) => times > 0)
    .map(([way, times]) => `${way} ${times}x`);
  return ` (EdgeHub: ${said.join(', ')})`;
}
