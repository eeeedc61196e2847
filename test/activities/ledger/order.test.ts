// The order of a rollback: what waits for what, and that all else is undone side by side.
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Entry } from '../../../activities/ledger/journal.ts';
import { inOrder, keysOf, selected, waitsFor } from '../../../activities/ledger/order.ts';
import type { Undo } from '../../../plan/week/undo.ts';

const directory = (path: string): Undo => ({ kind: 'directory.remove', path, parents: [] });
const container = (name: string): Undo => ({ kind: 'container.remove', name, specDigest: 'd', stopGraceMs: 1 });
const file = (path: string, reloads?: string): Undo => ({
  kind: 'file.restore',
  path,
  backup: null,
  wroteSha256: 'x',
  ...(reloads ? { reload: { container: reloads, url: 'http://h', lifecycle: true, withinMs: 1 } } : {}),
});
const agent = (name: string): Undo => ({
  kind: 'agent.restore',
  program: name,
  config: `/code/${name}.yaml`,
  backup: `/code/${name}.yaml.backup`,
  wroteSha256: 'x',
  startWithinMs: 1,
});
const stream = (name: string, ...goneWith: string[]): Undo => ({
  kind: 'stream.delete',
  stream: name,
  servers: [],
  goneWith,
});
const consumer = (of: string, ...containers: string[]): Undo => ({
  kind: 'consumer.delete',
  stream: of,
  durable: 'monitor',
  servers: [],
  containers,
  description: 'ours',
});
const partition: Undo = { kind: 'fault.lift', fault: { kind: 'partition', addresses: ['10.0.0.1'], ports: [6222] } };
const stopped = (name: string): Undo => ({
  kind: 'fault.lift',
  fault: { kind: 'container-stop', container: name, stopGraceMs: 1 },
});

/** Entries of these undos, which are named newest first. */
const entries = (...undos: Undo[]): Entry[] =>
  undos.map((undo, index) => ({
    n: undos.length - index,
    run: 'week-1',
    step: '2A',
    key: `${index}`,
    undo,
    at: 0,
    wrote: [],
    done: true,
  }));

describe('an undo waits for a newer one', () => {
  it.each<[what: string, older: Undo, newer: Undo]>([
    ['of the same file', file('/a/b.yml'), file('/a/b.yml')],
    ['of a file in its directory', directory('/a'), file('/a/b.yml')],
    ['of the directory that its file is in', file('/a/b/c.yml'), directory('/a')],
    ['of a directory in its directory', directory('/a'), directory('/a/b')],
    ['of any container, for a directory', directory('/a'), container('edgehub')],
    ['of a stream that goes with its container', container('nats-pc2'), stream('metrics', 'nats-main', 'nats-pc2')],
    ['of a consumer on its server', container('nats-pc2'), consumer('metrics', 'nats-main', 'nats-pc2')],
    ['of a consumer in it', stream('metrics', 'nats-main'), consumer('metrics', 'nats-main')],
    ['of the same container', container('edgehub'), container('edgehub')],
    ['of the same stream', stream('metrics', 'nats-main'), stream('metrics', 'nats-main')],
    ["of a file that the container's hub reloads", container('edgehub'), file('/a.yml', 'edgehub')],
    ['of the agent whose backup it removes', file('/code/toy.yaml.backup'), agent('toy')],
    ['of the agent whose configuration it restores', file('/code/toy.yaml'), agent('toy')],
    ...[
      directory('/a'),
      container('edgehub'),
      file('/a.yml'),
      agent('toy'),
      stream('metrics', 'nats-main'),
      partition,
      stopped('edgehub'),
    ].flatMap((older): [string, Undo, Undo][] => [
      [`that ends a partition, for a ${older.kind}`, older, partition],
      [`that starts a container, for a ${older.kind}`, older, stopped('other')],
    ]),
    ['of the container that it starts', stopped('edgehub'), container('edgehub')],
  ])('%s', (_what, older, newer) => {
    expect(waitsFor(older, newer)).toBe(true);
  });
});

