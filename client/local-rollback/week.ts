// Level 3 as an order to the week, given up soon: in an emergency nobody waits for a server. Loaded when somebody listens there.
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { machineId, planId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { endedStatuses, undoableStatuses } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import { isUnreachable, reason } from '../week/connect.ts';
import { GivenUp, untilOver } from '../week/incident-left.ts';
import { describe, type Look } from '../week/look.ts';
import { HasEnded, order } from '../week/orders.ts';
import { previewToAsk } from '../week/preview.ts';
import { isOver, orderOrReopen, reopen } from '../week/reopen.ts';
import { temporalSettings } from '../week/settings.ts';
import type { Addressee } from '../week/speaker.ts';
import { acceptMs } from './limits.ts';

/** A run that was cut off is started again first, with the state that its worker gives. */
const reopenMs = 6_000;
/** Who can undo here does not wait for long until Temporal is back. */
const awayMs = 5_000;

/** The newest week of a plan. */
export interface FoundWeek {
  glance: Glance;
  /** Whether it takes orders, at once or once it is taken up again. */
  takesOrders: boolean;
  preview(without?: string[]): Promise<string[]>;
  /** An exit code once it is over; else why it is to be done here. Throws Failure when the week refuses it. */
  levelThree(addressee: Addressee, ask: LevelThree): Promise<ExitCode | string>;
  close(): Promise<void>;
}

interface LevelThree extends messages.Speaker {
  reason: string;
  without?: string[];
  /** This machine's, whose part can be done here where it does not begin. */
  worker?: { name: string; begun(): Promise<boolean> };
}

/** Throws when it can't be asked, a Failure when there is none. */
export async function findWeek(plan: Plan): Promise<FoundWeek> {
  try {
    return await find(plan);
  } catch (error) {
    throw error instanceof Failure ? error : new Error(reason(error), { cause: error });
  }
}

async function find(plan: Plan): Promise<FoundWeek> {
  const { connectionOptions, namespace } = temporalSettings();
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: acceptMs });
  const client = new Client({ connection, namespace });
  const { execution, memo: glance } = await describe(client, planId(plan));
  const over = isOver({ execution, glance });
  const isOpen = !endedStatuses.includes(glance.status) || undoableStatuses.includes(glance.status);
  return {
    glance,
    takesOrders: over || (execution === 'running' && isOpen),
    preview: (without) => previewToAsk(client, plan, glance.run, without),
    levelThree(addressee, ask) {
      // Who can undo here waits for neither.
      const inTime = (answer: Promise<string>, withinMs: number) => (ask.worker ? soon(answer, withinMs) : answer);
      const takeUp = () => inTime(takenUp(client, plan, ask), reopenMs);
      const give = () => inTime(ordered(client, addressee, ask), acceptMs);
      const aim = { plan: planId(plan), run: glance.run };
      return levelThree(client, plan, over ? takeUp : () => orderOrReopen(client, aim, give, takeUp), ask);
    },
    close: () => connection.close(),
  };
}

async function levelThree(
  client: Client,
  plan: Plan,
  give: () => Promise<string>,
  { worker, without }: LevelThree,
): Promise<ExitCode | string> {
  const order = async () => {
    const answer = await give();
    if (worker && !(await worker.begun()))
      throw new GivenUp(`The week took the order, but the worker of ${worker.name} does not begin`);
    return answer;
  };
  try {
    const whoCanUndoHere = { patienceMs: awayMs, hopeless: (seen: Look) => missingWorker(seen, without) };
    return await untilOver(client, { plan, level: 3, order, ...(worker && whoCanUndoHere) });
  } catch (error) {
    if (error instanceof GivenUp) return error.message;
    if (worker && error instanceof HasEnded) return `Without the week (${error.message.replace(/\.$/, '')})`;
    if (worker && (isUnreachable(error) || isNotReached(error))) return `Without the week (${reason(error)})`;
    throw error;
  }
}

/**
 * It may be away for good, and the week waits for it, if only until its deadline; this machine is back long before. One that the week goes
 * without may have been waited for until then.
 */
function missingWorker({ snapshot }: Look, without: string[] = []): string | undefined {
  const left = without.map((machine) => `the worker of ${machineId(machine)}`);
  const wait = snapshot?.waits.find(({ on }) => on.startsWith('the worker of ') && !left.includes(on));
  return wait && `The week waits for ${wait.on}${wait.command ? ` (which ends with: ${wait.command})` : ''}`;
}

async function ordered(client: Client, addressee: Addressee, { by, from, reason, without }: LevelThree) {
  return order(client, addressee, messages.emergency, { level: 3, by, from, reason, without });
}

async function takenUp(client: Client, plan: Plan, { by, from, reason, without }: LevelThree): Promise<string> {
  const trigger = { automatic: false, by, from, reason };
  const emergency = { trigger, at: Date.now() };
  const run = await reopen(client, planId(plan), { kind: 'rollback', by, scope: 'all', reason, emergency, without });
  return `Run ${run} is taken up again to be rolled back.`;
}

async function soon<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  const over = new AbortController();
  const late = delay(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new GivenUp(`Without the week (no answer within ${withinMs / 1000} s)`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

function isNotReached(error: unknown): boolean {
  return error instanceof Failure && error.exitCode === exitCodes.unreachable;
}
