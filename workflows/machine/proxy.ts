// Every proxy, time-out and retry of the week: how a workflow calls a machine.
import { ActivityCancellationType, patched, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { BuildActivities } from '../../activities/control/build.ts';
import type { ReportActivities } from '../../activities/control/reports.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { MeantMachine } from '../../plan/machine-api/meant.ts';
import { machineId, machineQueue } from '../../plan/names.ts';
import { isInterrupted, lastHeartbeat, NotBegun, timedOut } from './failures.ts';
import type { Hours } from '../windows.ts';
import type { ActivityLimit } from './limit.ts';
import type { Presence } from './presence.ts';

type Verb = keyof MachineActivities;

const second = 1_000;
const minute = 60 * second;

/** How long one attempt may take, where the ask does not say. Long ones heartbeat, so that a dead worker shows at once. */
const startToClose: Partial<Record<Verb, number>> = {
  ensureImage: 15 * minute,
  rollback: 10 * minute,
  deployAgent: 5 * minute,
  consume: 5 * minute,
  publish: 10 * minute,
  readStream: 5 * minute,
  readSequences: 3 * minute,
};
const defaultStartToClose = 2 * minute;
/** On top of the time that an ask names itself (withinMs, durationMs, untilMs). */
const margin = 2 * minute;

/** How often something is asked whose worker dies in the middle of it, or fails. */
const asksAtMost = 5;

/** No time-out for the way through the queue: a missing worker is waited for, however long. */
const options: Omit<ActivityOptions, 'startToCloseTimeout'> = {
  heartbeatTimeout: 10 * second,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: second, backoffCoefficient: 2, maximumInterval: 10 * second, maximumAttempts: asksAtMost },
};

/** On the control worker that runs the week. */
export const reports = proxyActivities<ReportActivities & BuildActivities>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 3 },
});

/** Tried once and not for long: it is tried again after the next order, which must not wait for a disk that hangs. */
export const olderReports = proxyActivities<Pick<ReportActivities, 'keepOlder' | 'keepPrepared'>>({
  startToCloseTimeout: 10 * second,
  scheduleToCloseTimeout: 20 * second,
  retry: { maximumAttempts: 1 },
});

/** Each is half of a measurement between two machines: done again alone it finds nobody, so `isInterrupted` has the whole done again. */
const halves: readonly Verb[] = ['natsListen', 'natsSend', 'natsEcho', 'natsLatency'];

/** Workers of earlier builds do not know them, which is no reason to wait for others. */
const newer: readonly Verb[] = ['looks', 'newestEntries', 'leaveEntries', 'metricsInHubs', 'metricsPages', 'capacity'];

/** Taken late, each would disturb at another hour than the calendar left it. What goes on at any hour once it has begun is not among them. */
const disturbing: readonly Verb[] = ['injectFault', 'restartContainer', 'reloadHub'];
/** How long one of these may lie in a queue: the worker was there when its row began. What was asked before may have waited for it all night. */
const takenWithinMs = 30 * second;

export interface Caller {
  step: string;
  /** Shown in the Web UI on the activity. */
  summary: string;
  limit: ActivityLimit;
  presence: Presence;
  /** Told what an activity had reported last whose worker died in the middle of it: all there is, when it is not asked again. */
  interrupted?: (left: unknown) => void;
  /** Whether what disturbs is held to a window of the calendar, and whether that leaves it the time from now on. */
  hours?: () => Hours;
  /** For histories of before: told when the machine's worker does not take the task, and again when it has. */
  waiting(missing: boolean): void;
}

/** All verbs of a machine. A missing worker is waited for, however long: only cancellation ends that. */
export function machineProxy(at: MeantMachine, caller: Caller): MachineActivities {
  return new Proxy({} as MachineActivities, {
    get: (_, verb: Verb) => (ask?: unknown) =>
      caller.limit.within(at.machine, () =>
        patched(inItsQueue) ? call(at, verb, ask, caller) : callAgainAndAgain(at, verb, ask, caller),
      ),
  });
}

/** What is asked of a machine lies in its queue until it is taken. */
const inItsQueue = 'asks-lie-in-the-queue';

