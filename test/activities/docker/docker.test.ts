// Containers by specification: the real client against a toy daemon, with a real ledger.
import { describe, expect, it } from 'vitest';
import { specDigest } from '../../../activities/docker/container-spec.ts';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { hostOf } from '../../../activities/context/host.ts';
import { matchLines } from '../../../activities/docker/log.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { marked } from './toy-docker.ts';
import { change, machine, spec } from './toy-machine.ts';

describe('capacity', () => {
  it('is what Docker says of the machine, and what is free where a directory is or will be', async () => {
    const { host, toy, containers } = await machine();
    toy.intercept = (request) =>
      request.startsWith('GET info')
        ? { status: 200, body: { NCPU: 4, MemTotal: 2 ** 33, CpuCfsQuota: true, MemoryLimit: false } }
        : undefined;
    const { bavail, bsize } = await host.files.statfs(host.path('/'));
    const { free, ...has } = await containers.capacity({ directories: ['/not/there/yet', '/'] });
    expect(has).toEqual({ cpus: 4, memoryBytes: 2 ** 33, limitsCpus: true, limitsMemory: false });
    expect(free.map(({ path }) => path)).toEqual(['/not/there/yet', '/']);
    expect(free[0]!.disk).toBe(free[1]!.disk);
    expect(Math.abs(free[0]!.bytes - bavail * bsize)).toBeLessThan(2 ** 30);
  });
});

