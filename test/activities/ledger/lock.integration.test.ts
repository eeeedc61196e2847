// The machine's lock between processes.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ended, paths } from './lock-files.ts';

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
});
