// A container under a fault that nobody lifts: it runs again at the limit, whatever became of the worker.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faultActivities } from '../../../activities/faults/faults.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { change, faults, lifterOf, oneContainer } from './one-container.ts';

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
