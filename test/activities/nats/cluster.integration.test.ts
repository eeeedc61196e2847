// Two NATS servers in one cluster: what is seen of it, what crosses it, and what is left when one of them is killed.
import { setTimeout } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NatsActivities, StreamSpec } from '../../../plan/machine-api/nats.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { Host } from '../../../activities/context/host.ts';
import { refuseConsumers, refuseStream } from '../../../activities/nats/streams.ts';
import { whyNotWorking } from '../../../activities/nats/cluster-works.ts';
import { natsActivities } from '../../../activities/nats/nats.ts';
import { targetOf } from '../../../plan/week/undo.ts';
import { minus } from '../../../plan/evidence/sequence-sets.ts';
import { anyHost, temporaryMachine } from '../machine.ts';
import { natsServers, type TestServer } from './servers.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = 'week-1';
const change = { run, step: '2C.streams.test' };
let main: TestServer;
let pc2: TestServer;
let remove: () => Promise<void>;

beforeAll(async () => {
  const { servers, remove: end } = await natsServers('nats-main', 'nats-pc2');
  [main, pc2] = servers as [TestServer, TestServer];
  remove = end;
  await Promise.all(servers.map((server) => server.start()));
}, 5 * 60_000);
afterAll(() => remove());

async function machine(): Promise<{ host: Host; nats: NatsActivities; ledger: Ledger }> {
  const host = await temporaryMachine();
  const ledger = ledgerOf(host, undo);
  await ledger.open(run, 'plan');
  return { host, nats: natsActivities(host, ledger), ledger };
}

const spec = (name: string): StreamSpec => ({
  name,
  subjects: [`${name}.*`],
  maxAgeMs: 3_600_000,
  replicas: 2,
  duplicateWindowMs: 60_000,
});
const ensured = (name: string, stream = spec(name)) => ({
  change,
  server: main.url,
  stream,
  servers: [main.url, pc2.url],
  goneWith: ['nats-main', 'nats-pc2'],
});

