// A run that is taken up again goes on where it was, with the build that had it, as long as that is there.
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { startAgain } from '../../../client/week/start-again.ts';
import { controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { seenOf, weekAfter } from '../fixtures.ts';

const fixed = `${controlQueue}.abcdef012345`;
const state = weekAfter(['preflight']);

interface World {
  queue?: string;
  run?: string;
  workers?: string[];
  known?: boolean;
  running?: boolean;
}

function clientOf({ queue = fixed, run = state.run, workers = [], known = true, running = false }: World) {
  const started: string[] = [];
  const memo = { glance: { ...glance(seenOf(state)), run } };
  const describe = async () => {
    if (!known) throw new WorkflowNotFoundError('gone', 'x', undefined);
    return { status: { name: running ? 'RUNNING' : 'TERMINATED' }, taskQueue: queue, memo };
  };
  const client = {
    options: { namespace: 'default' },
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    workflow: {
      getHandle: () => ({ describe }),
      start: async (_: string, { taskQueue }: { taskQueue: string }) => {
        if (running) throw new WorkflowExecutionAlreadyStartedError('it runs', 'x', 'week1');
        started.push(taskQueue);
      },
    },
    workflowService: {
      describeTaskQueue: async () => ({
        pollers: workers.map((identity) => ({ identity, lastAccessTime: { seconds: Date.now() / 1000 } })),
      }),
    },
  } as unknown as Client;
  return { client, started };
}

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(said.push(String(text))));
  return () => spy.mockRestore();
});

it.each([
  ['where it was, when that is served', { workers: ['control 7@MainPC build abcdef012345'] }, fixed, ''],
  ['on the queue of all builds, when nobody serves the other, and says so', {}, controlQueue, `Nobody serves ${fixed}`],
  ['on the queue of all builds, where it was', { queue: controlQueue }, controlQueue, ''],
  ['on the queue of all builds, when Temporal knows nothing of it', { known: false }, controlQueue, ''],
  ['on the queue of all builds, when the last one was another run', { run: '20260101-000000-0000' }, controlQueue, ''],
])('goes on %s', async (_, world: World, queue, text) => {
  const { client, started } = clientOf(world);
  await startAgain(client, state);
  expect(started).toEqual([queue]);
  expect(said.join('')).toMatch(text ? new RegExp(`^${text}`) : /^$/);
});

it('is refused while the run itself runs, as after a Reset, with what to do', async () => {
  await expect(startAgain(clientOf({ running: true }).client, state)).rejects.toThrow(
    /it was reset, or is taken up already\. .* terminate it in Temporal's Web UI and give the command again/,
  );
});

it('is refused while another run of the plan runs', async () => {
  await expect(startAgain(clientOf({ running: true, run: '20260101-000000-0000' }).client, state)).rejects.toThrow(
    /run 20260101-000000-0000 .*one run at a time/,
  );
});
