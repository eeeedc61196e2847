import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { holder, withLock } from '../../../activities/ledger/lock.ts';
import { processId } from '../../../activities/host/process.ts';
import { temporaryMachine } from '../machine.ts';

async function paths(): Promise<{ lock: string; file: string }> {
  const { state } = await temporaryMachine();
  mkdirSync(join(state, 'lock'), { recursive: true });
  return { lock: join(state, 'lock'), file: join(state, 'counter') };
}

const ended = (lock: string, pid: number, startTicks: string): void =>
  writeFileSync(
    join(lock, '7'),
    JSON.stringify({ ...processId(process.pid), pid, startTicks, what: 'a deployment', since: 0 }),
  );

describe('the lock', () => {
  it('is held by one at a time, over processes that all find a dead holder', { timeout: 60_000 }, async () => {
    const { lock, file } = await paths();
    writeFileSync(file, '0');
    ended(lock, 2 ** 22 - 1, '1');
    const counters = [0, 1, 2].map(() =>
      spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'count.ts'), lock, file, '40'], {
        stdio: 'inherit',
      }),
    );
    const codes = await Promise.all(counters.map((counter) => new Promise((resolve) => counter.once('exit', resolve))));
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(file, 'utf8')).toBe('120');
    expect(readdirSync(lock)).toHaveLength(1);
  });

  it('of a process whose number somebody else has by now is free', async () => {
    const { lock } = await paths();
    ended(lock, process.pid, '1');
    expect(await holder(lock)).toBeNull();
    expect(await withLock(lock, 'a change', { waitMs: 1_000 }, async () => (await holder(lock))?.what)).toBe(
      'a change',
    );
    expect(await holder(lock)).toBeNull();
  });

  it('is waited for no longer than asked, and the error says who has it and what for', async () => {
    const { lock } = await paths();
    ended(lock, 1, processId(1).startTicks);
    await expect(withLock(lock, 'a change', { waitMs: 200 }, async () => undefined)).rejects.toThrow(
      /No lock for a change within 0.2 s: process 1 has it since 1970.* for a deployment/,
    );
  });

  it('is free again after work that failed or was not waited for', async () => {
    const { lock } = await paths();
    await expect(withLock(lock, 'a', { waitMs: 100 }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const slow = withLock(lock, 'b', { waitMs: 100 }, () => setTimeout(400));
    await expect(withLock(lock, 'c', { waitMs: 100 }, async () => 'c')).rejects.toThrow('for b');
    const last = withLock(lock, 'd', { waitMs: 5_000 }, async () => 'd');
    await slow;
    expect(await last).toBe('d');
  });
});
