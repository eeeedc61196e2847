// A ledger whose worker is killed in the middle of a change, or holds its lock.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { change, makeDirectory, resultsOf } from './changes.ts';

/** Another process that begins a change and is killed in it, holding the lock. */
async function killedInChange(host: Host, before: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'half-a-change.ts'), host.state, host.path('/'), before],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
}

describe('a worker killed between undo and change', () => {
  it('leaves an entry, and a lock that is taken over at once', { timeout: 20_000 }, async () => {
    const host = await temporaryMachine();
    await killedInChange(host, 'act');
    const ledger = ledgerOf(host, undo);
    expect(await ledger.entries(change.run)).toMatchObject([{ n: 1, done: false }]);
    expect(await ledger.holder()).toBeNull();
    const started = performance.now();
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/half already']);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('leaves no second entry when the step is tried again', { timeout: 20_000 }, async () => {
    const host = await temporaryMachine();
    await killedInChange(host, 'done');
    expect(await readdir(host.path('/'))).toEqual(['half']);
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/half', '2A.killed');
    expect(await ledger.entries(change.run)).toMatchObject([{ n: 1, done: true }]);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/half undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });
});

describe('an emergency', () => {
  it('ends a holder of the lock that does not let go, and closes the run under it', { timeout: 20_000 }, async () => {
    const host = await temporaryMachine();
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'half-a-change.ts'), host.state, host.path('/'), 'done'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const ledger = ledgerOf(host, undo);
    expect(await ledger.holder()).toMatchObject({ pid: child.pid, what: '2A.killed of week-1' });
    const started = performance.now();
    expect(resultsOf(await ledger.emergency(change.run, 'ada (ada@desk)'))).toEqual(['/half undone']);
    expect(performance.now() - started).toBeGreaterThan(2_000);
    expect(await ended).toBe('SIGKILL');
  });
});
