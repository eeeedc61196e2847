import Docker from 'dockerode';
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { faultActivities } from '../../../activities/faults/faults.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { isAlive, type ProcessId } from '../../../activities/host/process.ts';
import type { Fault } from '../../../plan/week/undo.ts';
import { temporaryMachine } from '../machine.ts';

const fault: Fault = { kind: 'container-stop', container: 'edgehub', stopGraceMs: 1_000 };
const change = { run: 'week-1', step: '2D.failover.stop' };

/** One container behind Docker's API on a real socket: what was asked of it, and a wait for it to run again. */
interface OneContainer {
  host: Host;
  asked: string[];
  socketPath: string;
  running(): boolean;
  started: Promise<number>;
}

async function oneContainer(): Promise<OneContainer> {
  const machine = await temporaryMachine();
  const socketPath = join(machine.state, '..', 'docker.sock');
  const asked: string[] = [];
  let [running, paused] = [true, false];
  let startedAt: (at: number) => void;
  const started = new Promise<number>((resolve) => (startedAt = resolve));
  const server = createServer(({ url = '' }, answer) => {
    const action = url.split('?')[0]?.split('/').at(-1) ?? '';
    if (action === 'json') {
      answer
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ Name: '/edgehub', State: { Running: running, Paused: paused }, Config: { Labels: {} } }));
      return;
    }
    asked.push(action);
    [running, paused] = [!['stop', 'kill'].includes(action), action === 'pause'];
    if (running && !paused) startedAt(performance.now());
    answer.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => void server.close());
  return {
    host: { ...machine, docker: new Docker({ socketPath }) },
    asked,
    socketPath,
    running: () => running && !paused,
    started,
  };
}

const faults: [Fault, did: string, undid: string][] = [
  [fault, 'stop', 'start'],
  [{ kind: 'container-kill', container: 'edgehub' }, 'kill', 'start'],
  [{ kind: 'container-pause', container: 'edgehub' }, 'pause', 'unpause'],
];

describe('a container under a fault', () => {
  it.each(faults)(
    '$kind: runs again at the limit by a process of its own',
    { timeout: 20_000 },
    async (fault, did, undid) => {
      const { host, asked, running, started } = await oneContainer();
      const before = performance.now();
      await faultActivities(host, ledgerOf(host, undo)).injectFault({ change, fault, limitMs: 1_500 });
      expect(running()).toBe(false);
      expect((await started) - before).toBeGreaterThan(1_500);
      expect(asked).toEqual([did, undid]);
    },
  );

  it.each(faults)(
    '$kind: runs again when the fault is lifted, and is left alone at the limit',
    { timeout: 20_000 },
    async (fault, did, undid) => {
      const { host, asked, running } = await oneContainer();
      const ledger = ledgerOf(host, undo);
      const faults = faultActivities(host, ledger);
      const first = await faults.injectFault({ change, fault, limitMs: 2_000 });
      expect((await faults.injectFault({ change, fault, limitMs: 2_000 })).at).toBe(first.at);
      const lifter = lifterOf(host);
      await faults.liftFault({ run: change.run, fault });
      await faults.liftFault({ run: change.run, fault });
      expect(running()).toBe(true);
      await expect.poll(() => isAlive(lifter)).toBe(false);
      expect(asked).toEqual([did, undid]);
      expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([{ result: 'already' }]);
    },
  );

  it('is not started by a rollback that removes it', { timeout: 20_000 }, async () => {
    const { host, asked } = await oneContainer();
    const ledger = ledgerOf(host, undo);
    await ledger.change(
      { run: change.run, step: '2A.deploy.container' },
      'container edgehub',
      async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: 'd', stopGraceMs: 1_000 }),
      async () => undefined,
    );
    await faultActivities(host, ledger).injectFault({ change, fault, limitMs: 2_000 });
    const lifter = lifterOf(host);
    await ledger.rollback({ run: change.run, scope: 'all' });
    await expect.poll(() => isAlive(lifter)).toBe(false);
    expect(asked).not.toContain('start');
  });
});

/** A cgroup of the worker's own, where this host lets us make one. */
const cgroup = [
  `/sys/fs/cgroup/hubshift-test-${process.pid}`,
  `/sys/fs/cgroup/unified/hubshift-test-${process.pid}`,
].find((path) => {
  try {
    accessSync(join(path, '..', 'cgroup.procs'), constants.W_OK);
    mkdirSync(path);
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
});

describe.runIf(cgroup)('a worker that is killed with its cgroup', () => {
  it('does not take the lifter with it', { timeout: 20_000 }, async () => {
    const { host, asked, started, socketPath } = await oneContainer();
    mkdirSync(cgroup as string);
    onTestFinished(() => rmdirSync(cgroup as string));
    const worker = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'stop-and-hang.ts'), host.state, socketPath, '3000'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    writeFileSync(join(cgroup as string, 'cgroup.procs'), String(worker.pid));
    worker.stdin.end('go');
    await new Promise((resolve) => worker.stdout.once('data', resolve));
    const members = readFileSync(join(cgroup as string, 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
    expect(members).toContain(worker.pid);
    expect(members).not.toContain(lifterOf(host).pid);
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    for (const pid of members) process.kill(pid, 'SIGKILL');
    await ended;
    await started;
    expect(asked).toEqual(['stop', 'start']);
  });
});

function lifterOf(host: Host): ProcessId {
  const directory = join(host.state, 'faults');
  const [file = ''] = readdirSync(directory);
  return (JSON.parse(readFileSync(join(directory, file), 'utf8')) as { lifter: ProcessId }).lifter;
}
