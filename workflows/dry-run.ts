// Looking without touching: what a start would change, and what a rollback would undo.
import { ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import * as differ from '../plan/tasks/difference.ts';
import type { PreparedDeployment } from '../plan/machine-api/agents.ts';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { meant, type MachinesOf, type MeantMachine } from '../plan/machine-api/meant.ts';
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

/** Clients of before do not say of which plan the machines are. */
const unknown: MachinesOf = { machines: [] };

/** One difference for each desired, in their order, those of missing machines left out. */
export async function dryRun(desired: Desired[], of = unknown): Promise<DryRun> {
  const { present, missing } = await rollCall(of, [...new Set(desired.map((desired) => desired.machine))]);
  const differences = await Promise.all(
    desired.filter((one) => present.includes(one.machine)).map((one) => lookAt(of, one)),
  );
  return { missing, differences };
}

export async function rollbackPreview(
  ask: { run: string; scope: Scope; machines: string[] },
  of = unknown,
): Promise<RollbackPreview> {
  const { present, missing } = await rollCall(of, ask.machines);
  const scopes: Scope[] =
    ask.scope !== 'all' && 'task' in ask.scope
      ? undoneWith(ask.scope.task as TaskName).map((task) => ({ task }))
      : [ask.scope];
  const machines = await Promise.all(
    present.map(async (machine) => ({
      machine,
      entries: (
        await Promise.all(scopes.map((scope) => on(of, machine).rollback({ run: ask.run, scope, dryRun: true })))
      ).flat(),
    })),
  );
  return { missing, machines };
}

/** What a deployment will do to an agent, as its machine has it; null where nothing was prepared in this run. */
export async function showPrepared(
  ask: { run: string; agent: string; machine: string },
  of = unknown,
): Promise<Prepared> {
  const { run, agent, machine } = ask;
  const { missing } = await rollCall(of, [machine]);
  if (missing.length > 0) return { missing, prepared: null };
  try {
    return { missing, prepared: await on(of, machine).preparedDeployment({ run, agent }) };
  } catch (error) {
    if (failureType(error) === 'NotFoundError') return { missing, prepared: null, tooOld: true };
    throw error;
  }
}

async function rollCall(of: MachinesOf, machines: string[]): Promise<{ present: string[]; missing: string[] }> {
  const answered = await Promise.all(machines.map((machine) => answers(of, machine)));
  return {
    present: machines.filter((_, index) => answered[index]),
    missing: machines.filter((_, index) => !answered[index]),
  };
}

async function answers(of: MachinesOf, machine: string): Promise<boolean> {
  try {
    await on(of, machine).describeMachine();
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

async function lookAt(of: MachinesOf, desired: Desired): Promise<Difference> {
  const { machine, what, target } = desired;
  try {
    return { machine, what, target, ...(await found(on(of, machine), desired)) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { machine, what, target, found: failureText(error), change: 'blocked' };
  }
}

async function found(m: MachineActivities, desired: Desired): Promise<Found> {
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

/** A service that does not answer is not deployed yet, or down: what lives in it is to be made. One that refuses who asks has what it has. */
async function unlessSilent(look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || failureType(error) === 'NotSeen') throw error;
    return { found: 'its server does not answer', change: 'create' };
  }
}

function on(of: MachinesOf, machine: string): MachineActivities {
  const at = meant(of, machine);
  const activities = proxyActivities<MachineActivities>({
    taskQueue: machineQueue(machine, of.site),
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 2 },
  });
  return new Proxy({} as MachineActivities, {
    get: (_, verb: keyof MachineActivities) => (ask?: unknown) =>
      (activities[verb] as (ask: unknown, left: undefined, at: MeantMachine) => unknown)(ask, undefined, at),
  });
}
