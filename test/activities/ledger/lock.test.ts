// The machine's lock within a process: free, taken, waited for.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { processId } from '../../../activities/host/process.ts';
import { holder, withLock } from '../../../activities/ledger/lock.ts';
import { ended, paths } from './lock-files.ts';

describe('the lock', () => {
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
