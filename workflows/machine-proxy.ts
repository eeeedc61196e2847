// Every proxy, time-out and retry of the week: how a workflow calls a machine.
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  condition,
  proxyActivities,
  TimeoutFailure,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { ReportActivities } from '../activities/control/reports.ts';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { controlQueue, machineQueue } from '../plan/names.ts';

type Verb = keyof MachineActivities;

const second = 1_000;
const minute = 60 * second;
/** How long a task may lie in a machine's queue before the week says that its worker is missing. */
const scheduleToStart = 10 * second;

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

const options: Omit<ActivityOptions, 'startToCloseTimeout'> = {
  scheduleToStartTimeout: scheduleToStart,
  heartbeatTimeout: 10 * second,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: second, backoffCoefficient: 2, maximumInterval: 10 * second, maximumAttempts: 5 },
};

/** On the control worker. */
export const reports = proxyActivities<ReportActivities>({
  taskQueue: controlQueue,
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 3 },
});

/** Each is half of a measurement between two machines: done again alone it finds nobody, so `isInterrupted` has the whole done again. */
const halves: readonly Verb[] = ['natsListen', 'natsSend', 'natsEcho', 'natsLatency'];

/** A machine's worker takes a few more at once (workers/machine.ts). What it can't take would lie in its queue and look as if it were missing. */
const atOnce = 150;

/** How many activities are under way on each machine. */
export class ActivityLimit {
  private readonly under = new Map<string, number>();

  /** Begins `work` when there is room on the machine; in the order of the calls. */
  async within<T>(machine: string, work: () => Promise<T>): Promise<T> {
    await condition(() => this.enter(machine));
    try {
      return await work();
    } finally {
      this.under.set(machine, this.count(machine) - 1);
    }
  }

  private enter(machine: string): boolean {
    const room = this.count(machine) < atOnce;
    if (room) this.under.set(machine, this.count(machine) + 1);
    return room;
  }

  private count(machine: string): number {
    return this.under.get(machine) ?? 0;
  }
}

export interface Caller {
  /** Shown in the Web UI on the activity. */
  summary: string;
  traffic: ActivityLimit;
  /** Told when the machine's worker does not take the task, and again when it has. */
  waiting(missing: boolean): void;
}

/** All verbs of a machine. A missing worker is waited for, however long: only cancellation ends that. */
export function machineProxy(machine: string, caller: Caller): MachineActivities {
  return new Proxy({} as MachineActivities, {
    get: (_, verb: Verb) => (ask?: unknown) => caller.traffic.within(machine, () => call(machine, verb, ask, caller)),
  });
}

async function call(machine: string, verb: Verb, ask: unknown, caller: Caller): Promise<unknown> {
  for (;;) {
    const { [verb]: activity } = proxyActivities<MachineActivities>({
      ...options,
      retry: halves.includes(verb) ? { maximumAttempts: 1 } : options.retry,
      taskQueue: machineQueue(machine),
      startToCloseTimeout: Math.max(startToClose[verb] ?? defaultStartToClose, namedTime(ask) + margin),
      summary: caller.summary,
    });
    try {
      const result = await (activity as (ask?: unknown) => Promise<unknown>)(ask);
      caller.waiting(false);
      return result;
    } catch (error) {
      const missing = timedOut(error) === 'SCHEDULE_TO_START';
      caller.waiting(missing);
      if (!missing) throw error;
    }
  }
}

function namedTime(ask: unknown): number {
  const named = (ask ?? {}) as { withinMs?: number; durationMs?: number; untilMs?: number; retryForMs?: number };
  const untilMs = named.untilMs === undefined ? 0 : Math.max(0, named.untilMs - Date.now());
  return Math.max(named.withinMs ?? 0, (named.durationMs ?? 0) + (named.retryForMs ?? 0), untilMs);
}

function timedOut(error: unknown): string | undefined {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? error.cause.timeoutType
    : undefined;
}

/** The worker died in the middle of it. */
export function isInterrupted(error: unknown): boolean {
  return timedOut(error) === 'HEARTBEAT';
}

/** The type of an application failure under an activity failure, such as LedgerClosed. */
export function failureType(error: unknown): string | undefined {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
    ? (error.cause.type ?? undefined)
    : undefined;
}

/** One line of what went wrong in an activity. */
export function failureText(error: unknown): string {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
