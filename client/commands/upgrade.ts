// hubshift upgrade: this build goes on with a running week, in a new history.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { controlQueue, workflowId } from '../../plan/names.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { exitCodes, Failure } from '../failure.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { request, withClient } from '../week/connect.ts';
import { describe } from '../week/look.ts';
import { order, speaker } from '../week/orders.ts';
import { served } from '../week/queue.ts';

interface Options extends PlanChoice {
  as?: string;
  back?: boolean;
}

/** What runs on a machine is finished before; what waits is not. */
const movedWithinMs = 15 * 60_000;
const everyMs = 500;

export function addUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('let this build go on with the running week, once its history has been replayed with it')
    .option('--back', `to the queue of all builds (${controlQueue}), whose control worker runs this build`)
    .option('--as <name>', 'who gives the order (default: you)')
    .addOption(planOption())
    .action(async (options: Options) => {
      const { plan } = loadPlan(options);
      // Loaded here only: the worker's native parts are slow to load.
      const { ownQueue } = await import('../../workers/takeover.ts');
      const queue = options.back ? controlQueue : await ownQueue();
      await withClient((client) => upgrade(client, plan.name, queue, options.as));
    });
}

async function upgrade(client: Client, plan: string, queue: string, as?: string): Promise<void> {
  const before = await whereIs(client, plan);
  if (before.queue === queue) throw new Failure(`The week is on ${queue} already.`);
  if ((await served(client, queue)).length === 0)
    throw new Failure(
      `Nobody serves ${queue}: start the control worker of this build beside the other one (hubshift worker --control --beside).`,
      exitCodes.unreachable,
    );
  await mustReplay(client, plan);
  process.stdout.write('The history of the week replays with this build.\n');
  process.stdout.write(`${await order(client, plan, messages.takeOver, { ...speaker(as), queue })}\n`);
  await moved(client, plan, queue);
  const left = await served(client, before.queue);
  for (const line of afterwards(queue, before.queue, left)) process.stdout.write(`${line}\n`);
}

async function whereIs(client: Client, plan: string): Promise<{ queue: string; historyLength: number }> {
  const { execution, memo } = await describe(client, plan);
  if (execution !== 'running')
    throw new Failure(
      `Run ${memo.run} of the plan ${plan} has ended (${memo.status}); the next start runs this build.`,
    );
  const { taskQueue, historyLength } = await request(client, () =>
    client.workflow.getHandle(workflowId(plan)).describe(),
  );
  return { queue: taskQueue, historyLength };
}

/** A build that would do something else than what the week has done can't go on with it. */
async function mustReplay(client: Client, plan: string): Promise<void> {
  const id = workflowId(plan);
  const history = await request(client, () => client.workflow.getHandle(id).fetchHistory(), 60_000);
  const { whyNotReplayed } = await import('../../workers/takeover.ts');
  const why = await whyNotReplayed(history, id);
  if (why)
    throw new Failure(
      `Refused: the week's history does not replay with this build, which could not go on with it: ${why}. The week goes on with the build that runs it.`,
    );
}

async function moved(client: Client, plan: string, queue: string): Promise<void> {
  for (const end = Date.now() + movedWithinMs; Date.now() < end; await delay(everyMs)) {
    const { queue: now, historyLength } = await whereIs(client, plan);
    // Its first task has been done there.
    if (now === queue && historyLength > 4) return;
  }
  throw new Failure(
    `The week is not on ${queue} after ${movedWithinMs / 60_000} minutes; it goes there when what runs now has ended. hubshift progress shows what that is.`,
  );
}

function afterwards(queue: string, before: string, left: string[]): string[] {
  return [
    `The week runs on ${queue}, with this build.`,
    left.length > 0
      ? `${before} is still served by ${left.join(', ')}: end it when hubshift runs shows no other week that it runs.`
      : `${before} is served by nobody any more.`,
    'The workers of machines go on with the build that they have, and serve both: restart them with this one, one after the other (hubshift worker --machine NAME). Until then preflight would say that the builds differ, for as long as they do.',
  ];
}