describe('a whole cluster', () => {
  it('is seen by distinct servers and one meta leader, from each side', async () => {
    const { nats } = await machine();
    const views = await Promise.all(
      [main, pc2].map(({ monitor }) => nats.natsCluster({ monitor, nodes: 2, withinMs: 20_000 })),
    );
    expect(views).toMatchObject([
      { server: 'nats-main', cluster: 'test-cluster', remotes: ['nats-pc2'], jetstream: true, metaSize: 2 },
      { server: 'nats-pc2', cluster: 'test-cluster', remotes: ['nats-main'], jetstream: true, metaSize: 2 },
    ]);
    expect(views[0]?.metaLeader).toMatch(/^nats-(main|pc2)$/);
    expect(views[1]?.metaLeader).toBe(views[0]?.metaLeader);
  });

  it('works, before its first stream and after, and keeps nothing of the write', async () => {
    const { nats, host } = await machine();
    const ask = (server: TestServer, stream: string) => ({
      server: server.url,
      monitor: server.monitor,
      routes: 1,
      streams: [stream],
    });
    for (const server of [main, pc2])
      expect(await whyNotWorking(anyHost, ask(server, 'none_yet'), 5_000), host.machine).toBeUndefined();
    await nats.ensureStream(ensured('works'));
    await nats.streamState({ server: main.url, stream: 'works', replicas: 2, withinMs: 20_000 });
    for (const server of [main, pc2]) expect(await whyNotWorking(anyHost, ask(server, 'works'), 5_000)).toBeUndefined();
    const nc = await connect({ servers: main.url });
    const manager = await nc.jetstreamManager();
    expect(await manager.consumers.list('works').next()).toEqual([]);
    expect((await manager.streams.info('works')).state.messages).toBe(0);
    await nc.close();
    expect(await whyNotWorking(anyHost, { ...ask(main, 'works'), routes: 2 }, 5_000)).toEqual({
      why: 'routes to 1 servers; 2 are wanted',
    });
  });

  it('says that a third server is missing', async () => {
    const { nats } = await machine();
    const view = await nats.natsCluster({ monitor: main.monitor, nodes: 3, withinMs: 600 });
    expect(view.remotes).toEqual(['nats-pc2']);
    expect(view.waitedMs).toBeGreaterThan(200);
  });

  it('takes connections, and says who answered or that nobody did', async () => {
    const { nats } = await machine();
    expect(await nats.natsConnect({ server: pc2.url, withinMs: 2_000 })).toMatchObject({
      connected: true,
      name: 'nats-pc2',
      cluster: 'test-cluster',
      jetstream: true,
    });
    expect(await nats.natsConnect({ server: 'nats://127.0.0.1:1', withinMs: 300 })).toMatchObject({
      connected: false,
      error: expect.stringContaining('nats://127.0.0.1:1'),
    });
  });

  it('carries messages across, even when the listener comes after the sender', async () => {
    const { nats } = await machine();
    const test = { subject: 'hubshift.test', nonce: 'n1', count: 20 };
    const sending = nats.natsSend({ ...test, server: main.url, durationMs: 200 });
    await setTimeout(300);
    expect(await nats.natsListen({ ...test, server: pc2.url, withinMs: 5_000 })).toEqual({
      received: 20,
      inOrder: true,
      first: 'n1 1',
    });
    expect(await sending).toEqual({ sent: 20 });
    expect(await nats.natsListen({ ...test, server: pc2.url, withinMs: 300 })).toEqual({ received: 0, inOrder: true });
  });

  it('times round trips once the echo is there, and ends the echo by cancellation', async () => {
    const { nats } = await machine();
    const echo = new MockActivityEnvironment();
    const latency = nats.natsLatency({ server: main.url, subject: 'hubshift.echo', samples: 50, withinMs: 10_000 });
    await setTimeout(300);
    const answering = echo.run(nats.natsEcho, { server: pc2.url, subject: 'hubshift.echo', durationMs: 60_000 });
    const measured = await latency;
    expect(measured).toMatchObject({ samples: 50, failed: 0 });
    expect(measured.p50).toBeGreaterThan(0);
    expect(measured.max).toBeGreaterThanOrEqual(measured.p99);
    const asked = performance.now();
    echo.cancel('CANCELLED');
    await expect(answering).rejects.toThrow();
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(
      await nats.natsLatency({ server: main.url, subject: 'hubshift.echo', samples: 50, withinMs: 500 }),
    ).toMatchObject({ samples: 0, failed: 1 });
  });
});

