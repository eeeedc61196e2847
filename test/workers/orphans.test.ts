// After one upgrade a week is on the queue of one build. When nobody runs that build any more, the control worker whose build replays it takes it home.
import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import { heardWithinMs } from '../../plan/worker-identity.ts';
import { serveOrphans } from '../../workers/orphans.ts';

const old = `${controlQueue}.aaaaaaaaaaaa`;
const home = `${controlQueue}.bbbbbbbbbbbb`;
const owner = 'control 9@MainPC build aaaaaaaaaaaa';

interface World {
  /** Queue of each running week. */
  weeks: Record<string, string>;
  /** Those that Temporal remembers; each asks all the time. */
  pollers: Record<string, string[]>;
  replays?: Record<string, string | undefined>;
  /** Temporal does not answer. */
  away?: boolean;
  /** While a week is replayed. */
  meanwhile?: () => Promise<void> | void;
}

function looking(world: World) {
  let looks = 0;
  const replayed: string[] = [];
  const orders: object[] = [];
  const serving = new Set<string>();
  const client = {
    options: { namespace: 'default', identity: '1@MainPC' },
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    workflow: {
      list: async function* () {
        looks += 1;
        if (world.away) throw new Error('nobody answers');
        for (const [workflowId, taskQueue] of Object.entries(world.weeks))
          yield { workflowId, taskQueue, runId: `run of ${workflowId}` };
      },
      getHandle: (workflowId: string) => ({
        fetchHistory: async () => ({ of: workflowId }),
        executeUpdate: async ({ name }: { name: string }, { args, updateId }: { args: object[]; updateId: string }) => {
          if (!serving.has(world.weeks[workflowId]!)) throw new Error('nobody takes it');
          orders.push({ week: workflowId, name, updateId, ...args[0] });
        },
      }),
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
    await world.meanwhile?.();
    return world.replays?.[workflowId];
  };
  const over = new AbortController();
  const done = serveOrphans(client, home, alsoServe, over.signal, { everyMs: 1, whyNot });
  const end = async () => {
    over.abort();
    await done;
  };
  /** A whole look at the world as it is now. */
  const next = async () => {
    const before = looks;
    await expect.poll(() => looks, { interval: 1 }).toBeGreaterThan(before + 1);
  };
  /** The same, when so much time has passed. */
  const after = async (ms: number) => {
    vi.setSystemTime(Date.now() + ms);
    await next();
  };
  return { serving, replayed, orders, end, next, after };
}

const said: string[] = [];
const long = heardWithinMs + 1;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  said.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    said.push(String(line));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('serves the queue of a week that nobody has served for 75 s, and says so', async () => {
  const { serving, next, after, end } = looking({ weeks: { week: old }, pollers: {} });
  await next();
  await after(heardWithinMs - 1000);
  // A Temporal that was restarted lists nobody, though the worker of that build is about to ask again.
  expect([...serving]).toEqual([]);
  await after(2000);
  expect([...serving]).toEqual([old]);
  expect(said.join('')).toMatch(
    /INFO serves the queue of a week too: .* week=week queue=hubshift\.control\.aaaaaaaaaaaa/,
  );
  await end();
});

it('serves no queue of a week that does not replay, and says why, once', async () => {
  const { serving, replayed, next, after, end } = looking({
    weeks: { one: old, two: old },
    pollers: {},
    replays: { two: 'Nondeterminism' },
  });
  await next();
  await after(long);
  await next();
  expect([...serving]).toEqual([]);
  expect(replayed).toEqual(['one', 'two']);
  expect(said.filter((line) => line.includes('does not replay'))).toHaveLength(1);
  expect(said.join('')).toMatch(/WARN .* week=two .*error=Nondeterminism/);
  await end();
});

it('leaves alone what somebody serves, what it serves itself, and the weeks that were not moved', async () => {
  const { serving, replayed, orders, next, after, end } = looking({
    weeks: { one: old, two: controlQueue, three: home, four: 'hubshift.control@berlin.aaaaaaaaaaaa' },
    pollers: { [old]: [owner] },
  });
  await next();
  await after(long);
  expect([...serving]).toEqual([]);
  expect(replayed).toEqual([]);
  expect(orders).toEqual([]);
  await end();
});

it('counts from when the last worker was heard, also when Temporal has forgotten it', async () => {
  const world: World = { weeks: { week: old }, pollers: { [old]: [owner] } };
  const { serving, next, after, end } = looking(world);
  await next();
  await after(10 * long);
  world.pollers[old] = [];
  await after(heardWithinMs - 1000);
  expect([...serving]).toEqual([]);
  await after(2000);
  expect([...serving]).toEqual([old]);
  await end();
});

it('counts anew when Temporal did not answer', async () => {
  const world: World = { weeks: { week: old }, pollers: {} };
  const { serving, next, after, end } = looking(world);
  await next();
  world.away = true;
  await after(long);
  world.away = false;
  await next();
  expect([...serving]).toEqual([]);
  await after(long);
  expect([...serving]).toEqual([old]);
  await end();
});

it('leaves a queue to a worker that comes while the week is replayed', async () => {
  const world: World = { weeks: { week: old }, pollers: {}, meanwhile: () => void (world.pollers[old] = [owner]) };
  const { serving, replayed, next, after, end } = looking(world);
  await next();
  await after(long);
  expect(replayed).toEqual(['week']);
  expect([...serving]).toEqual([]);
  await end();
});

it('takes the week home, and leaves the queue when none is on it, whoever is back', async () => {
  const world: World = { weeks: { one: old, two: old }, pollers: {} };
  const { serving, orders, next, after, end } = looking(world);
  await next();
  await after(long);
  const order = {
    name: 'takeOver',
    by: 'the control worker',
    from: '1@MainPC',
    queue: home,
    updateId: `home to ${home}`,
  };
  expect(orders).toContainEqual({ week: 'one', ...order });
  expect(orders).toContainEqual({ week: 'two', ...order });
  // It may no longer replay what was done since.
  world.pollers[old] = [owner];
  world.weeks['one'] = home;
  await next();
  expect([...serving]).toEqual([old]);
  delete world.weeks['two'];
  await next();
  expect([...serving]).toEqual([]);
  expect(said.join('')).toMatch(/INFO leaves the queue of another build: .* queue=hubshift\.control\.aaaaaaaaaaaa/);
  await end();
});

it('ends without a look at the next week, and says nothing more', async () => {
  const { replayed, serving, next, end } = looking({
    weeks: { one: old, two: old },
    pollers: {},
    meanwhile: () => void end(),
  });
  await next();
  vi.setSystemTime(Date.now() + long);
  await expect.poll(() => replayed, { interval: 1 }).not.toEqual([]);
  await end();
  expect(replayed).toEqual(['one']);
  expect([...serving]).toEqual([]);
  expect(said).toEqual([]);
});
