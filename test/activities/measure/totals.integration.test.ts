// Measuring all along: totals that go on from slice to slice, gaps that stay unknown, and messages through real servers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect } from 'nats';
import { perMs } from '../../../plan/evidence/costs.ts';
import { measure } from '../../../activities/measure/totals.ts';
import { encoded, histogram, recordMs } from '../../../activities/measure/histogram.ts';
import { courier } from '../../../activities/measure/messages.ts';
import type { MeasureAsk } from '../../../plan/machine-api/measure.ts';
import { lookedFrom } from '../../../plan/evidence/looked.ts';
import { nothingMeasured } from '../../../plan/evidence/measured.ts';
import { sizeOf } from '../../../plan/evidence/sequence-sets.ts';
import { anyHost, temporaryMachine } from '../machine.ts';
import { natsServers, type TestServer } from '../nats/servers.ts';

/** Where the supervisor listens is known when a test says so, to whoever asks after next(). */
const held = vi.hoisted(() => {
  let answer: Promise<unknown> | undefined;
  const next = () => {
    let found!: (server: unknown) => void;
    answer = new Promise((resolve) => (found = resolve));
    return found;
  };
  return { next, answer: () => answer };
});
vi.mock('../../../activities/supervisor/server.ts', async (original) => {
  const real = await original<typeof import('../../../activities/supervisor/server.ts')>();
  return { ...real, serverOf: (file: string) => held.answer() ?? real.serverOf(file) };
});

describe('what was found at a look', () => {
  const look = (up: boolean) => [{ target: 'edgehub', up }];

  it('holds until the next one; when that is late, for one interval', () => {
    const first = lookedFrom(nothingMeasured(), { at: 1_000, looks: look(true) }, 2_000, 1_000);
    expect(first).toMatchObject({ seen: [[1_000, 1_999]], targets: { edgehub: { since: 1_000, down: [] } } });
    const second = lookedFrom(first, { at: 2_000, looks: look(false) }, 9_000, 1_000);
    expect(second).toMatchObject({
      seen: [[1_000, 2_999]],
      targets: { edgehub: { since: 1_000, down: [[2_000, 2_999]] } },
    });
  });

  it('of what is on another machine stands apart', () => {
    const looks = [...look(true), { target: 'agent', up: true, outside: true as const }];
    const first = lookedFrom(nothingMeasured(), { at: 1_000, looks }, 2_000, 1_000);
    expect(first).toMatchObject({ outside: [{ names: ['agent'], since: 1_000, down: [] }] });
    expect(first.targets).not.toHaveProperty('agent');
    expect(lookedFrom(nothingMeasured(), { at: 1_000, looks: look(true) }, 2_000, 1_000)).not.toHaveProperty('outside');
  });

  it('counts only from the first time that a target was up', () => {
    const before = lookedFrom(nothingMeasured(), { at: 1_000, looks: look(false) }, 2_000, 1_000);
    expect(before.targets).toEqual({});
    expect(lookedFrom(before, { at: 2_000, looks: look(true) }, 3_000, 1_000).targets).toEqual({
      edgehub: { since: 2_000, down: [] },
    });
  });
});

it('what is used in a millisecond is that of all that was there before and did not begin its count again', () => {
  const points = (of: Record<string, [atMs: number, networkBytes?: number]>) =>
    new Map(
      Object.entries(of).map(([name, [atMs, networkBytes]]) => [
        name,
        { atMs, cpuMs: 0, memoryBytes: 0, networkBytes },
      ]),
    );
  const before = points({ edgehub: [0, 100], restarted: [0, 5_000], agent: [0], same: [10, 7] });
  const now = points({ edgehub: [10, 150], restarted: [10, 30], agent: [10], same: [10, 9], fresh: [10, 900] });
  expect(perMs(before, now, ({ networkBytes }) => networkBytes)).toBe(5);
});

describe('histograms', () => {
  it('add up over slices to what one would have been, within 1 %', () => {
    let soFar = null;
    for (let slice = 0; slice < 4; slice += 1) {
      const hdr = histogram(soFar);
      for (let ms = 1; ms <= 100; ms += 1) recordMs(hdr, ms + slice * 100);
      soFar = encoded(hdr);
    }
    expect(soFar).toMatchObject({ count: 400 });
    for (const [percent, ms] of [
      ['p50', 200],
      ['p95', 380],
      ['p99', 396],
      ['max', 400],
    ] as const)
      expect(Math.abs(soFar![percent] - ms) / ms, percent).toBeLessThanOrEqual(0.011);
  });

  it('are nothing without a value, and take one of any length', () => {
    const hdr = histogram(null);
    expect(encoded(hdr)).toBeNull();
    recordMs(hdr, 1e9);
    expect(encoded(hdr)!.max).toBeGreaterThan(59_000);
  });
});

