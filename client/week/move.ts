// Another build goes on with a running week: shown first that it can, then the week moves, and what became of it is said.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { controlQueueOf, isOfAllBuilds, shortBuild, siteOf, workflowId } from '../../plan/names.ts';
import { whyNotReadable } from '../../plan/week/readable.ts';
import { buildOf, heardWithinMs } from '../../plan/worker-identity.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { exitCodes, Failure } from '../failure.ts';
import { unanswered } from '../show/queue.ts';
import { request } from './connect.ts';
import { describe, wholeState } from './look.ts';
import { order } from './orders.ts';
import { speaker } from './speaker.ts';
import { elsewhereMs, firstTask } from './first-task.ts';
import { served } from './queue.ts';

export interface Move {
  plan: string;
  /** Where to. */
  queue: string;
  /** The digest of this build, which must be the one that serves the queue. */
  build: string;
  as?: string;
  whyNotReplayed: (history: { events?: readonly unknown[] | null }, workflowId: string) => Promise<string | undefined>;
  say: (line: string) => void;
  everyMs?: number;
}

/** What runs on a machine is finished before; what waits is not. */
const movedWithinMs = 15 * 60_000;
const historyMs = 60_000;

/** Throws Failure with the reason where the week stays, or does not go on. */
export async function moveWeek(client: Client, move: Move): Promise<void> {
  const { plan, queue, say } = move;
  const before = await whereIs(client, plan);
  if (before === queue) throw new Failure(`The week is on ${queue} already.`);
  await mustServe(client, move);
  await mustReplay(client, move, before);
  say('The history of the week replays with this build.');
  say(await takeOver(client, move));
  await moved(client, move);
  say(`The week runs on ${queue}, with this build.`);
  for (const line of afterwards(before, await served(client, before), move.build)) say(line);
}

async function whereIs(client: Client, plan: string): Promise<string> {
  const { execution, memo, queue } = await describe(client, plan);
  if (execution !== 'running')
    throw new Failure(
      `Run ${memo.run} of the plan ${plan} has ended (${memo.status}); the next start runs this build.`,
    );
  return queue;
}

/** What is replayed here says nothing of another build. */
async function mustServe(client: Client, { queue, build }: Move): Promise<void> {
  const workers = await served(client, queue);
  if (workers.length === 0)
    throw new Failure(
      isOfAllBuilds(queue)
        ? `Nobody serves ${queue}: start the control worker of this build (hubshift worker --control).`
        : `Nobody serves ${queue}: start the control worker of this build beside the other one (hubshift worker --control --beside).`,
      exitCodes.unreachable,
    );
  const others = workers.filter((identity) => !isOf(identity, build));
  if (others.length > 0)
    throw new Failure(
      `Refused: ${queue} is served by ${others.join(', ')}, and this command is of build ${shortBuild(build)}. Give the order with the build that serves the queue. A worker that has ended is listed for ${heardWithinMs / 1000} s: if it is one, wait and give the order again.`,
    );
}

/** A build that would do something else than what the week has done, or can't read what it knows, can't go on with it. */
async function mustReplay(client: Client, { plan, whyNotReplayed }: Move, before: string): Promise<void> {
  const id = workflowId(plan);
  const history = await request(client, () => client.workflow.getHandle(id).fetchHistory(), historyMs);
  const different = await whyNotReplayed(history, id);
  if (different)
    throw new Failure(
      `Refused: the week's history does not replay with this build, which could not go on with it: ${different}`,
    );
  const state = await wholeState(client, plan);
  if (!state)
    throw new Failure(
      `The week does not say its state. ${unanswered(before, await served(client, before))}`,
      exitCodes.unreachable,
    );
  const unreadable = whyNotReadable(state, Date.now());
  if (unreadable)
    throw new Failure(
      `Refused: this build can't read the state of the week, and could not go on with it: ${unreadable}`,
    );
}

async function takeOver(client: Client, { plan, queue, as }: Move): Promise<string> {
  try {
    return await order(client, { plan }, messages.takeOver, { ...speaker(as), queue });
  } catch (error) {
    if (error instanceof Failure && error.exitCode === exitCodes.unreachable)
      throw new Failure(`${error.message} So the week may still move: hubshift runs shows its queue.`, error.exitCode);
    throw error;
  }
}

/** Until its first task has been done there: what replays may still not begin. */
async function moved(client: Client, { plan, queue, everyMs = 500 }: Move): Promise<void> {
  let there = false;
  let failedAt: number | undefined;
  for (const end = Date.now() + movedWithinMs; Date.now() < end; await delay(everyMs)) {
    there = (await whereIs(client, plan)) === queue;
    if (!there) continue;
    const handle = client.workflow.getHandle(workflowId(plan));
    const { done, failed } = await firstTask(client, handle, historyMs);
    if (done) return;
    if (!failed) continue;
    failedAt ??= Date.now();
    if (Date.now() - failedAt >= elsewhereMs) throw stuck(plan, queue, await served(client, queue), failed);
  }
  throw new Failure(
    there
      ? `The week is on ${queue}, and nobody has done its first task there. ${unanswered(queue, await served(client, queue))}`
      : `The week is not on ${queue} after ${movedWithinMs / 60_000} minutes; it goes there when what runs now has ended. hubshift progress shows what that is.`,
  );
}

function stuck(plan: string, queue: string, workers: string[], failed: string): Failure {
  return new Failure(
    `The week is on ${queue}, and can't begin there: its first task fails with this build (${failed}), and is tried again and again. Nothing is lost. ${
      isOfAllBuilds(queue)
        ? 'Put another build in its place, and restart the control worker.'
        : `End ${workers.join(', ')}; a control worker of the build before, without --beside, then serves ${queue} within two minutes, and says so in its log. hubshift upgrade --back with that build brings the week to ${controlQueueOf(siteOf(plan))}.`
    }`,
  );
}

const restartMachines =
  'The workers of machines go on with the build that they have, and serve both: restart them with this one, one after the other (hubshift worker --machine NAME). Until then preflight would say that the builds differ, for as long as they do.';

/** What becomes of the queue where the week was. That of all builds must not be left alone: only there weeks begin, and all is done that only looks. */
function afterwards(before: string, left: string[], build: string): string[] {
  return [
    isOfAllBuilds(before)
      ? commonQueue(before, left, build)
      : queueOfBuild(
          before,
          left.filter((identity) => !isOf(identity, build)),
        ),
    restartMachines,
  ];
}

function commonQueue(queue: string, left: string[], build: string): string {
  if (left.length === 0)
    return `${queue} is served by nobody any more, and start, preflight and the previews need it: start a control worker of this build without --beside (hubshift worker --control).`;
  const back = 'hubshift upgrade --back, with this build, brings the week to the queue of all builds';
  return left.every((identity) => isOf(identity, build))
    ? `${queue} is served by this build too: ${back}.`
    : `${queue} is still served by ${left.join(', ')}. Put this build in its place and restart it, without --beside: start, preflight and the previews need a worker there. Then ${back}; only then end the one beside it.`;
}

function queueOfBuild(queue: string, left: string[]): string {
  return left.length === 0
    ? `${queue} is served by no other build any more.`
    : `${queue} is still served by ${left.join(', ')}: end it when hubshift runs shows no other week on that queue.`;
}

function isOf(identity: string, build: string): boolean {
  return buildOf(identity) === shortBuild(build);
}
