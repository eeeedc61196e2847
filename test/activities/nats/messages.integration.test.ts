// Publishing to a stream and reading it back, against a real server.
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NatsActivities, Published, StreamSpec } from '../../../plan/machine-api/nats.ts';
import type { Host } from '../../../activities/context/host.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { dial, flushed } from '../../../activities/nats/connection.ts';
import { natsActivities } from '../../../activities/nats/nats.ts';
import { compare, minus, sizeOf } from '../../../plan/evidence/sequence-sets.ts';
import { anyHost, temporaryMachine } from '../machine.ts';
import { natsServers, type TestServer } from './servers.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = 'week-1';
const change = { run, step: '2C.streams.test' };
let server: TestServer;
let remove: () => Promise<void>;

beforeAll(async () => {
  const { servers, remove: end } = await natsServers('alone');
  [server, remove] = [servers[0] as TestServer, end];
  await server.start();
}, 5 * 60_000);
afterAll(() => remove());

interface Machine {
  host: Host;
  nats: NatsActivities;
  stream: StreamSpec;
  published: { server: string; subject: string; run: string; intervalMs: number; retryForMs: number };
  whole: { server: string; stream: string; run: string; withinMs: number };
}

/** A machine with a stream of this name. */
async function machine(name: string): Promise<Machine> {
  const host = await temporaryMachine();
  const ledger = ledgerOf(host, undo);
  await ledger.open(run, 'plan');
  const nats = natsActivities(host, ledger);
  const stream = { name, subjects: [`${name}.*`], maxAgeMs: 3_600_000, replicas: 1, duplicateWindowMs: 60_000 };
  await nats.ensureStream({ change, server: server.url, stream, servers: [server.url], goneWith: ['alone'] });
  return {
    host,
    nats,
    stream,
    published: { server: server.url, subject: `${name}.x`, run, intervalMs: 0, retryForMs: 5_000 },
    whole: { server: server.url, stream: name, run, withinMs: 10_000 },
  };
}

/** As attempts of one activity run: the same id, a context of their own. */
function attempt(activityId: string): MockActivityEnvironment {
  return new MockActivityEnvironment({ activityId });
}

describe('a connection', () => {
  it('that is closed in the middle of a flush ends it', async () => {
    const dialled = await dial(anyHost, server.url);
    if ('error' in dialled) throw new Error(dialled.error);
    const flushing = flushed(dialled.nc);
    await dialled.nc.close();
    await expect(flushing).rejects.toThrow('was closed before it was flushed');
  });
});

