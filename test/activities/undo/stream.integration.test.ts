import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from 'nats';
import type { Host } from '../../../activities/context/host.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { natsServers, type TestServer } from '../nats/servers.ts';
import { temporaryMachine } from '../machine.ts';

let server: TestServer;
let remove: () => Promise<void>;

beforeAll(async () => {
  const started = await natsServers('nats-main');
  remove = started.remove;
  server = started.servers[0] as TestServer;
  await server.start();
}, 120_000);
afterAll(() => remove());

/** A machine whose run made a stream, and a container that holds it when `container` is named. */
async function withStream(container?: string, servers = [server.url]): Promise<{ host: Host; ledger: Ledger }> {
  const host = await temporaryMachine();
  const ledger = ledgerOf(host, undo);
  if (container)
    await ledger.change(
      { run: 'week-1', step: '2C.deploy.main' },
      `container ${container}`,
      async () => ({ kind: 'container.remove', name: container, specDigest: 'd', stopGraceMs: 1_000 }),
      async () => undefined,
    );
  await ledger.change(
    { run: 'week-1', step: '2C.streams.metrics' },
    'stream metrics',
    async () => ({ kind: 'stream.delete', stream: 'metrics', servers, goneWith: ['nats-main', 'nats-pc2'] }),
    async () => undefined,
  );
  return { host, ledger };
}

async function addStream(): Promise<() => Promise<string[]>> {
  const connection = await connect({ servers: server.url });
  const manager = await connection.jetstreamManager();
  await manager.streams.add({ name: 'metrics', subjects: ['metrics.>'] });
  await connection.close();
  return async () => {
    const again = await connect({ servers: server.url });
    const names = await (await again.jetstreamManager()).streams.names().next();
    await again.close();
    return names;
  };
}

describe('undoing a stream', () => {
  it('deletes it, and finds one gone that is gone', async () => {
    const names = await addStream();
    const { ledger } = await withStream();
    expect(await ledger.rollback({ run: 'week-1', scope: 'all', dryRun: true })).toMatchObject([{ result: 'undone' }]);
    expect(await names()).toEqual(['metrics']);
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
      { target: 'metrics', result: 'undone' },
    ]);
    expect(await names()).toEqual([]);
    const { ledger: another } = await withStream();
    expect(await another.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([{ result: 'already' }]);
  });

  it('leaves it to the next week when a server answers after the rollback has given up', async () => {
    const names = await addStream();
    // Each takes a connection and says nothing, which costs half of the patience.
    const mute = [createServer(), createServer()];
    const urls = await Promise.all(
      mute.map(async (one) => {
        await once(one.listen(0, '127.0.0.1'), 'listening');
        return `nats://127.0.0.1:${(one.address() as AddressInfo).port}`;
      }),
    );
    onTestFinished(() => mute.forEach((one) => one.close()));
    const { ledger } = await withStream(undefined, [...urls, server.url]);
    const before = await server.connections();
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
      { target: 'metrics', result: 'failed' },
    ]);
    await expect.poll(() => server.connections(), { timeout: 10_000 }).toBeGreaterThan(before);
    expect(await names()).toEqual(['metrics']);
  });

  describe('whose servers do not answer', () => {
    beforeAll(() => server.stop());

    it('counts as done when a container with its data goes in the same rollback', async () => {
      const { ledger } = await withStream('nats-main');
      expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
        { kind: 'stream.delete', result: 'undone', detail: 'gone with nats-main' },
        { kind: 'container.remove' },
      ]);
    });

    it('fails for a consumer in a stream that stays: it is tried again the next time', async () => {
      const ledger = ledgerOf(await temporaryMachine(), undo);
      const of = { stream: 'metrics', durable: 'monitor', servers: [server.url], containers: [], description: 'ours' };
      await ledger.change(
        { run: 'week-1', step: '2C.consumers' },
        'consumer monitor of metrics',
        async () => ({ kind: 'consumer.delete', ...of }),
        async () => undefined,
      );
      for (const dryRun of [true, false])
        expect(await ledger.rollback({ run: 'week-1', scope: 'all', dryRun })).toMatchObject([
          { result: 'failed', detail: expect.stringContaining('could delete the consumer monitor of metrics') },
        ]);
      expect(await ledger.remaining('week-1')).toMatchObject([{ target: 'monitor of metrics', result: 'failed' }]);
    });

    it('counts as done when that container is gone already', async () => {
      const { ledger } = await withStream('nats-main');
      await ledger.rollback({ run: 'week-1', scope: { task: '2C.deploy' } });
      expect(await ledger.rollback({ run: 'week-1', scope: { task: '2C.streams' } })).toMatchObject([
        { result: 'undone', detail: 'gone with nats-main' },
      ]);
    });

    it('fails when its containers stay', async () => {
      const { ledger } = await withStream('nats-main');
      const started = performance.now();
      expect(await ledger.rollback({ run: 'week-1', scope: { task: '2C.streams' } })).toMatchObject([
        { result: 'failed', detail: expect.stringContaining('Start the servers') },
      ]);
      expect(performance.now() - started).toBeLessThan(4_000);
    });
  });
});