describe('messages between two servers', () => {
  let servers: TestServer[] = [];
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ servers, remove } = await natsServers('nats-main', 'nats-pc2'));
    await Promise.all(servers.map((server) => server.start()));
  }, 120_000);
  afterAll(() => remove());

  const ask = (index: number, answers: string, other: string): MeasureAsk['messages'] => ({
    server: servers[index]!.url,
    answers,
    to: { [other]: `measure.${other}` },
    run: 'week-1',
  });

  it('are answered with their number, and unheard while nobody listens there', async () => {
    const here = courier(anyHost, ask(0, 'measure.MainPC', 'PC2'), {});
    const there = courier(anyHost, ask(1, 'measure.PC2', 'MainPC'), {});
    try {
      await expect
        .poll(async () => (await here.send(), sizeOf(here.totals()['PC2']!.answered)), { timeout: 20_000 })
        .toBeGreaterThan(2);
      const { sent, answered, unheard, lostAt, latency } = here.totals()['PC2']!;
      expect(sizeOf(sent)).toBe(sizeOf(answered) + sizeOf(unheard) + lostAt.length);
      expect(latency).toMatchObject({ count: sizeOf(answered), p50: expect.any(Number) });

      await there.close();
      const before = here.totals()['PC2']!;
      await expect
        .poll(async () => (await here.send(), sizeOf(here.totals()['PC2']!.unheard)), { timeout: 20_000 })
        .toBeGreaterThan(sizeOf(before.unheard));
      expect(here.totals()['PC2']!.answered).toEqual(before.answered);
      // It had answered before: that nobody hears it any more has its time.
      const { silences = [], unheard: all } = here.totals()['PC2']!;
      expect(silences.at(-1)).toMatchObject({ last: all.at(-1)![1], count: expect.any(Number) });
      expect(silences.at(-1)!.toMs).toBeGreaterThanOrEqual(silences.at(-1)!.fromMs);
    } finally {
      await Promise.all([here.close(), there.close()]);
    }
  });

  it('are lost, with the time, when who listens there is silent', async () => {
    const silent = await connect({ servers: servers[1]!.url });
    silent.subscribe('measure.PC2');
    await silent.flush();
    const here = courier(anyHost, ask(0, 'measure.MainPC', 'PC2'), {});
    const began = Date.now();
    try {
      await expect
        .poll(async () => (await here.send(), here.totals()['PC2']!.lostAt.length), { timeout: 20_000 })
        .toBeGreaterThan(0);
      expect(here.totals()['PC2']!.lostAt[0]).toBeGreaterThanOrEqual(began);
      expect(here.totals()['PC2']!.answered).toEqual([]);
      expect(here.totals()['PC2']!.silences).toEqual([]);
    } finally {
      await Promise.all([here.close(), silent.close()]);
    }
  });

  it('go on with the next number in the next slice', async () => {
    const soFar = {
      PC2: {
        sent: [[1, 7]] as [number, number][],
        answered: [[1, 7]] as [number, number][],
        unheard: [],
        lostAt: [],
        latency: null,
      },
    };
    const here = courier(anyHost, ask(0, 'measure.MainPC', 'PC2'), soFar);
    try {
      await expect
        .poll(async () => (await here.send(), here.totals()['PC2']!.sent), { timeout: 20_000 })
        .toEqual([[1, 8]]);
    } finally {
      await here.close();
    }
  });
});

it('messages whose server answers only when the slice is over leave no connection behind', async () => {
  const slow = createTcpServer().listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const port = (slow.address() as AddressInfo).port;
  const here = courier(anyHost, { server: `nats://127.0.0.1:${port}`, answers: 'a', to: {}, run: 'week-1' }, {});
  const [socket] = (await once(slow, 'connection')) as [Socket];
  try {
    await here.close();
    socket.on('data', (data) => {
      if (String(data).includes('PING')) socket.write('PONG\r\n');
    });
    socket.write(
      `INFO ${JSON.stringify({ server_id: 'slow', version: '2.10.0', host: '127.0.0.1', port, max_payload: 1_048_576, proto: 1 })}\r\n`,
    );
    await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  } finally {
    socket.destroy();
    slow.close();
  }
});

