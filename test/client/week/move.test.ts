// A week is moved to another build only where that build has shown that it can go on; and what became of it is said.
import type { Client } from '@temporalio/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { exitCodes } from '../../../client/failure.ts';
import { moveWeek } from '../../../client/week/move.ts';
import { buildQueue, controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { workerIdentity } from '../../../plan/worker-identity.ts';
import { seenOf, weekAfter } from '../fixtures.ts';

const [build, otherBuild] = ['ab'.repeat(32), 'cd'.repeat(32)];
const own = buildQueue(build);
const [mine, other] = [
  workerIdentity('control', 7, 'MainPC', build),
  workerIdentity('control', 5, 'MainPC', otherBuild),
];
const week = weekAfter(['preflight'], { phase: '2A' });
const done = { workflowTaskCompletedEventAttributes: {} };

interface World {
  on?: string;
  workers: Record<string, string[]>;
  state?: WeekState;
  whyNot?: string;
  /** Histories that are there after the move, one a look. */
  after?: object[][];
}

function moving({ on = controlQueue, workers, state = week, whyNot, after = [[done]] }: World, queue = own) {
  let at = on;
  let looks = 0;
  const said: string[] = [];
  const handle = {
    workflowId: 'hubshift-x',
    describe: async () => ({ status: { name: 'RUNNING' }, taskQueue: at, memo: { glance: glance(seenOf(week)) } }),
    query: async () => state,
    fetchHistory: async () => ({ events: at === on ? [] : (after[looks++] ?? after.at(-1)) }),
    executeUpdate: async (_: unknown, { args }: { args: [{ queue: string }] }) => {
      at = args[0].queue;
      return 'The week goes on.';
    },
  };
  const client = {
    options: { namespace: 'default' },
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    workflow: { getHandle: () => handle },
    workflowService: {
      describeTaskQueue: async ({ taskQueue }: { taskQueue: { name: string } }) => ({
        pollers: (workers[taskQueue.name] ?? []).map((identity) => ({
          identity,
          lastAccessTime: { seconds: Date.now() / 1000 },
        })),
      }),
    },
  } as unknown as Client;
  const over = moveWeek(client, {
    plan: 'x',
    queue,
    build,
    whyNotReplayed: async () => whyNot,
    say: (line) => said.push(line),
    everyMs: 1,
  });
  return { over, said, queue: () => at };
}

const both = { [own]: [mine], [controlQueue]: [other] };

it('moves the week, and says what the old worker is still there for', async () => {
  const { over, said, queue } = moving({
    workers: both,
    after: [[], [{ workflowTaskScheduledEventAttributes: {} }], [done]],
  });
  await over;
  expect(queue()).toBe(own);
  expect(said.join('\n')).toMatch(
    /hubshift\.control is still served by control 5@MainPC build cdcdcdcdcdcd\. Put this build in its place and restart it, without --beside/,
  );
  expect(said.join('\n')).toContain('hubshift upgrade --back, with this build');
});

it('says that the queue of all builds needs a worker when the old one has ended', async () => {
  const { over, said } = moving({ workers: { [own]: [mine] } });
  await over;
  expect(said.join('\n')).toMatch(
    /served by nobody any more, and start, preflight and the previews need it.*without --beside/,
  );
});

it('says how the week is no longer bound to one build, where this one serves the queue of all', async () => {
  const { over, said } = moving({ workers: { [own]: [mine], [controlQueue]: [mine] } });
  await over;
  expect(said.join('\n')).toContain('hubshift.control is served by this build too: hubshift upgrade --back');
});

it('has nobody ended who served the queue of a build for want of its own', async () => {
  const { over, said } = moving(
    { on: buildQueue(otherBuild), workers: { [controlQueue]: [mine], [buildQueue(otherBuild)]: [mine] } },
    controlQueue,
  );
  await over;
  expect(said.join('\n')).toContain('hubshift.control.cdcdcdcdcdcd is served by no other build any more.');
});

const refusals: [string, World, string | undefined, RegExp, number][] = [
  ['nobody serves the queue', { workers: {} }, own, /worker --control --beside/, exitCodes.unreachable],
  [
    'nobody serves the queue of all builds',
    { on: own, workers: {} },
    controlQueue,
    /\(hubshift worker --control\)/,
    exitCodes.unreachable,
  ],
  ['the week is there already', { on: own, workers: both }, own, /is on .* already/, exitCodes.failed],
  [
    'another build serves the queue of all builds',
    { on: own, workers: both },
    controlQueue,
    /served by control 5@MainPC build cdcdcdcdcdcd, and this command is of build abababababab\. .*listed for 75 s/,
    exitCodes.failed,
  ],
  [
    'a worker there does not say its build',
    { on: own, workers: { [controlQueue]: [mine, 'control 5@MainPC'] } },
    controlQueue,
    /served by control 5@MainPC, and/,
    exitCodes.failed,
  ],
  [
    'the history does not replay',
    { workers: both, whyNot: 'Nondeterminism' },
    own,
    /does not replay.*Nondeterminism/,
    exitCodes.failed,
  ],
  [
    "its state can't be read",
    { workers: both, state: { ...week, records: undefined } as unknown as WeekState },
    own,
    /can't read the state of the week/,
    exitCodes.failed,
  ],
];

it.each(refusals)('leaves the week where it is when %s', async (_, world, to, reason, exitCode) => {
  const { over, queue } = moving(world, to);
  await expect(over).rejects.toMatchObject({ exitCode, message: expect.stringMatching(reason) });
  expect(queue()).toBe(world.on ?? controlQueue);
});

const failed = { workflowTaskFailedEventAttributes: { failure: { message: 'records is not iterable' } } };

it('moves the week where one of two workers can not begin it, and the other does', async () => {
  const { over, queue } = moving({ workers: both, after: [[], [failed], [failed, done]] });
  await over;
  expect(queue()).toBe(own);
});

it('says that the week is there and can not begin, and the way out', async () => {
  let now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => (now += 100));
  onTestFinished(() => clock.mockRestore());
  const { over } = moving({ workers: both, after: [[], [failed]] });
  await expect(over).rejects.toMatchObject({
    message: expect.stringMatching(
      /its first task fails with this build \(records is not iterable\).*End control 7@MainPC build abababababab; .*hubshift upgrade --back/,
    ),
  });
});
