// A week on the time-skipping server, with fake machines: real durations in seconds.
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { defineSearchAttributeKey } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { Client, type WorkflowHandle, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import * as messages from '../../workflows/orders/messages.ts';
import { type Measured, nothingMeasured } from '../../plan/evidence/measured.ts';
import { controlQueue, machineQueue, searchAttributes } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { readPlan } from '../../plan/schema/read.ts';
import { clusterOf } from '../../plan/tasks/messaging/cluster.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { initialState } from '../../plan/week/initial-state.ts';
import type { Order } from '../../plan/week/order.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import type { WeekState } from '../../plan/week/state.ts';
import type { week1 } from '../../workflows/week1.ts';
import { workflowBundle } from './bundle.ts';
import { endCancelled } from './dead-queues.ts';
import { FakeMachines, fast } from './fake-machines.ts';
import { historiesOf } from './histories.ts';
import { whenLost } from './lost.ts';
import { lyingIn, quiet } from './quiet.ts';
import { type Time, timeOf, timeSkipping } from './time.ts';

export type Handle = WorkflowHandle<typeof week1>;

/** The packaged plan, whose days are waited for by none but those tests that say so. */
export function week1Plan(change: (plan: Plan) => void = () => {}): Plan {
  const plan = readPlan(readFileSync(new URL('../../plan/week1.yaml', import.meta.url), 'utf8'), 'week1.yaml');
  plan.pace = 'at-once';
  // Most tests are of one person's decision.
  plan.gate.approvals = 1;
  change(plan);
  return plan;
}

export interface Lab extends Pick<Time, 'skip' | 'drift'> {
  env: TestWorkflowEnvironment;
  /** Runs `work` with a worker per machine (less those left out), on a week of its own. */
  run<T>(plan: Plan, work: (week: Running) => Promise<T>, options?: Options): Promise<T>;
  /** Before a question to the week that runs: when it goes on in a new history while it is asked, the test server skips no time any more. */
  askable(): Promise<void>;
  /** Until nothing is under way in the week that runs; throws when that takes long. */
  quiet(): Promise<void>;
  /** How many activities of the week that runs lie in queues that nobody serves. */
  queued(): Promise<number>;
  /** Skips this much time although they lie there. */
  skipOver(milliseconds: number): Promise<void>;
  /** Serves a queue with another build: the bundle as it is changed. Until the lab is closed. */
  serve(taskQueue: string, change: (code: string) => string): Promise<void>;
  /** Whether its server has lost a week, and skips no time any more. */
  isLost(): boolean;
  close(): Promise<void>;
}

export interface Options {
  rehearsal?: number;
  /** Machines whose worker is not started. */
  without?: string[];
  /** The week begins as if all between the preflight and this step were done. */
  from?: string;
  /** What another week, or a history before, has left, with an order to begin with. */
  left?: { state: Partial<WeekState>; first?: Order };
}

export interface Running {
  handle: Handle;
  machines: FakeMachines;
  state: WeekState;
  /** Starts the worker of a machine that was left out. */
  startWorker(machine: string): Promise<void>;
  /** Ends it: what is asked of the machine from then on lies in its queue. */
  endWorker(machine: string): Promise<void>;
}

/** Records of what a test is not about: all between the preflight, whose facts are wanted, and the step. */
function settleUntil(state: WeekState, from: string): void {
  const at = state.startedAt;
  const steps = stepsOf(state.plan).filter(({ task }) => task !== 'preflight');
  const index = steps.findIndex(({ id }) => id === from);
  if (index < 0) throw new Error(`the plan has no step ${from}`);
  for (const { id } of steps.slice(0, index))
    state.records[id] = {
      id,
      machine: '',
      verdict: 'pass',
      summary: 'done before',
      evidence: found[id] ?? {},
      startedAt: at,
      endedAt: at,
      attempts: 1,
    };
  for (const { name } of state.plan.machines) state.measured[name] = measuredAll(state.plan, name, at);
}

/** A week in which all was up, fast and cheap. */
function measuredAll(plan: Plan, machine: string, at: number): Measured {
  const { machines, services, agents } = plan;
  const cheap = { count: 10, mean: 1.5, m2: 0.1 };
  const since = at - 7 * day;
  const up = (names: string[]) => Object.fromEntries(names.map((name) => [name, { since, down: [] }]));
  const names = [...services, ...agents].map(({ name }) => name);
  return {
    ...nothingMeasured(),
    seen: [[since, at]],
    targets: up([...names, clusterOf(plan).target]),
    outside: [{ names, since, down: [] }],
    responses: Object.fromEntries(services.filter(({ kind }) => kind.endsWith('hub')).map(({ name }) => [name, fast])),
    messages: Object.fromEntries(
      machines
        .filter(({ name }) => name !== machine)
        .map(({ name }) => [name, { sent: [[1, 100]], answered: [[1, 100]], unheard: [], lostAt: [], latency: fast }]),
    ),
    cpu: cheap,
    memory: cheap,
    network: cheap,
  };
}

const hour = 3_600_000;
const day = 24 * hour;
/** Events from which on a week may go on in a new history at any moment. */
const nearPage = 1_500;
/** What the gate needs to know of steps that were done before. */
const found: Record<string, StepRecord['evidence']> = {
  '2D.failover.stop': { slowestMs: 900, failovers: 6 },
  '2D.rollback-rehearsal': { rollbackMs: 1_400, verifyMs: 100, migrateMs: 1_700 },
};

/** A week that does not get where the test wants it fails with what it was doing, and its workers are ended for the next. */
async function within<T>(limitMs: number, handle: Handle, work: Promise<T>, onLost: () => void): Promise<T> {
  const over = new AbortController();
  const late = delay(limitMs, undefined, { signal: over.signal }).then(async () => {
    const seen = await handle.query(messages.progress).catch((error: Error) => error.message);
    throw new Error(`The test took more than ${limitMs} ms: ${JSON.stringify(seen, null, 1)}`);
  });
  const lost = whenLost(handle, over.signal).catch((error: Error) => {
    if (!over.signal.aborted) onLost();
    throw error;
  });
  try {
    return await Promise.race([work, late, lost]);
  } finally {
    over.abort();
    for (const one of [late, lost, work]) one.catch(() => undefined);
  }
}

/** What is answered at all when a week has ended is answered in this time. */
const answeredMs = 5_000;

/** The SDK cuts off what a workflow does at a stretch after 5 s, which Node 20 may not survive; on a busy machine 300 agents take longer. */
const patient = { isolateExecutionTimeout: '1m' };

/** Temporal ends a week at 51,200 events, and warns at 10,240: in every situation of the tests it goes on in a new history long before. */
const eventsAtMost = 10_000;

async function eachHistoryIsShort(
  env: TestWorkflowEnvironment,
  { client, workflowId, firstExecutionRunId: first }: WorkflowHandleWithFirstExecutionRunId,
) {
  const { runId, historyLength } = await client.getHandle(workflowId).describe();
  const before = runId === first ? [] : await historiesOf({ env }, workflowId, first);
  const longest = Math.max(historyLength, ...before.map(({ events }) => events?.length ?? 0));
  if (longest >= eventsAtMost) throw new Error(`a history of the week has ${longest} events`);
}

let hushed = false;

function channelsOf(machines: () => FakeMachines): FakeMachines['channels'] {
  return {
    writeReport: (ask) => machines().channels.writeReport(ask),
    findLevelThree: (ask) => machines().channels.findLevelThree(ask),
    keepPrepared: (ask) => machines().channels.keepPrepared(ask),
    keepOlder: (ask) => machines().channels.keepOlder(ask),
    controlBuild: () => machines().channels.controlBuild(),
    channelsOff: (ask) => machines().channels.channelsOff(ask),
    notify: (ask) => machines().channels.notify(ask),
  };
}

/** `limitMs`: how long the work on one week may take; a test's own time-out must leave time to end the workers after it. */
export async function timeSkippingLab(limitMs = 280_000): Promise<Lab> {
  if (!hushed)
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
    });
  hushed = true;
  const bundle = await workflowBundle();
  const env = await timeSkipping();
  await env.client.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(Object.values(searchAttributes).map((name) => [name, 2])),
  });
  // Not the environment's own: that skips time while it waits for a result, and twice at once is too much for the server.
  const client = new Client({ connection: env.connection });
  const time = timeOf(env);
  // One for all weeks: to start the thread of the workflows takes longer than many a week. Activities go to the machines of their week.
  const weeks = new Map<string, FakeMachines>();
  const controls: { worker: Worker; ended: Promise<void> }[] = [];
  const serve = async (taskQueue: string, change = (code: string) => code) => {
    const worker = await controlWorker(taskQueue, change);
    controls.push({ worker, ended: worker.run() });
  };
  const controlWorker = (taskQueue: string, change: (code: string) => string) =>
    Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle: { code: change((bundle as { code: string }).code) },
      ...patient,
      activities: channelsOf(() =>
        weeks.get(/^week-\w+/.exec(Context.current().info.workflowExecution!.workflowId)![0])!,
      ),
    });
  await serve(controlQueue);
  let isLost = false;
  let askable = async () => {};
  let quietNow = async () => {};
  let queuedNow = async () => 0;
  return {
    env,
    skip: time.skip,
    drift: time.drift,
    askable: () => askable(),
    quiet: () => quietNow(),
    queued: () => queuedNow(),
    skipOver: (milliseconds) => time.skipOver(queuedNow, milliseconds),
    serve,
    isLost: () => isLost,
    close: async () => {
      // Where the server skips no time any more, a drift lasts as long as it says.
      await Promise.race([time.drifting()?.catch(() => undefined), delay(5_000)]);
      for (const { worker } of controls) worker.shutdown();
      await Promise.all(controls.map(({ ended }) => ended));
      await env.teardown();
    },
    async run(plan, work, { rehearsal, without = [], from, left } = {}) {
      const queues = new Set(plan.machines.map(({ name }) => machineQueue(name)));
      const machines: FakeMachines = new FakeMachines(env, plan, () => ({ handle, queues }));
      const beginning = initialState({
        plan,
        planDigest: 'digest',
        run: randomUUID().slice(0, 8),
        startedBy: 'test',
        startedAt: await env.currentTimeMs(),
        rehearsal: rehearsal ?? null,
      });
      const state = { ...beginning, ...left?.state, run: beginning.run };
      if (from) settleUntil(state, from);
      const workflowId = `week-${state.run}`;
      weeks.set(workflowId, machines);
      const running = new Map<string, { worker: Worker; ended: Promise<void> }>();
      const startWorker = async (machine: string) => {
        queues.delete(machineQueue(machine));
        const worker = await Worker.create({
          connection: env.nativeConnection,
          taskQueue: machineQueue(machine),
          activities: machines.on(machine),
          maxHeartbeatThrottleInterval: 200,
          defaultHeartbeatThrottleInterval: 200,
        });
        running.set(machine, { worker, ended: worker.run() });
      };
      const endWorker = async (machine: string) => {
        const { worker, ended } = running.get(machine)!;
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended;
        queues.add(machineQueue(machine));
      };
      for (const { name } of plan.machines) if (!without.includes(name)) await startWorker(name);
      const handle: WorkflowHandleWithFirstExecutionRunId<typeof week1> = await client.workflow.start<typeof week1>(
        'week1',
        {
          taskQueue: controlQueue,
          workflowId,
          args: left?.first ? [state, left.first] : [state],
          typedSearchAttributes: [
            { key: defineSearchAttributeKey(searchAttributes.plan, 'KEYWORD'), value: plan.name },
          ],
        },
      );
      const over = new AbortController();
      void endCancelled(env, handle, queues, over.signal);
      const result = handle.result.bind(handle);
      handle.result = async () => {
        let over = false;
        const ended = result().finally(() => (over = true));
        ended.catch(() => undefined);
        while (!over) {
          await Promise.race([ended, time.drift(hour), delay(250)]);
          // Whoever waited as it ended may not be told by the test server; who asks then is.
          if (!over && (await hasEnded())) return Promise.race([ended, delay(answeredMs).then(result)]);
        }
        return ended;
      };
      const quietWeek = async () => {
        if ((await handle.describe()).status.name !== 'RUNNING') return;
        for (const end = Date.now() + 20_000; time.drifting() && machines.stuck.size === 0 && Date.now() < end;)
          await Promise.race([time.drifting(), delay(50)]);
        // What waits for its turn to answer takes it when all is quiet, which would be now: only what hangs is not waited for.
        await quiet(handle, () => env.currentTimeMs(), { hanging: machines.stuck, queues });
      };
      const hasEnded = async () =>
        handle.describe().then(
          ({ status }) => status.name !== 'RUNNING',
          () => false,
        );
      /** The answer of an update is lost on the test server when the week ends before it is given. */
      const lost = async () => {
        while (!(await hasEnded())) await delay(1_000, undefined, { signal: over.signal });
        await delay(answeredMs, undefined, { signal: over.signal });
        return 'the week has ended, and with it the answer was lost';
      };
      // An order cancels, and comes when no time is skipped and nothing ends.
      for (const order of ['executeUpdate', 'signal'] as const) {
        const sent = handle[order].bind(handle) as (...args: unknown[]) => Promise<unknown>;
        handle[order] = async (...args: unknown[]) => {
          await quietWeek().catch(() => undefined);
          return Promise.race([sent(...args), lost()]) as never;
        };
      }
      quietNow = quietWeek;
      queuedNow = () => lyingIn(queues, handle);
      askable = async () => {
        if ((await handle.describe()).historyLength > nearPage) await quietWeek().catch(() => undefined);
      };
      try {
        const answer = await within(
          limitMs,
          handle,
          work({ handle, machines, state, startWorker, endWorker }),
          () => (isLost = true),
        );
        await eachHistoryIsShort(env, handle);
        return answer;
      } finally {
        // A week that ends while an activity is in flight keeps the server from ever skipping time again.
        if (!isLost) await quietWeek().catch(() => undefined);
        if (machines.hanging.size > 0 && !isLost)
          await handle
            .cancel()
            .then(() => quiet(handle, () => env.currentTimeMs(), { hanging: new Set(), queues }))
            .catch(() => undefined);
        over.abort();
        await handle.terminate('the test is over').catch(() => undefined);
        await Promise.all([...running.keys()].map(endWorker));
      }
    },
  };
}