describe('publish and readStream', () => {
  it('acknowledges what it publishes, and the stream gives it back in order', async () => {
    const { nats, published, whole } = await machine('back');
    const result = await nats.publish({ ...published, publisher: 'a', count: 40 });
    expect(result).toMatchObject({
      attempted: [[1, 40]],
      acknowledged: [[1, 40]],
      streams: ['back'],
      duplicates: 0,
      retries: 0,
    });
    expect(await nats.readStream({ ...whole, publisher: 'a' })).toEqual({
      sequences: [[1, 40]],
      messages: 40,
      duplicates: 0,
      outOfOrder: 0,
    });
    expect(await nats.readStream({ ...whole, publisher: 'nobody' })).toMatchObject({ sequences: [], messages: 0 });
  });

  it('shows the sequence number of a message that was acknowledged and is gone', async () => {
    const { nats, published, whole } = await machine('lossy');
    const { acknowledged } = await nats.publish({ ...published, publisher: 'a', count: 20 });
    await withConnection(async (nc) => (await nc.jetstreamManager()).streams.deleteMessage('lossy', 7));
    expect(minus(acknowledged, (await nats.readStream({ ...whole, publisher: 'a' })).sequences)).toEqual([[7, 7]]);
  });

  it('counts what is stored twice or in the wrong order', async () => {
    const { nats, published, whole } = await machine('mixed');
    await nats.publish({ ...published, publisher: 'a', count: 3 });
    await withConnection(async (nc) => {
      const { headers } = await (
        await nc.jetstreamManager()
      ).streams
        .getMessage('mixed', { seq: 2 })
        .then((message) => ({ headers: message.header }));
      headers.delete('Nats-Msg-Id');
      await nc.jetstream().publish('mixed.x', '', { headers });
    });
    expect(await nats.readStream({ ...whole, publisher: 'a' })).toEqual({
      sequences: [[1, 3]],
      messages: 4,
      duplicates: 1,
      outOfOrder: 1,
    });
  });

  it('says in its time that the server takes no reader, and reads on within seconds once it does', async () => {
    const { nats, published, whole } = await machine('taken');
    await withConnection(async (nc) => {
      const { consumers, streams } = await nc.jetstreamManager();
      await streams.delete('taken');
      await streams.add({ name: 'taken', subjects: ['taken.*'], max_consumers: 1 });
      await nats.publish({ ...published, publisher: 'a', count: 3 });
      await consumers.add('taken', { durable_name: 'other' });
      const taken = expect.stringMatching(/^NATS at \S+ took no reader of taken within \d+ ms/);
      // Asked again it would take as long again.
      await expect(nats.readStream({ ...whole, publisher: 'a', withinMs: 1_000 })).rejects.toMatchObject({
        type: 'NotRead',
        nonRetryable: true,
        message: taken,
      });
      const ask = { server: server.url, stream: 'taken', agent: 'a', sinceMs: 0, atLeast: 1, withinMs: 1_000 };
      expect(await nats.agentMessages(ask)).toEqual({ messages: 0, newest: null, error: taken });
      void setTimeout(500).then(() => consumers.delete('taken', 'other'));
      const beganAt = Date.now();
      expect(await nats.readStream({ ...whole, publisher: 'a' })).toMatchObject({ sequences: [[1, 3]] });
      // A pull's time is what the library waits between two tries, half as long again at most.
      expect(Date.now() - beganAt).toBeLessThan(8_000);
    });
  });

  it('goes on where a killed attempt of the same activity stopped, with the same ids', async () => {
    const { host, nats, published, whole } = await machine('resumed');
    const ask = { ...published, publisher: 'a', count: 30, intervalMs: 20 };
    const first = attempt('7');
    const killed = first.run(nats.publish, ask);
    await setTimeout(200);
    first.cancel('WORKER_SHUTDOWN');
    await expect(killed).rejects.toThrow();
    const [file = ''] = await readdir(`${host.state}/acks`);
    const lines = (await readFile(`${host.state}/acks/${file}`, 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    // The power went in the middle of a line.
    await appendFile(`${host.state}/acks/${file}`, lines.at(-1)?.slice(0, 20) ?? '');
    // For a while nobody published, which is no stall of the server.
    await setTimeout(1_000);
    const resumed = (await attempt('7').run(nats.publish, ask)) as Published;
    expect(resumed).toMatchObject({ attempted: [[1, 30]], acknowledged: [[1, 30]] });
    expect(resumed.longestIdleMs).toBeGreaterThanOrEqual(1_000);
    expect(await nats.readStream({ ...whole, publisher: 'a' })).toEqual({
      sequences: [[1, 30]],
      messages: 30,
      duplicates: 0,
      outOfOrder: 0,
    });
    // Finished already: nothing more is sent.
    expect(await attempt('7').run(nats.publish, ask)).toMatchObject({ attempted: [[1, 30]], acknowledged: [[1, 30]] });
    // Another activity of the same publisher goes on with the sequence.
    expect(await attempt('8').run(nats.publish, { ...ask, count: 5 })).toMatchObject({
      attempted: [[31, 35]],
      acknowledged: [[31, 35]],
    });
  });

  it('stores a message once when its first acknowledgement was lost', async () => {
    const { nats, published, whole } = await machine('ambiguous');
    await withConnection((nc) => nc.jetstream().publish('ambiguous.x', '', { msgID: `${run}-a-1` }));
    expect(await nats.publish({ ...published, publisher: 'a', count: 2 })).toMatchObject({
      acknowledged: [[1, 2]],
      duplicates: 1,
    });
    expect(await nats.readStream({ ...whole, publisher: 'a' })).toMatchObject({ messages: 1 });
  });

  it('knows what it tried and got no answer to, after a kill as well, and no other activity sends that number again', async () => {
    const { nats, published, whole } = await machine('unanswered');
    // It stores, and never says so.
    await withConnection(async (nc) => (await nc.jetstreamManager()).streams.update('unanswered', { no_ack: true }));
    const ask = { ...published, publisher: 'a', durationMs: 300 };
    const first = attempt('7');
    const killed = first.run(nats.publish, ask);
    await setTimeout(400);
    first.cancel('WORKER_SHUTDOWN');
    await expect(killed).rejects.toThrow();
    const { attempted, acknowledged } = (await attempt('7').run(nats.publish, ask)) as Published;
    const { sequences: read } = await nats.readStream({ ...whole, publisher: 'a' });
    expect(compare({ attempted, acknowledged, read })).toEqual({
      lost: [],
      unanswered: [],
      recovered: [[1, 1]],
      unexpected: [],
    });
    expect(await attempt('8').run(nats.publish, { ...ask, count: 1, retryForMs: 100 })).toMatchObject({
      attempted: [[2, 2]],
      acknowledged: [],
    });
  });

  it('publishes for a time, at its interval', async () => {
    const { nats, published } = await machine('timed');
    const { attempted, firstAt, lastAt } = await nats.publish({
      ...published,
      publisher: 'a',
      durationMs: 600,
      intervalMs: 100,
    });
    expect(sizeOf(attempted)).toBeGreaterThanOrEqual(4);
    expect(sizeOf(attempted)).toBeLessThanOrEqual(6);
    expect(lastAt - firstAt).toBeLessThanOrEqual(650);
  });

  it('gives a message up that nobody acknowledges, and says how long that took', async () => {
    const { nats, published } = await machine('unheard');
    const result = await nats.publish({
      ...published,
      subject: 'no.such.stream',
      publisher: 'a',
      count: 1,
      retryForMs: 600,
    });
    expect(result).toMatchObject({ attempted: [[1, 1]], acknowledged: [], streams: [] });
    expect(result.retries).toBeGreaterThan(1);
    expect(result.longestStallMs).toBeGreaterThan(400);
  });
});

describe('consume', () => {
  it('receives and acknowledges each message once, through kills of its worker', async () => {
    const { nats, published } = await machine('consumed');
    const consumer = { server: server.url, stream: 'consumed', durable: 'monitor' };
    expect(await nats.ensureConsumer(consumer)).toEqual({ created: true });
    expect(await nats.ensureConsumer(consumer)).toEqual({ created: false });
    await nats.publish({ ...published, publisher: 'other', count: 3 });
    await nats.publish({ ...published, publisher: 'a', count: 250 });
    const ask = { ...consumer, run, publisher: 'a', count: 250, withinMs: 20_000 };
    const first = attempt('9');
    const killed = first.run(nats.consume, { ...ask, count: 251 });
    await setTimeout(300);
    first.cancel('WORKER_SHUTDOWN');
    await expect(killed).rejects.toThrow();
    expect(await attempt('9').run(nats.consume, ask)).toEqual({
      sequences: [[1, 250]],
      messages: 250,
      duplicates: 0,
      outOfOrder: 0,
      pendingAcks: 0,
    });
  });

  it('leaves nothing unacknowledged while others publish to the same stream', async () => {
    const { nats, published } = await machine('shared');
    const consumers = ['central', 'edge'].map((durable) => ({ server: server.url, stream: 'shared', durable }));
    await Promise.all(consumers.map((consumer) => nats.ensureConsumer(consumer)));
    const found = await Promise.all(
      consumers.map(async (consumer, index) => {
        const { acknowledged } = await nats.publish({
          ...published,
          publisher: `to-${consumer.durable}`,
          count: 60 + index * 60,
        });
        return {
          acknowledged,
          read: await nats.consume({
            ...consumer,
            run,
            publisher: `to-${consumer.durable}`,
            count: 60 + index * 60,
            withinMs: 20_000,
          }),
        };
      }),
    );
    for (const { acknowledged, read } of found)
      expect(read).toEqual({
        sequences: acknowledged,
        messages: acknowledged[0]?.[1],
        duplicates: 0,
        outOfOrder: 0,
        pendingAcks: 0,
      });
  });

  it('says what came when the rest does not come in time', async () => {
    const { nats, published } = await machine('short');
    const consumer = { server: server.url, stream: 'short', durable: 'monitor' };
    await nats.ensureConsumer(consumer);
    await nats.publish({ ...published, publisher: 'a', count: 3 });
    expect(await nats.consume({ ...consumer, run, publisher: 'a', count: 4, withinMs: 1_500 })).toMatchObject({
      sequences: [[1, 3]],
      pendingAcks: 0,
    });
  });
});

describe('agentMessages', () => {
  it('counts the messages that name the agent since a time, and shows the newest', async () => {
    const { nats } = await machine('health');
    const tell = (agent: string, seq: number) =>
      withConnection((nc) =>
        nc.jetstream().publish('health.cluster', JSON.stringify({ publisher: agent, seq, token: 'hunter2' })),
      );
    const ask = { server: server.url, stream: 'health', agent: 'hub', withinMs: 3_000 };
    await tell('hub', 1);
    await setTimeout(20);
    const sinceMs = Date.now();
    await setTimeout(20);
    await tell('hub', 2);
    await tell('other', 9);
    void setTimeout(300).then(() => tell('hub', 3));
    expect(await nats.agentMessages({ ...ask, sinceMs, atLeast: 2 })).toEqual({
      messages: 2,
      newest: { publisher: 'hub', seq: 3, token: expect.stringMatching(/^\[secret#\w{8}\]$/) },
    });
    expect(await nats.agentMessages({ ...ask, agent: 'silent', sinceMs, atLeast: 1, withinMs: 500 })).toEqual({
      messages: 0,
      newest: null,
    });
  });
});

async function withConnection<T>(work: (nc: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const nc = await connect({ servers: server.url });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}
