// The machine and its neighbours: clock, ports, probes, rights, names.
import { MockActivityEnvironment } from '@temporalio/testing';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MachineFacts } from '../../../plan/machine-api/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { hostActivities } from '../../../activities/host/host.ts';
import { dialOutcome } from '../../../activities/host/resolve-names.ts';
import { machine as toyMachine } from '../docker/toy-machine.ts';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function machine() {
  const toy = await toyMachine();
  return { ...toy, activities: hostActivities(toy.host, toy.ledger, 'digest') };
}

describe('describeMachine', () => {
  it('compares its clock with the time at which the server scheduled the attempt', async () => {
    const { activities, host } = await machine();
    const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: Date.now() - 5_000 });
    const facts = (await environment.run(activities.describeMachine)) as MachineFacts;
    expect(facts).toMatchObject({ machine: 'PC2', build: 'digest', node: process.version });
    const { address, root, docker } = host.plannedAs;
    expect(facts.planned).toMatchObject({ address, root, docker });
    expect(facts.clockOffsetMs).toBeGreaterThanOrEqual(5_000);
    expect(facts.clockOffsetMs).toBeLessThan(6_000);
  });
});

describe('portHolders', () => {
  it('names the process that listens, the container that publishes, and what is free', async () => {
    const { activities, toy } = await machine();
    const [held, free] = [await listening(createServer()), await closedPort()];
    const published = await closedPort();
    toy.containers.set('node-exporter', {
      id: 'a',
      status: 'running',
      config: { HostConfig: { PortBindings: { '9100/tcp': [{ HostPort: String(published) }] } } },
    });
    expect(await activities.portHolders({ ports: [held, free, published] })).toEqual([
      { port: held, free: false, pid: process.pid, process: 'node' },
      { port: free, free: true },
      { port: published, free: false, container: 'node-exporter' },
    ]);
  });
});

describe('portHolders at some addresses', () => {
  it('names who is in the way of a listener there, and nobody else', async () => {
    const { activities, toy } = await machine();
    const port = await listening(createServer());
    const published = await closedPort();
    const elsewhere = { '9100/tcp': [{ HostIp: '10.0.0.7', HostPort: String(published) }] };
    toy.containers.set('other', {
      id: 'a',
      status: 'running',
      config: { HostConfig: { PortBindings: elsewhere } },
    });
    const held = async (addresses?: string[]) =>
      (await activities.portHolders({ ports: [port, published], addresses })).map(({ free }) => !free);
    expect(await held()).toEqual([true, true]);
    expect(await held(['127.0.0.1', '10.0.0.7'])).toEqual([true, true]);
    expect(await held(['127.0.0.2'])).toEqual([false, false]);
    expect(await held(['::1', '10.0.0.7'])).toEqual([false, true]);
  });

  it.each([
    ['0.0.0.0', true, false],
    ['::', true, true],
  ])('who listens at %s is in the way of IPv4: %s, of IPv6: %s', async (address, ofIpv4, ofIpv6) => {
    const { activities } = await machine();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const isHeld = async (at: string) => !(await activities.portHolders({ ports: [port], addresses: [at] }))[0]!.free;
    expect([await isHeld('10.0.0.7'), await isHeld('fd00::7')]).toEqual([ofIpv4, ofIpv6]);
  });
});