describe('an undo does not wait for a newer one', () => {
  it.each<[what: string, older: Undo, newer: Undo]>([
    ['of another directory', directory('/a'), directory('/b')],
    ['of a directory whose name begins alike', directory('/a'), directory('/ab')],
    ['of a file beside it', file('/a/b.yml'), file('/a/c.yml')],
    ['of a directory, for a container', container('edgehub'), directory('/a')],
    ['of another container', container('edgehub'), container('nats-pc2')],
    ['of another stream on the same servers', stream('metrics', 'nats-main'), stream('health', 'nats-main')],
    ['of a stream that goes with other containers', container('edgehub'), stream('metrics', 'nats-main')],
    ['of a consumer in another stream', consumer('metrics', 'nats-main'), consumer('health', 'nats-main')],
    ['of another agent', agent('toy'), agent('other')],
    ['of a file that another hub reloads', container('edgehub'), file('/a.yml', 'centralhub')],
    ['of another container than it starts', stopped('edgehub'), container('nats-pc2')],
  ])('%s', (_what, older, newer) => {
    expect(waitsFor(older, newer)).toBe(false);
  });
});

/** Work that each entry begins at once and ends when it is told to, or fails at once. */
function work(newestFirst: Entry[], fails: Entry[] = []) {
  const running = new Map<Entry, () => void>();
  const begun: Entry[] = [];
  const ended = new Set<Entry>();
  const whole = inOrder(newestFirst, async (entry) => {
    begun.push(entry);
    if (fails.includes(entry)) throw new Error(`${entry.key} failed`);
    await new Promise<void>((resolve) => running.set(entry, resolve));
    return entry.key;
  });
  const end = async (entry: Entry) => {
    running.get(entry)?.();
    running.delete(entry);
    ended.add(entry);
    await turn();
  };
  return { whole, begun, running, ended, end, keys: () => begun.map(({ key }) => key) };
}

describe('inOrder', () => {
  it('begins independent entries before any of them has ended, and gives the results in the order of the entries', async () => {
    let waiting = 0;
    let open = (): void => undefined;
    const barrier = new Promise<void>((resolve) => (open = resolve));
    // Neither could end alone.
    const meet = async ({ key }: Entry) => {
      if ((waiting += 1) === 2) open();
      await barrier;
      return key;
    };
    expect(await inOrder(entries(directory('/a'), directory('/b')), meet)).toEqual(['0', '1']);

    const newestFirst = entries(directory('/a'), directory('/b'), directory('/c'));
    const going = work(newestFirst);
    await turn();
    for (const entry of newestFirst.toReversed()) await going.end(entry);
    expect(await going.whole).toEqual(['0', '1', '2']);
  });

  it('begins an entry only after every newer one that it waits for', async () => {
    const newestFirst = entries(file('/a/x.yml'), directory('/b'), file('/a/y.yml'), directory('/a')) as [
      Entry,
      Entry,
      Entry,
      Entry,
    ];
    const going = work(newestFirst);
    await turn();
    expect(going.keys()).toEqual(['0', '1', '2']);
    await going.end(newestFirst[2]);
    expect(going.keys()).toEqual(['0', '1', '2']);
    await going.end(newestFirst[0]);
    expect(going.keys()).toEqual(['0', '1', '2', '3']);
    await going.end(newestFirst[3]);
    await going.end(newestFirst[1]);
    expect(await going.whole).toEqual(['0', '1', '2', '3']);
  });

  it('awaits all before it throws, and does not begin what waits for one that failed', async () => {
    const newestFirst = entries(file('/a/x.yml'), directory('/b'), directory('/a')) as [Entry, Entry, Entry];
    const going = work(newestFirst, [newestFirst[0]]);
    let thrown: unknown;
    const seen = going.whole.catch((error: unknown) => (thrown = error));
    await turn();
    expect(going.keys()).toEqual(['0', '1']);
    expect(thrown).toBeUndefined();
    await going.end(newestFirst[1]);
    await seen;
    expect(thrown).toEqual(new Error('0 failed'));
    expect(going.keys()).toEqual(['0', '1']);
  });

  it('has nothing to give for no entries', async () => {
    expect(await inOrder([], async () => 'never')).toEqual([]);
  });
});