/** What a worker that died has left in its heartbeats goes with the next ask (activities/context/heartbeat.ts). */
async function call(at: MeantMachine, verb: Verb, ask: unknown, caller: Caller): Promise<unknown> {
  const { step, summary, presence, interrupted } = caller;
  const { machine } = at;
  const { nonRetryableErrorTypes = [], ...retry } = retryOf(verb)!;
  const heard = { ...retry, nonRetryableErrorTypes: [...nonRetryableErrorTypes, 'TemporalTimeout:Heartbeat'] };
  const hours = (): Hours => (disturbing.includes(verb) && caller.hours?.()) || 'any';
  const more = { summary, retry: heard, ...(hours() !== 'any' && { scheduleToStartTimeout: takenWithinMs }) };
  if (hours() === 'closed') throw outOfHours(machine, verb, step);
  let left: unknown;
  for (let time = 1; ; time += 1) {
    try {
      return await presence.during(step, () => activityOf(at, verb, ask, more)(ask, left, at));
    } catch (error) {
      const details = lastHeartbeat(error);
      if (details !== undefined) {
        left = details;
        interrupted?.(details);
      }
      // Temporal would ask again in silence: a worker that died in the middle would be missed late.
      const isLast = halves.includes(verb) || time === asksAtMost;
      if (timedOut(error) === 'SCHEDULE_TO_START') throw notTaken(machine, verb, step);
      if (!isInterrupted(error) || isLast || hours() === 'closed') throw error;
    }
  }
}

function notTaken(machine: string, verb: Verb, step: string): NotBegun {
  return new NotBegun(
    `the worker of ${machineId(machine)} did not take ${verb} within ${takenWithinMs / second} s: ` +
      `hubshift worker --machine ${machine}, then hubshift retry ${step}`,
  );
}

function outOfHours(machine: string, verb: Verb, step: string): NotBegun {
  return new NotBegun(
    `${verb} was not asked of ${machineId(machine)}: what goes before it took until the window left it no time; ` +
      `hubshift retry ${step}, after hubshift release ${step} --reason TEXT at any hour`,
  );
}

/** Whether a machine's worker is there: it answers as soon as it takes anything. */
export function hello(at: MeantMachine): Promise<unknown> {
  return activityOf(at, 'describeMachine', undefined, {
    summary: `is the worker of ${at.machine} there?`,
    retry: { maximumInterval: 10 * second },
  })();
}

/** As it was before: taken within ten seconds, or asked again. Histories that began so go on so until they continue as new. */
async function callAgainAndAgain(at: MeantMachine, verb: Verb, ask: unknown, caller: Caller): Promise<unknown> {
  for (;;) {
    const activity = activityOf(at, verb, ask, { summary: caller.summary, scheduleToStartTimeout: 10 * second });
    try {
      const result = await activity(ask);
      caller.waiting(false);
      return result;
    } catch (error) {
      const missing = timedOut(error) === 'SCHEDULE_TO_START';
      caller.waiting(missing);
      if (!missing) throw error;
    }
  }
}

function activityOf({ machine, site }: MeantMachine, verb: Verb, ask: unknown, more: Partial<ActivityOptions>) {
  const { [verb]: activity } = proxyActivities<MachineActivities>({
    ...options,
    retry: retryOf(verb),
    taskQueue: machineQueue(machine, site),
    startToCloseTimeout: Math.max(startToClose[verb] ?? defaultStartToClose, namedTime(ask) + margin),
    ...more,
  });
  return activity as (ask?: unknown, left?: unknown, at?: MeantMachine) => Promise<unknown>;
}

function retryOf(verb: Verb): ActivityOptions['retry'] {
  if (halves.includes(verb)) return { maximumAttempts: 1 };
  return newer.includes(verb) ? { ...options.retry, nonRetryableErrorTypes: ['NotFoundError'] } : options.retry;
}

function namedTime(ask: unknown): number {
  const named = (ask ?? {}) as { withinMs?: number; durationMs?: number; untilMs?: number; retryForMs?: number };
  const untilMs = named.untilMs === undefined ? 0 : Math.max(0, named.untilMs - Date.now());
  return Math.max(named.withinMs ?? 0, (named.durationMs ?? 0) + (named.retryForMs ?? 0), untilMs);
}