describe('ensureStream', () => {
  it('makes a replicated stream, with its undo in the ledger first', async () => {
    const { host, nats, ledger } = await machine();
    expect(await nats.ensureStream(ensured('made'))).toEqual({ created: true, differs: [] });
    expect(await ledger.entries(run)).toMatchObject([
      {
        undo: {
          kind: 'stream.delete',
          stream: 'made',
          servers: [main.url, pc2.url],
          goneWith: ['nats-main', 'nats-pc2'],
          description: 'made by hubshift, run week-1',
        },
      },
    ]);
    await nats.publish({
      server: main.url,
      subject: 'made.x',
      run,
      publisher: 'a',
      count: 2,
      intervalMs: 0,
      retryForMs: 5_000,
    });
    // It goes with its stream: the ledger needs no undo of its own.
    await nats.ensureConsumer({ change, server: pc2.url, stream: 'made', durable: 'monitor' });
    const state = await nats.streamState({ server: pc2.url, stream: 'made', replicas: 2, withinMs: 10_000 });
    expect(state).toMatchObject({
      run,
      messages: 2,
      lastSequence: 2,
      subjects: { 'made.x': 2 },
      consumers: ['monitor'],
    });
    expect(
      state.replicas
        .filter(({ current }) => current)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['nats-main', 'nats-pc2']);
    expect(state.replicas[0]).toEqual({ name: state.leader, current: true, lag: 0 });
    // Tried again after a kill: nothing happens, and it is ours still.
    expect(await nats.ensureStream(ensured('made'))).toEqual({ created: false, differs: [] });
    expect(await ledger.entries(run)).toHaveLength(1);
    await expect(refuseStream(host, ledger, run, main.url, 'made')).resolves.toBeUndefined();
  });

  it('refuses a stream of another run by name; with leave of the plan it is used, stays, and what differs is named', async () => {
    await (await machine()).nats.ensureStream({ ...ensured('theirs'), change: { ...change, run: 'week-0' } });
    const { host, nats, ledger } = await machine();
    await expect(nats.ensureStream(ensured('theirs'))).rejects.toMatchObject({
      type: 'ForeignStream',
      nonRetryable: true,
      message: expect.stringMatching(/a stream theirs .*made by hubshift, run week-0.*adopt: \[theirs\]/),
    });
    // As preflight looks at it.
    await expect(refuseStream(host, ledger, run, main.url, 'theirs')).rejects.toMatchObject({ type: 'ForeignStream' });
    await expect(refuseStream(host, ledger, run, main.url, 'nowhere')).resolves.toBeUndefined();
    const adopting = { ...ensured('theirs'), adopt: true };
    expect(await nats.ensureStream(adopting)).toEqual({ created: false, differs: [] });
    const { differs } = await nats.ensureStream({
      ...adopting,
      stream: { ...spec('theirs'), maxAgeMs: 1_800_000, subjects: ['theirs.>'], maxBytes: 4_096 },
    });
    expect(differs).toEqual([
      'subjects is ["theirs.*"], the plan says ["theirs.>"]',
      'max_age is 3600000000000, the plan says 1800000000000',
      'max_bytes is -1, the plan says 4096',
    ]);
    expect(await ledger.entries(run)).toEqual([]);
    const state = await nats.streamState({ server: main.url, stream: 'theirs', replicas: 2, withinMs: 5_000 });
    expect(state.error).toBeUndefined();
    expect(state.run).toBe('week-0');
  });

  it('is not deleted when somebody has made it anew since', async () => {
    const { nats, ledger } = await machine();
    await nats.ensureStream(ensured('renewed'));
    const nc = await connect({ servers: main.url });
    const { streams } = await nc.jetstreamManager();
    await streams.delete('renewed');
    await streams.add({ name: 'renewed', subjects: ['renewed.*'], description: 'of the night shift' });
    for (const dryRun of [true, false])
      expect(await ledger.rollback({ run, scope: 'all', dryRun })).toMatchObject([
        { result: 'left', detail: expect.stringMatching(/renewed, created .* \(of the night shift\)/) },
      ]);
    expect((await streams.info('renewed')).config.description).toBe('of the night shift');
    const state = await nats.streamState({ server: main.url, stream: 'renewed', replicas: 1, withinMs: 5_000 });
    expect(state.run).toBeNull();
    await nc.close();
  });

  it('takes back the consumers that it makes in a stream which stays, and no others', async () => {
    await (await machine()).nats.ensureStream({ ...ensured('adopted'), change: { ...change, run: 'week-0' } });
    const { nats, ledger } = await machine();
    const nc = await connect({ servers: main.url });
    const { consumers } = await nc.jetstreamManager();
    const add = (durable: string, description?: string) =>
      consumers.add('adopted', { durable_name: durable, ack_policy: 'explicit' as never, description });
    await add('theirs');
    await nats.ensureStream({ ...ensured('adopted'), adopt: true });
    const of = { change, server: main.url, stream: 'adopted', servers: [main.url, pc2.url], containers: ['nats-main'] };
    for (const durable of ['monitor', 'theirs', 'renewed'])
      expect(await nats.ensureConsumer({ ...of, durable })).toEqual({ created: durable !== 'theirs' });
    // Tried again after a kill.
    expect(await nats.ensureConsumer({ ...of, durable: 'monitor' })).toEqual({ created: false });
    expect((await ledger.entries(run)).map(({ undo: planned }) => targetOf(planned))).toEqual([
      'monitor of adopted',
      'renewed of adopted',
    ]);
    await consumers.delete('adopted', 'renewed');
    await add('renewed', 'of the night shift');
    for (const dryRun of [true, false])
      expect(await ledger.rollback({ run, scope: 'all', dryRun })).toMatchObject([
        { target: 'renewed of adopted', result: 'left', detail: expect.stringMatching(/\(of the night shift\)/) },
        { target: 'monitor of adopted', result: 'undone' },
      ]);
    const state = await nats.streamState({ server: main.url, stream: 'adopted', replicas: 2, withinMs: 5_000 });
    expect(state.consumers).toEqual(['renewed', 'theirs']);
    expect(await ledger.remaining(run)).toEqual([]);
    await nc.close();
  });

  it('refuses a consumer that is not acknowledged message by message', async () => {
    const { nats } = await machine();
    await nats.ensureStream(ensured('foreign'));
    const nc = await connect({ servers: main.url });
    await (
      await nc.jetstreamManager()
    ).consumers.add('foreign', { durable_name: 'monitor', ack_policy: 'none' as never });
    await nc.close();
    await expect(nats.ensureConsumer({ server: main.url, stream: 'foreign', durable: 'monitor' })).rejects.toThrow(
      /monitor of foreign .* acknowledges "none"/,
    );
    // As preflight looks at what is to be taken over.
    await expect(refuseConsumers(anyHost, main.url, 'foreign', ['other', 'monitor'])).rejects.toMatchObject({
      type: 'ForeignConsumer',
    });
    await expect(refuseConsumers(anyHost, main.url, 'foreign', ['other'])).resolves.toBeUndefined();
    await expect(refuseConsumers(anyHost, main.url, 'nowhere', ['monitor'])).resolves.toBeUndefined();
  });
});

