// Looks at a plan's week: asks its worker, and when none answers reads what the week last wrote down (the memo).
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import * as messages from '../../workflows/orders/messages.ts';
import { workflowId } from '../../plan/names.ts';
import { glance, type Glance, type Snapshot } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { isLate, isUnanswered, reason, request } from './connect.ts';
import { Failure } from '../failure.ts';
import { served } from './queue.ts';

/** A worker that is there answers in milliseconds, or a little later when it has to replay first. */
const queryMs = 2_000;

/** How Temporal calls the state of the execution, in lower case: running, completed, failed, canceled, terminated, timed_out. */
export type Execution = string;

/** The output of `hubshift progress --json`. Times are Unix milliseconds. */
export interface Look {
  /** `worker`: of this moment, `ageMs` 0. `memo`: no worker answered; the last persisted state, `ageMs` old. */
  source: 'worker' | 'memo';
  ageMs: number;
  /** Why the week can't be asked, in the server's words; null when it could, or when nothing came in time. */
  trouble: string | null;
  execution: Execution;
  /** Where its tasks are. */
  queue: string;
  /** Who serves it; null when a worker answered, or when nobody has to. */
  workers: string[] | null;
  /** Null when no worker answered. */
  snapshot: Snapshot | null;
  glance: Glance;
}

/** Throws Failure when there is no such week. `withinMs` is for the worker's answer. */
export async function look(
  client: Client,
  plan: string,
  { id = workflowId(plan), withinMs = queryMs } = {},
): Promise<Look> {
  const { execution, memo, queue } = await describe(client, plan, id);
  try {
    const snapshot = await request(client, () => client.workflow.getHandle(id).query(messages.progress), withinMs);
    return {
      source: 'worker',
      ageMs: 0,
      trouble: null,
      execution,
      queue,
      workers: null,
      snapshot,
      glance: glance(snapshot),
    };
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return {
      source: 'memo',
      ageMs: Date.now() - memo.at,
      trouble: isLate(error) ? null : reason(error),
      execution,
      queue,
      workers: execution === 'running' ? await served(client, queue) : null,
      snapshot: null,
      glance: memo,
    };
  }
}

/** The whole state of a week: from its worker, or after its end from its result. Undefined when neither is there. */
export async function wholeState(client: Client, plan: string): Promise<WeekState | undefined> {
  const handle = client.workflow.getHandle(workflowId(plan));
  const { execution } = await describe(client, plan, handle.workflowId);
  try {
    return await request(client, () => handle.query(messages.state));
  } catch (error) {
    if (!isUnanswered(error)) throw error;
  }
  return execution === 'completed' ? ((await request(client, () => handle.result())) as WeekState) : undefined;
}

interface Described {
  execution: Execution;
  memo: Glance;
  queue: string;
}

/** What Temporal itself knows of the newest run. Throws Failure when there is none, or something else under its name. */
export async function describe(client: Client, plan: string, id = workflowId(plan)): Promise<Described> {
  const found = await find(client, id);
  if (!found)
    throw new Failure(
      `There is no run of the plan ${plan}. hubshift start begins one; hubshift runs lists those of other plans.`,
    );
  return ours(found, id);
}

/** The same of a run that goes on; undefined where none does. */
export async function running(client: Client, plan: string): Promise<Described | undefined> {
  const id = workflowId(plan);
  const found = await find(client, id);
  return found?.execution === 'running' ? ours(found, id) : undefined;
}

type Found = Omit<Described, 'memo'> & { memo: Glance | undefined };

async function find(client: Client, id: string): Promise<Found | undefined> {
  try {
    const { status, memo, taskQueue } = await request(client, () => client.workflow.getHandle(id).describe());
    return { execution: status.name.toLowerCase(), memo: memo?.glance as Glance | undefined, queue: taskQueue };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function ours({ memo, ...found }: Found, id: string): Described {
  if (memo) return { ...found, memo };
  throw new Failure(
    `The execution ${id} at Temporal was not started by hubshift: it has no memo of a week. If nobody needs it: temporal workflow terminate --workflow-id ${id}`,
  );
}