describe('in any order, with ends at any time', () => {
  const undos = [
    directory('/a'),
    directory('/a/b'),
    directory('/ab'),
    container('nats'),
    container('edgehub'),
    file('/a/b/c.yml', 'edgehub'),
    file('/ab/d.yml'),
    file('/code/toy.yaml.backup'),
    agent('toy'),
    agent('other'),
    stream('metrics', 'nats'),
    stream('health', 'nats'),
    stopped('nats'),
  ];

  /** A generator of Lehmer's: the same numbers for the same seed. */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
  }

  function shuffled<T>(items: T[], random: (below: number) => number): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(random(rest.length), 1)[0] as T);
  }

  it.each(Array.from({ length: 40 }, (_, index) => 7_919 * (index + 1)))(
    'an entry begins as soon as all newer ones that it waits for have ended, and never before (seed %d)',
    async (seed) => {
      const random = numbers(seed);
      const newestFirst = entries(...shuffled(undos, random));
      const before = new Map(
        newestFirst.map((entry, index) => [
          entry,
          newestFirst.slice(0, index).filter((newer) => waitsFor(entry.undo, newer.undo)),
        ]),
      );
      const going = work(newestFirst);
      let waited = 0;
      let together = 0;
      for (await turn(); going.running.size > 0;) {
        const free = newestFirst.filter((entry) => before.get(entry)?.every((newer) => going.ended.has(newer)));
        expect(new Set(going.begun)).toEqual(new Set(free));
        waited += newestFirst.length - free.length;
        together = Math.max(together, going.running.size);
        await going.end([...going.running.keys()][random(going.running.size)] as Entry);
      }
      expect(await going.whole).toEqual(newestFirst.map(({ key }) => key));
      // Nothing is shown by an order in which none waits, or in which one goes after the other.
      expect(waited).toBeGreaterThan(0);
      expect(together).toBeGreaterThan(1);
    },
  );
});

describe("a rollback of one agent takes that agent's deployment and no other's", () => {
  const variable = (name: string): Undo => ({
    kind: 'environment.restore',
    program: name,
    config: `/code/${name}.yaml`,
    path: '/supervisord.conf',
    name: 'OBS_HUB_URL',
    value: 'x',
    backup: name,
    startWithinMs: 1,
  });
  const deployments = (names: string[]): Entry[] =>
    names.flatMap((name) =>
      [
        { undo: file(`/code/${name}.yaml.new`), step: `2D.${name}.new`, key: `/code/${name}.yaml.new` },
        { undo: variable(name), step: `2D.deploy.${name}`, key: keysOf(name).environment },
        { undo: agent(name), step: `2D.deploy.${name}`, key: keysOf(name).deployment },
        { undo: stopped('edgehub'), step: `2D.deploy.${name}.fallback`, key: 'stop of edgehub' },
      ].map((known) => ({ ...entries(known.undo)[0]!, ...known })),
    );
  const taken = (all: Entry[], name: string) => selected(all, 'week-1', { agent: name }).map(({ undo }) => undo);
  const its = (name: string) => [agent(name), variable(name)];

  test.each([
    ['edge', ['edge', 'edge.a']],
    ['a', ['a', 'edge.a']],
    ['deploy', ['deploy', 'edge']],
    ['edge.a', ['edge', 'edge.a', 'edge.a.b']],
  ])('%s among %j', (name, names) => {
    expect(taken(deployments(names), name)).toEqual(its(name));
  });

  test('whatever they are called', () => {
    const name = fc
      .array(fc.constantFrom('a', 'edge', 'deploy', 'new', '2D', 'fallback'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), (names) => {
        for (const one of names) expect(taken(deployments(names), one)).toEqual(its(one));
      }),
    );
  });
});