describe('deployContainer', () => {
  it('creates and starts what is not there, with restart policy, ports, mounts under the root, hosts and labels', async () => {
    const { host, toy, containers } = await machine();
    expect(await containers.deployContainer({ change, spec })).toEqual({
      id: 'id1',
      action: 'created',
      specDigest: specDigest(spec),
    });
    expect(toy.containers.get('edgehub')).toMatchObject({
      status: 'running',
      config: {
        Image: spec.image,
        Cmd: spec.command,
        StopTimeout: 2,
        Labels: { 'io.hubshift.spec': specDigest(spec), 'io.hubshift.run': 'week-1' },
        HostConfig: {
          RestartPolicy: { Name: 'always' },
          PortBindings: { '9090/tcp': [{ HostPort: '9100' }] },
          ExtraHosts: ['MainPC:10.77.0.1'],
          Mounts: [{ Type: 'bind', Source: host.path('/pc2/data'), Target: '/prometheus', ReadOnly: false }],
        },
      },
    });
    expect(await containers.inspectContainer({ name: 'edgehub' })).toMatchObject({
      ours: true,
      running: true,
      restartPolicy: 'always',
      published: [{ host: 9100, container: 9090 }],
      ports: ['9100->9090'],
      binds: ['/pc2/data:/prometheus'],
      specDigest: specDigest(spec),
    });
  });

  it('publishes at the addresses that are wanted, and tells where', async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec: { ...spec, listen: ['127.0.0.1', '127.0.0.2'] } });
    const { HostConfig } = toy.containers.get('edgehub')!.config;
    expect(HostConfig.PortBindings).toEqual({
      '9090/tcp': [
        { HostIp: '127.0.0.1', HostPort: '9100' },
        { HostIp: '127.0.0.2', HostPort: '9100' },
      ],
    });
    const told = () => containers.inspectContainer({ name: 'edgehub' });
    expect(await told()).toMatchObject({
      published: [{ host: 9100, container: 9090, addresses: ['127.0.0.1', '127.0.0.2'] }],
      ports: ['9100->9090'],
    });
    // Made by hand: by Docker's own words for everywhere, and twice.
    HostConfig.PortBindings = {
      '9090/tcp': [
        { HostIp: '0.0.0.0', HostPort: '9100' },
        { HostIp: '::1', HostPort: '9101' },
      ],
    };
    expect((await told()).published).toEqual([
      { host: 9100, container: 9090 },
      { host: 9101, container: 9090, addresses: ['::1'] },
    ]);
  });

  it('is refused where the machine has not the address, before anything is stopped or made', async () => {
    const { toy, ledger, containers } = await machine();
    const theirs = { Image: 'theirs:1', HostConfig: {} };
    toy.containers.set('edgehub', { id: 'theirs', status: 'running', config: theirs });
    await expect(
      containers.deployContainer({ change, spec: { ...spec, listen: ['127.0.0.1', '192.0.2.1'] }, adopt: true }),
    ).rejects.toMatchObject({
      type: 'AddressMissing',
      nonRetryable: true,
      message: expect.stringMatching(/^PC2 can't listen at 192\.0\.2\.1 \(EADDRNOTAVAIL\), .*"address" and "listen"/),
    });
    expect(toy.containers.get('edgehub')).toMatchObject({ id: 'theirs', status: 'running' });
    expect(await ledger.entries(change.run)).toEqual([]);
  });

  it('gives what Docker has of the limits, and not what it was asked for', async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec: { ...spec, limits: { cpus: 0.5, memoryBytes: 2 ** 26 } } });
    expect(await containers.inspectContainer({ name: 'edgehub' })).toMatchObject({
      limits: { cpus: 0.5, memoryBytes: 2 ** 26 },
    });
    toy.containers.get('edgehub')!.config.HostConfig.Memory = 0;
    expect((await containers.inspectContainer({ name: 'edgehub' })).limits).toEqual({ cpus: 0.5 });
  });

  it('keeps a running container of the same specification, and starts a stopped or paused one', async () => {
    const { toy, containers } = await machine();
    const deploy = async () => (await containers.deployContainer({ change, spec })).action;
    await deploy();
    const container = toy.containers.get('edgehub')!;
    expect(await deploy()).toBe('kept');
    for (const status of ['exited', 'created', 'paused'] as const) {
      container.status = status;
      expect(await deploy(), status).toBe('started');
      expect(container.status).toBe('running');
    }
    expect(toy.requests.filter((request) => request.startsWith('POST create'))).toHaveLength(1);
  });

  it('replaces our container when the specification differs', async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec });
    const other = { ...spec, command: ['--web.enable-lifecycle', '--more'] };
    expect(await containers.deployContainer({ change, spec: other })).toEqual({
      id: 'id2',
      action: 'replaced',
      specDigest: specDigest(other),
    });
    expect(toy.containers.get('edgehub')?.config.Cmd).toEqual(other.command);
  });

  it("refuses a container that is someone else's by name, without touching it or the ledger", async () => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', { id: 'theirs', status: 'running', config: { Image: 'theirs:1', HostConfig: {} } });
    await expect(containers.deployContainer({ change, spec })).rejects.toMatchObject({
      type: 'ForeignContainer',
      nonRetryable: true,
      message: expect.stringMatching(/PC2.*edgehub.*theirs:1.*docker rename/),
    });
    expect(toy.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
    expect(await ledger.entries('week-1')).toEqual([]);
  });

  it('takes over what somebody created under the name at the same moment, if it is the same', async () => {
    const { toy, containers } = await machine();
    toy.intercept = (request) => {
      if (request !== 'POST create edgehub') return undefined;
      toy.intercept = () => undefined;
      toy.containers.set('edgehub', {
        id: 'twin',
        status: 'created',
        config: {
          Image: spec.image,
          Labels: { 'io.hubshift.spec': specDigest(spec), 'io.hubshift.run': change.run },
          HostConfig: {},
        },
      });
      return { status: 409, body: { message: 'Conflict' } };
    };
    expect(await containers.deployContainer({ change, spec })).toMatchObject({ id: 'twin', action: 'started' });
  });

  it('goes on after a crash between create and start', async () => {
    const { toy, ledger, containers } = await machine();
    toy.intercept = (request) =>
      request.startsWith('POST start') ? { status: 500, body: { message: 'port is already allocated' } } : undefined;
    await expect(containers.deployContainer({ change, spec })).rejects.toThrow(
      'Docker on PC2 could not start edgehub: port is already allocated',
    );
    toy.intercept = () => undefined;
    expect(await containers.deployContainer({ change, spec })).toMatchObject({ id: 'id1', action: 'started' });
    expect(await ledger.entries('week-1')).toHaveLength(1);
  });

  it('is not waited for by its undo where Docker has said no', async () => {
    const { toy, ledger, containers } = await machine();
    toy.intercept = (request) =>
      request.startsWith('POST create') ? { status: 500, body: { message: 'no such driver' } } : undefined;
    for (let attempt = 1; attempt <= 2; attempt += 1)
      await expect(containers.deployContainer({ change, spec })).rejects.toThrow('no such driver');
    toy.requests.length = 0;
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([{ result: 'already' }]);
    expect(toy.requests).toEqual(['GET inspect edgehub']);
  });

  it('is taken back by the ledger', async () => {
    const { toy, ledger, containers } = await machine();
    await containers.deployContainer({ change, spec });
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
      { kind: 'container.remove', target: 'edgehub', result: 'undone' },
    ]);
    expect(toy.containers.size).toBe(0);
  });
});

describe('inspectContainer', () => {
  it('does not take the beginning of an id for a name', async () => {
    const { toy, containers } = await machine();
    toy.containers.set('other', { id: 'cafe', status: 'running', config: { Image: 'x', HostConfig: {} } });
    expect(await containers.inspectContainer({ name: 'cafe' })).toMatchObject({ exists: false, status: 'missing' });
  });

  it('does not call a paused container running', async () => {
    const { toy, containers } = await machine();
    toy.containers.set('edgehub', { id: 'a', status: 'paused', config: { Image: 'x', HostConfig: {} } });
    expect(await containers.inspectContainer({ name: 'edgehub' })).toMatchObject({
      exists: true,
      running: false,
      ours: false,
    });
  });
});