describe('a cluster of two that loses one', () => {
  it('keeps core messaging and reads, stalls writes, and loses nothing that was acknowledged', async () => {
    const { nats } = await machine();
    await nats.ensureStream(ensured('kept'));
    const state = await nats.streamState({ server: main.url, stream: 'kept', replicas: 2, withinMs: 10_000 });
    const publishing = nats.publish({
      server: main.url,
      subject: 'kept.x',
      run,
      publisher: 'a',
      durationMs: 9_000,
      intervalMs: 50,
      retryForMs: 40_000,
    });
    await setTimeout(1_500);
    await pc2.stop('SIGKILL');
    expect(await nats.natsConnect({ server: pc2.url, withinMs: 300 })).toMatchObject({ connected: false });
    expect(
      await nats.natsAlone({ server: main.url, stream: 'kept', subject: 'hubshift.alone', withinMs: 5_000 }),
    ).toEqual({ core: true, directGet: true });
    // Its monitoring page answers, and so would any client: it is no cluster for all that.
    const ask = { server: main.url, monitor: main.monitor, routes: 1, streams: ['kept'] };
    expect((await fetch(`${main.monitor}/varz`)).status).toBe(200);
    expect(await whyNotWorking(anyHost, ask, 2_000)).toEqual({ why: expect.any(String) });
    expect(
      await nats.natsAlone({ server: pc2.url, stream: 'kept', subject: 'hubshift.alone', withinMs: 500 }),
    ).toMatchObject({ core: false, directGet: false, detail: expect.stringContaining(pc2.url) });
    await setTimeout(4_000);
    await pc2.start();
    const published = await publishing;
    expect(published.longestStallMs).toBeGreaterThan(3_000);
    expect(published.retries).toBeGreaterThan(0);
    expect(published.acknowledged).toEqual(published.attempted);
    expect((await nats.natsCluster({ monitor: pc2.monitor, nodes: 2, withinMs: 20_000 })).remotes).toEqual([
      'nats-main',
    ]);
    expect(
      (await nats.streamState({ server: pc2.url, stream: 'kept', replicas: 2, withinMs: 20_000 })).replicas,
    ).toHaveLength(state.replicas.length);
    for (const { url } of [main, pc2]) {
      const read = await nats.readStream({ server: url, stream: 'kept', run, publisher: 'a', withinMs: 20_000 });
      expect(minus(published.acknowledged, read.sequences)).toEqual([]);
      expect(read.duplicates).toBe(0);
    }
  });

  it('stops waiting at once when it is cancelled', async () => {
    const { nats } = await machine();
    const activity = new MockActivityEnvironment();
    const waiting = activity.run(nats.publish, {
      server: main.url,
      subject: 'no.such.stream',
      run,
      publisher: 'c',
      count: 1,
      intervalMs: 0,
      retryForMs: 60_000,
    });
    await setTimeout(500);
    const asked = performance.now();
    activity.cancel('CANCELLED');
    await expect(waiting).rejects.toThrow();
    expect(performance.now() - asked).toBeLessThan(1_000);
  });
});