describe('a slice', () => {
  it('that is cancelled in the middle of a look gives what it has, though the supervisor comes last', async () => {
    const host = await temporaryMachine();
    const found = held.next();
    let asked = false;
    const mute = createServer(() => void (asked = true)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const env = new MockActivityEnvironment();
    try {
      const slice = env.run(measure, host, {
        soFar: nothingMeasured(),
        untilMs: Date.now() + 60_000,
        intervalMs: 100,
        timeoutMs: 50_000,
        urls: { agent: { url, timed: true } },
        programs: { agent: 'agent' },
        containers: [],
        messages: { server: 'nats://127.0.0.1:1', answers: 'a', to: {}, run: 'week-1' },
      });
      await expect.poll(() => asked).toBe(true);
      env.cancel('WORKER_SHUTDOWN');
      // Only now the supervisor's configuration can be read to its end.
      await setImmediate();
      found({ url: 'http://127.0.0.1:1', options: {} });
      expect(await slice).toEqual(nothingMeasured());
    } finally {
      mute.closeAllConnections();
      mute.close();
    }
  });

  it('takes an agent that answers for up while supervisord does not', async () => {
    const web = createServer((_request, response) => void response.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    held.next()({ url: 'http://127.0.0.1:1', options: {} });
    try {
      const { targets } = await measure(await temporaryMachine(), {
        soFar: { ...nothingMeasured(), targets: { agent: { since: 1, down: [] }, dead: { since: 1, down: [] } } },
        untilMs: Date.now() + 300,
        intervalMs: 100,
        timeoutMs: 500,
        urls: { agent: { url, timed: false }, dead: { url: 'http://127.0.0.1:1', timed: false } },
        programs: { agent: 'agent', dead: 'dead' },
        containers: [],
        messages: { server: '', answers: '', to: {}, run: 'week-1' },
      });
      expect(targets['agent']).toEqual({ since: 1, down: [] });
      expect(sizeOf(targets['dead']!.down)).toBeGreaterThan(0);
    } finally {
      web.close();
    }
  });

  it('has not seen the time in which it could not look, and looks at no other machine where there is none', async () => {
    const host = await temporaryMachine();
    const ask = {
      soFar: nothingMeasured(),
      untilMs: Date.now() + 300,
      intervalMs: 100,
      timeoutMs: 100,
      urls: {},
      outside: {},
      programs: {},
      containers: [],
      messages: { server: '', answers: '', to: {}, run: 'week-1' },
    };
    const seen = await measure(host, ask);
    expect(seen.samples).toBeGreaterThan(0);
    expect(sizeOf(seen.seen)).toBeGreaterThan(0);
    expect(seen.outside).toEqual([]);
    const broken = { urls: { edgehub: null as never } };
    expect(await measure(host, { ...ask, ...broken, untilMs: Date.now() + 300 })).toMatchObject({
      samples: 0,
      seen: [],
    });
  });

  it('measures what answers and what does not, with the totals of before', async () => {
    const web = createServer(
      (request, response) => void response.writeHead(request.url === '/down' ? 503 : 200).end(),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const host = await temporaryMachine();
    const slice = (soFar = nothingMeasured()) =>
      measure(host, {
        soFar,
        untilMs: Date.now() + 500,
        intervalMs: 100,
        timeoutMs: 2_000,
        urls: { edgehub: { url, timed: true }, gone: { url: `${url}/down`, timed: true } },
        timed: {
          urls: { 'edgehub query': url, 'edgehub refuses': `${url}/down`, 'gone query': `${url}/down` },
          writes: { 'edgehub write': url, 'gone write': 'http://127.0.0.1:1' },
        },
        outside: { agent: url, lost: `${url}/down` },
        programs: {},
        containers: [],
        messages: { server: 'nats://127.0.0.1:1', answers: 'a', to: { PC2: 'b' }, run: 'week-1' },
      });
    try {
      const first = await slice();
      expect(first.samples).toBeGreaterThan(1);
      expect(first.targets).toEqual({ edgehub: { since: expect.any(Number), down: [] } });
      expect(first.outside).toEqual([{ names: ['agent'], since: expect.any(Number), down: [] }]);
      expect(first.responses).toMatchObject({ edgehub: { count: first.samples } });
      // What is only timed is no target. A hub that is up and refuses is as slow as one that needs all of the time; one that is down is not slow.
      expect(Object.keys(first.responses).sort()).toEqual([
        'edgehub',
        'edgehub query',
        'edgehub refuses',
        'edgehub write',
      ]);
      expect(first.responses['edgehub refuses']!.p50).toBeGreaterThanOrEqual(1_990);
      expect(first.responses['edgehub query']!.p50).toBeLessThan(1_990);
      expect(first.messages['PC2']).toMatchObject({ sent: [], lostAt: [] });
      const second = await slice(first);
      expect(second.samples).toBeGreaterThan(first.samples);
      expect(second.responses['edgehub']!.count).toBe(second.samples);
      expect(sizeOf(second.seen)).toBeGreaterThan(sizeOf(first.seen));
    } finally {
      web.close();
    }
  });
});