describe('restartContainer', () => {
  it('restarts by one request, and says how long the container was down', async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec });
    toy.requests.length = 0;
    expect(await containers.restartContainer({ name: 'edgehub', stopGraceMs: 1000 })).toEqual({
      stoppedMs: 500,
      startedAt: '2026-01-01T00:00:04.500Z',
    });
    expect(toy.requests).toEqual(['POST restart edgehub', 'GET inspect edgehub']);
  });
});

describe('restartContainer of a run', () => {
  it("restarts what the run made, and nobody else's container that has the name by now", async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec });
    const restart = { name: 'edgehub', stopGraceMs: 1000, run: change.run };
    expect(await containers.restartContainer(restart)).toMatchObject({ stoppedMs: 500 });
    toy.containers.set('edgehub', { id: 'theirs', status: 'running', config: { Image: 'x', HostConfig: {} } });
    toy.requests.length = 0;
    await expect(containers.restartContainer(restart)).rejects.toMatchObject({ type: 'ForeignContainer' });
    expect(toy.requests).toEqual(['GET inspect edgehub']);
  });
});

describe('containerLog', () => {
  it('joins both streams, counts matching lines and keeps the first', async () => {
    const { toy, containers } = await machine();
    await containers.deployContainer({ change, spec });
    toy.log = Buffer.concat([marked(1, 'level=info up\n'), marked(2, 'level=error disk\nlevel=error again\n')]);
    expect(await containers.containerLog({ name: 'edgehub', sinceMs: 0, patterns: ['level=error', 'panic'] })).toEqual({
      lines: 3,
      matches: 2,
      first: ['level=error disk', 'level=error again'],
    });
  });

  it('leaves out what is said to be no error, as what EdgeHub logs of who asks it', () => {
    const handshake =
      'ts=1 caller=stdlib.go:105 level=error component=web caller="http: TLS handshake error from 10.77.0.1:52688" msg=EOF';
    const text = `${handshake}\nts=2 level=error msg="no space left"\n`;
    expect(matchLines(text, []).matches).toBe(2);
    expect(matchLines(text, [], ['http: TLS handshake error'])).toMatchObject({
      lines: 2,
      matches: 1,
      first: ['ts=2 level=error msg="no space left"'],
    });
  });

  it('keeps five lines at most, each cut', () => {
    const found = matchLines(`${'x'.repeat(1000)}\n`.repeat(9), ['x']);
    expect([found.matches, found.first.length, found.first[0]?.length]).toEqual([9, 5, 300]);
  });
});

describe('runOnce', () => {
  const ask = {
    image: 'prom/prometheus',
    entrypoint: ['/bin/promtool'],
    command: ['check', 'config'],
    binds: [],
    timeoutMs: 500,
  };

  it('gives exit code and output, and removes the container', async () => {
    const { toy, containers } = await machine();
    toy.log = marked(2, 'SUCCESS\n');
    expect(await containers.runOnce(ask)).toEqual({ exitCode: 0, output: 'SUCCESS\n' });
    expect(toy.containers.size).toBe(0);
  });

  it('hides a secret before its key is cut off with the front of the output', async () => {
    const { toy, containers } = await machine();
    toy.log = marked(2, `password: hunter1${'hunter2'.repeat(3_000)}\n${'.'.repeat(100)}\n`);
    const { output } = await containers.runOnce(ask);
    expect(output).toMatch(/^password: \[secret#\w+\]\n\.+\n$/);
  });

  it('removes what a killed worker left of the same ask, and its own container when that fails', async () => {
    const { toy, containers } = await machine();
    toy.intercept = (request) =>
      request.startsWith('POST start') ? { status: 400, body: { message: 'no such file: /bin/promtool' } } : undefined;
    await expect(containers.runOnce(ask)).rejects.toThrow('no such file: /bin/promtool');
    expect(toy.containers.size).toBe(0);
    const name = toy.requests.find((request) => request.startsWith('POST create'))!.split(' ')[2]!;
    toy.intercept = () => undefined;
    toy.containers.set(name, { id: 'left', status: 'running', config: { HostConfig: {} } });
    expect((await containers.runOnce(ask)).exitCode).toBe(0);
    expect(toy.requests).toContain(`DELETE remove ${name}`);
  });
});

describe('a daemon that is not there', () => {
  it('is named with its machine, its socket and what to do', async () => {
    const host = {
      ...(await temporaryMachine()),
      docker: hostOf({
        name: 'PC2',
        address: '127.0.0.1',
        root: '/',
        docker: '/nowhere/docker.sock',
        supervisor: '/none',
        state: '/none',
      }).docker,
    };
    await expect(containerActivities(host, ledgerOf(host, undo)).dockerVersion()).rejects.toThrow(
      'Docker on PC2 could not say its version: nothing answers at /nowhere/docker.sock (ENOENT): start dockerd',
    );
  });
});
