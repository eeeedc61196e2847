// The digest that must be the same on all workers.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { buildDigest, digestOf } from '../../workers/build.ts';

async function tree(files: Record<string, string>): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'hubshift-build-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(base, name, '..'), { recursive: true });
    await writeFile(join(base, name), content);
  }
  return digestOf(base, ['plan', 'workers'], '.js');
}

it('is the same wherever the build lies, and differs with any content or name', async () => {
  const files = { 'plan/a.js': '1', 'plan/deep/b.js': '2', 'workers/c.js': '3' };
  const digest = await tree(files);
  expect(await tree({ ...files, 'plan/a.js.map': 'x', 'lab/d.js': 'x' })).toBe(digest);
  expect(await tree({ ...files, 'plan/a.js': '2' })).not.toBe(digest);
  expect(await tree({ 'plan/a2.js': '1', 'plan/deep/b.js': '2', 'workers/c.js': '3' })).not.toBe(digest);
});

it('finds the code of this product', async () => {
  expect(await buildDigest()).toMatch(/^[0-9a-f]{64}$/);
  expect(await buildDigest()).not.toBe(await digestOf(join(import.meta.dirname, '..', '..'), ['workers'], '.none'));
});
