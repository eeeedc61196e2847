// After one upgrade a week is on the queue of one build. When nobody runs that build any more, the control worker that does replay it serves it.
import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import { serveOrphans } from '../../workers/orphans.ts';

const old = `${controlQueue}.aaaaaaaaaaaa`;
const own = [controlQueue, `${controlQueue}.bbbbbbbbbbbb`];
const owner = 'control 9@MainPC build aaaaaaaaaaaa';

interface World {
  /** Queue of each running week. */
  weeks: Record<string, string>;
  pollers: Record<string, string[]>;
  replays: Record<string, string | undefined>;
}

function looking(world: World) {
  let looks = 0;
  const replayed: string[] = [];
  const serving = new Set<string>();
  const client = {
    options: { namespace: 'default' },
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    workflow: {
      list: async function* () {
        looks += 1;
        for (const [workflowId, taskQueue] of Object.entries(world.weeks))
          yield { workflowId, taskQueue, runId: `run of ${workflowId}` };
      },
      getHandle: (workflowId: string) => ({ fetchHistory: async () => ({ of: workflowId }) }),
    },
    workflowService: {
      describeTaskQueue: async ({ taskQueue }: { taskQueue: { name: string } }) => ({
        pollers: (world.pollers[taskQueue.name] ?? []).map((identity) => ({
          identity,
          lastAccessTime: { seconds: Date.now() / 1000 },
        })),
      }),
    },
  } as unknown as Client;
  const alsoServe = async (queue: string, until: AbortSignal) => {
    serving.add(queue);
    until.addEventListener('abort', () => serving.delete(queue), { once: true });
  };
  const whyNot = async (_: unknown, workflowId: string) => {
    replayed.push(workflowId);
    return world.replays[workflowId];
  };
  const over = new AbortController();
  const done = serveOrphans(client, own, alsoServe, over.signal, { everyMs: 1, whyNot });
  const end = async () => {
    over.abort();
    await done;
  };
  /** A whole look at the world as it is now. */
  const next = async () => {
    const before = looks;
    await expect.poll(() => looks, { interval: 1 }).toBeGreaterThan(before + 1);
  };
  return { serving, replayed, end, next };
}

const said: string[] = [];

beforeEach(() => {
  said.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    said.push(String(line));
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

it('serves the queue of a week that nobody serves, at once, and says so', async () => {
  const { serving, next, end } = looking({ weeks: { week: old }, pollers: {}, replays: {} });
  await next();
  expect([...serving]).toEqual([old]);
  expect(said.join('')).toMatch(
    /INFO serves the queue of a week too: .* week=week queue=hubshift\.control\.aaaaaaaaaaaa/,
  );
  await end();
});

it('serves no queue of a week that does not replay, and says why, once', async () => {
  const { serving, replayed, next, end } = looking({
    weeks: { one: old, two: old },
    pollers: {},
    replays: { two: 'Nondeterminism' },
  });
  await next();
  await next();
  expect([...serving]).toEqual([]);
  expect(replayed).toEqual(['one', 'two']);
  expect(said.filter((line) => line.includes('does not replay'))).toHaveLength(1);
  expect(said.join('')).toMatch(/WARN .* week=two .*error=Nondeterminism/);
  await end();
});

it('leaves alone what somebody serves, what it serves itself, and the weeks that were not moved', async () => {
  const { serving, replayed, next, end } = looking({
    weeks: { one: old, two: own[0]!, three: own[1]! },
    pollers: { [old]: [owner] },
    replays: {},
  });
  await next();
  expect([...serving]).toEqual([]);
  expect(replayed).toEqual([]);
  await end();
});

it('begins when the last worker of a queue is gone, and gives it back when one of its build is there again', async () => {
  const world: World = { weeks: { week: old }, pollers: { [old]: [owner] }, replays: {} };
  const { serving, next, end } = looking(world);
  await next();
  expect([...serving]).toEqual([]);
  world.pollers[old] = [];
  await next();
  expect([...serving]).toEqual([old]);
  world.pollers[old] = ['control 7@MainPC build bbbbbbbbbbbb'];
  await next();
  expect([...serving]).toEqual([old]);
  world.pollers[old].push(owner);
  await next();
  expect([...serving]).toEqual([]);
  await end();
});
