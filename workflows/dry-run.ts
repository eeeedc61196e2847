// Looking without touching: what a start would change, and what a rollback would undo.
import { ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import * as differ from '../plan/tasks/difference.ts';
import type { PreparedDeployment } from '../plan/machine-api/agents.ts';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { machineQueue } from '../plan/names.ts';
import type { Difference, Found } from '../plan/tasks/difference.ts';
import type { TaskName } from '../plan/tasks/names.ts';
import { undoneWith } from '../plan/tasks/steps.ts';
import type { Desired } from '../plan/tasks/desired.ts';
import type { Scope, Undone } from '../plan/week/undo.ts';
import { failureText, failureType } from './machine/failures.ts';

export interface DryRun {
  /** Machines whose worker did not answer: nothing is known of them. */
  missing: string[];
  differences: Difference[];
}

export interface RollbackPreview {
  missing: string[];
  /** Newest first on each machine. */
  machines: { machine: string; entries: Undone[] }[];
}

export interface Prepared {
  missing: string[];
  prepared: PreparedDeployment | null;
  /** Its worker is of a build that keeps no such thing. */
  tooOld?: true;
}

/** One difference for each desired, in their order, those of missing machines left out. */
export async function dryRun(desired: Desired[]): Promise<DryRun> {
  const { present, missing } = await rollCall([...new Set(desired.map((desired) => desired.machine))]);
  const differences = await Promise.all(desired.filter((desired) => present.includes(desired.machine)).map(lookAt));
  return { missing, differences };
}

export async function rollbackPreview(ask: {
  run: string;
  scope: Scope;
  machines: string[];
}): Promise<RollbackPreview> {
  const { present, missing } = await rollCall(ask.machines);
  const scopes: Scope[] =
    ask.scope !== 'all' && 'task' in ask.scope
      ? undoneWith(ask.scope.task as TaskName).map((task) => ({ task }))
      : [ask.scope];
  const machines = await Promise.all(
    present.map(async (machine) => ({
      machine,
      entries: (
        await Promise.all(scopes.map((scope) => on(machine).rollback({ run: ask.run, scope, dryRun: true })))
      ).flat(),
    })),
  );
  return { missing, machines };
}

/** What a deployment will do to an agent, as its machine has it; null where nothing was prepared in this run. */
export async function showPrepared(ask: { run: string; agent: string; machine: string }): Promise<Prepared> {
  const { run, agent, machine } = ask;
  const { missing } = await rollCall([machine]);
  if (missing.length > 0) return { missing, prepared: null };
  try {
    return { missing, prepared: await on(machine).preparedDeployment({ run, agent }) };
  } catch (error) {
    if (failureType(error) === 'NotFoundError') return { missing, prepared: null, tooOld: true };
    throw error;
  }
}

async function rollCall(machines: string[]): Promise<{ present: string[]; missing: string[] }> {
  const answered = await Promise.all(machines.map(answers));
  return {
    present: machines.filter((_, index) => answered[index]),
    missing: machines.filter((_, index) => !answered[index]),
  };
}

async function answers(machine: string): Promise<boolean> {
  try {
    await on(machine).describeMachine();
    return true;
  } catch (error) {
    if (
      error instanceof ActivityFailure &&
      error.cause instanceof TimeoutFailure &&
      error.cause.timeoutType === 'SCHEDULE_TO_START'
    )
      return false;
    throw error;
  }
}

async function lookAt(desired: Desired): Promise<Difference> {
  const { machine, what, target } = desired;
  try {
    return { machine, what, target, ...(await found(desired)) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { machine, what, target, found: failureText(error), change: 'blocked' };
  }
}

async function found(desired: Desired): Promise<Found> {
  const m = on(desired.machine);
  switch (desired.what) {
    case 'ports':
      return differ.portsDiffer(desired, await m.portHolders(desired));
    case 'directory':
      return differ.directoryDiffers(desired, await m.directoryState({ path: desired.target }));
    case 'file':
      return differ.fileDiffers(desired, await m.digestFile({ path: desired.target }));
    case 'container':
      return differ.containerDiffers(
        desired,
        await m.inspectContainer({ name: desired.target }),
        await m.resolveImage({ image: desired.image }),
      );
    case 'scrape jobs':
      return unlessSilent(async () => differ.jobsDiffer(desired, await m.hubStatus({ hub: desired.hub })));
    case 'stream':
      return unlessSilent(async () =>
        differ.streamDiffers(
          desired,
          await m.streamState({
            server: desired.server,
            stream: desired.target,
            replicas: desired.replicas,
            withinMs: 2_000,
          }),
        ),
      );
    case 'agent configuration':
      return differ.agentDiffers(await m.validateConfig({ path: desired.target }));
  }
}

/** A service that does not answer is not deployed yet, or down: what lives in it is to be made. */
async function unlessSilent(look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { found: 'its server does not answer', change: 'create' };
  }
}

function on(machine: string): MachineActivities {
  return proxyActivities<MachineActivities>({
    taskQueue: machineQueue(machine),
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 2 },
  });
}
