// Quick tests have no programs, wherever they run: one that needs some fails here first, not at whoever has none.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../lab/state.ts';

test('no program is on the path, and nothing in the cache', () => {
  expect(spawnSync('ls', { timeout: 5_000 }).error).toMatchObject({ code: 'ENOENT' });
  expect(existsSync(cacheDirectory)).toBe(false);
});
