// Another Node to run tests on, from its npm package into the cache.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory } from '../lab/state.ts';

/** Path of a Node of this major version: the one that runs, else npm's newest of it. */
export async function nodeOf(major: number): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const directory = join(cacheDirectory, `node-${major}`);
  // What `node` on npm would install in a script of its own.
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(directory, 'node_modules', name, 'bin/node');
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true });
  await execa(
    'npm',
    ['install', '--prefix', directory, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `${name}@${major}`],
    { timeout: 5 * 60_000 },
  );
  return path;
}