describe('probe', () => {
  const serving = async (answer: RequestListener) => `http://127.0.0.1:${await listening(createHttpServer(answer))}/`;

  it('gives status and time of an answer, and is not ok for anything but 2xx', async () => {
    const { activities } = await machine();
    const url = await serving((_, response) => setTimeout(() => response.writeHead(503).end(), 30));
    const found = await activities.probe({ url, timeoutMs: 1_000 });
    expect(found).toMatchObject({ url, ok: false, status: 503 });
    expect(found.latencyMs).toBeGreaterThanOrEqual(29);
  });

  it('says why there was no answer', async () => {
    const { activities } = await machine();
    const silent = await serving(() => undefined);
    expect(await activities.probe({ url: silent, timeoutMs: 100 })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/time-out after 100 ms/),
    });
    expect(await activities.probe({ url: `http://127.0.0.1:${await closedPort()}/`, timeoutMs: 1_000 })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  it('opens a connection of its own each time', async () => {
    const { activities } = await machine();
    const connections: (string | undefined)[] = [];
    const url = await serving((request, response) => {
      connections.push(request.headers.connection);
      response.end();
    });
    await activities.probe({ url, timeoutMs: 1_000 });
    expect(connections).toEqual(['close']);
  });
});

describe('awaitReady', () => {
  it('asks again until the answer is good', async () => {
    const { activities } = await machine();
    let asked = 0;
    const port = await listening(
      createHttpServer((_, response) => response.writeHead((asked += 1) < 3 ? 503 : 200).end()),
    );
    expect(await activities.awaitReady({ url: `http://127.0.0.1:${port}/`, withinMs: 5_000 })).toMatchObject({
      ok: true,
      status: 200,
    });
    expect(asked).toBe(3);
  });

  it('gives the last answer when the time is over, and stops at once when cancelled', async () => {
    const { activities } = await machine();
    const port = await listening(createHttpServer((_, response) => response.writeHead(500).end()));
    const url = `http://127.0.0.1:${port}/`;
    expect(await activities.awaitReady({ url, withinMs: 300 })).toMatchObject({ ok: false, status: 500 });
    const environment = new MockActivityEnvironment();
    const started = performance.now();
    const waiting = environment.run(activities.awaitReady, { url, withinMs: 60_000 });
    environment.cancel();
    await expect(waiting).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('probeTcp', () => {
  it('tells a listener from a closed port', async () => {
    const { activities } = await machine();
    const [open, closed] = [await listening(createServer()), await closedPort()];
    expect(
      await activities.probeTcp({
        targets: [
          { address: '127.0.0.1', port: open },
          { address: '127.0.0.1', port: closed },
        ],
        timeoutMs: 1_000,
      }),
    ).toEqual([
      { target: `127.0.0.1:${open}`, connected: true },
      { target: `127.0.0.1:${closed}`, connected: false, error: 'ECONNREFUSED' },
    ]);
  });
});

describe('checkRights', () => {
  const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };

  it('names what the week would make and others have made, as the step would refuse it; what is ours, or free, is fine', async () => {
    const { host, toy, ledger, activities } = await machine();
    const files = fileActivities(host, ledger);
    const job = (name: string) => ({ job_name: name, honor_labels: true, static_configs: [] });
    const edit = { kind: 'scrape-jobs' as const, jobs: [job('ours')] };
    const container = (id: string, labels: object) =>
      toy.containers.set(id, {
        id,
        status: 'running',
        config: { Image: 'x', Labels: labels, HostConfig: {} },
      } as never);
    await writeFile(host.path('/hub.yml'), 'scrape_configs:\n  - job_name: theirs\n');
    await ledger.open('week-1', 'plan');
    await files.editFile({ change: { run: 'week-1', step: '2B.scrape.central' }, path: '/hub.yml', edit });
    container('edgehub', { 'io.hubshift.run': 'week-0' });
    container('nats-pc2', { 'io.hubshift.run': 'week-1' });
    await mkdir(host.path('/full/of'), { recursive: true });
    await mkdir(host.path('/empty'));
    const makes = {
      run: 'week-1',
      containers: ['edgehub', 'nats-pc2', 'pushgateway-pc2'],
      directories: ['/full', '/empty', '/missing'],
      jobs: [
        { path: '/hub.yml', names: ['ours', 'another'] },
        { path: '/hub.yml', names: ['ours', 'theirs'] },
      ],
      // Nobody answers there: there is none.
      streams: [{ server: `nats://127.0.0.1:${await closedPort()}`, name: 'metrics' }],
    };
    const [, ...rights] = await activities.checkRights({ ...nothing, makes });
    const fine = { ok: true, detail: 'free, or ours' };
    expect(rights).toMatchObject([
      { what: 'the ledger', ...fine },
      { what: 'container edgehub', ok: false, detail: expect.stringMatching(/made by run week-0.*adopt: \[edgehub\]/) },
      { what: 'container nats-pc2', ...fine },
      { what: 'container pushgateway-pc2', ...fine },
      {
        what: 'directory /full',
        ok: false,
        detail: expect.stringMatching(/not made by hubshift.*"adopt" of the plan/),
      },
      { what: 'directory /empty', ...fine },
      { what: 'directory /missing', ...fine },
      { what: 'scrape jobs in /hub.yml', ...fine },
      {
        what: 'scrape jobs in /hub.yml',
        ok: false,
        detail: expect.stringMatching(/scrape job theirs.*adopt: \[theirs\]/),
      },
      { what: 'stream metrics', ...fine },
    ]);
  });

  it('looks at the nearest directory that exists, and makes none', async () => {
    const { host, activities } = await machine();
    const rights = await activities.checkRights({ ...nothing, directories: ['/pc2/observability/data'] });
    expect(rights).toMatchObject([
      { what: 'Docker', ok: true },
      { what: 'directory /pc2/observability/data', ok: true, detail: expect.stringContaining('will be made under') },
    ]);
    await expect(chmod(host.path('/pc2'), 0o755)).rejects.toThrow('ENOENT');
  });

  it('looks at what is free for a directory that is not there yet', async () => {
    const { host, ledger } = await machine();
    const files = { ...host.files, statfs: async () => ({ bavail: 3, bsize: 2 ** 20 }) };
    const { checkRights } = hostActivities({ ...host, files }, ledger, '');
    const room = (atLeast: number) => checkRights({ ...nothing, room: [{ path: '/pc2/data', atLeast }] });
    expect((await room(3 * 2 ** 20)).at(-1)).toEqual({ what: 'room in /pc2/data', ok: true, detail: '3 MiB free' });
    expect((await room(2 ** 30)).at(-1)).toMatchObject({
      ok: false,
      detail:
        '3 MiB free on the disk of /pc2/data on PC2; the plan wants 1 GiB: make room, or name a directory on another disk',
    });
  });

  it('refuses a path that leads through a file', async () => {
    const { host, activities } = await machine();
    await writeFile(host.path('/pc2'), '');
    expect(await activities.checkRights({ ...nothing, directories: ['/pc2/data'] })).toMatchObject([
      {},
      { ok: false, detail: expect.stringContaining('ENOTDIR') },
    ]);
  });

  it('wants files to be there', async () => {
    const { host, activities } = await machine();
    await mkdir(host.path('/code'));
    await writeFile(host.path('/code/a.yaml'), '');
    expect(await activities.checkRights({ ...nothing, files: ['/code/a.yaml', '/code/b.yaml'] })).toMatchObject([
      {},
      { ok: true },
      { ok: false, detail: '/code/b.yaml is not on PC2: correct the path in the plan' },
    ]);
  });

  it('names what is missing of Docker, supervisord and images, with what mends it', async () => {
    const { host, ledger, toy } = await machine();
    toy.intercept = (request) => (request.includes('nats') ? { status: 404, body: { message: 'no' } } : undefined);
    const broken = hostActivities({ ...host, supervisorConfig: join(host.state, 'none.conf') }, ledger, '');
    const rights = await broken.checkRights({ ...nothing, programs: ['a'], images: ['nats:2'] });
    expect(rights).toMatchObject([
      { ok: true },
      { what: 'program a', ok: false, detail: expect.stringContaining('supervisord') },
      { what: 'image nats:2', ok: false, detail: expect.stringContaining('docker load') },
    ]);
    toy.intercept = () => ({ status: 500, body: { message: 'broken' } });
    expect(await broken.checkRights(nothing)).toMatchObject([
      { what: 'Docker', ok: false, detail: expect.stringContaining('broken') },
    ]);
  });
});

describe('resolveNames', () => {
  it('resolves here, and reads the proof from inside a container', async () => {
    const { activities } = await machine();
    // The toy's container says nothing, which proves nothing.
    expect(await activities.resolveNames({ names: ['localhost'], hosts: {}, image: 'prom/prometheus' })).toEqual([
      {
        name: 'localhost',
        here: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
        all: expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
        inContainer: false,
        detail: 'promtool said nothing',
      },
    ]);
  });

  it.each([
    [
      'a refused connection',
      'query error: Post "http://PC2:1/api/v1/query": dial tcp 10.77.0.2:1: connect: connection refused',
      true,
    ],
    [
      'an address that does not answer',
      'query error: Post "http://X:1/api/v1/query": dial tcp 10.77.0.77:1: i/o timeout',
      true,
    ],
    [
      'an IPv6 address',
      'query error: Post "http://X:1/api/v1/query": dial tcp [fd00::2]:1: connect: connection refused',
      true,
    ],
    [
      'a name that nobody knows',
      'query error: Post "http://Nope:1/api/v1/query": dial tcp: lookup Nope on 10.0.0.53:53: no such host',
      false,
    ],
    [
      'a name server that does not answer',
      'query error: Post "http://Nope:1/api/v1/query": dial tcp: lookup Nope on 10.0.0.53:53: read udp 172.17.0.2:1->10.0.0.53:53: i/o timeout',
      false,
    ],
    ['another complaint', 'promtool: error: unexpected flag', false],
  ])('takes %s for what it is', (_, output, inContainer) => {
    expect(dialOutcome(`${output}\n`).inContainer).toBe(inContainer);
  });
});
