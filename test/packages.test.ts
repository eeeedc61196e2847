// The Node versions that package.json names are those that the packages of the lock file want: engines for what runs, devEngines
// for what builds and tests.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectDirectory } from '../lab/state.ts';

const read = (name: string) => JSON.parse(readFileSync(join(projectDirectory, name), 'utf8'));
const { engines, devEngines } = read('package.json');

interface Locked {
  dev?: boolean;
  devOptional?: boolean;
  engines?: { node?: string };
}

const [project, ...locked] = Object.values(read('package-lock.json').packages as Record<string, Locked>);
const wantedBy = (packages: Locked[]) => [...new Set(packages.flatMap(({ engines: wanted }) => wanted?.node ?? []))];
const all = wantedBy(locked);
const runtime = wantedBy(locked.filter(({ dev, devOptional }) => !dev && !devOptional));

type Version = [major: number, minor: number, patch: number];

/** As far as ranges of the lock file go; throws on others. */
function admits(range: string, version: Version): boolean {
  return range.split('||').some((either) =>
    either
      .replaceAll(/([<>=^]+)\s+/g, '$1')
      .trim()
      .split(/\s+/)
      .every((comparator) => holds(comparator, version)),
  );
}

function holds(comparator: string, version: Version): boolean {
  const [, sign, rest] = /^(\^|>=|)([\d.x*]+)$/.exec(comparator) ?? [];
  if (rest === undefined) throw new Error(`${comparator} is no range that this test knows`);
  const named = rest.split('.').flatMap((part) => (/^\d+$/.test(part) ? Number(part) : []));
  if (sign === '') return named.every((number, index) => number === version[index]);
  const differs = version.findIndex((number, index) => number !== (named[index] ?? 0));
  const atLeast = differs === -1 || version[differs]! > (named[differs] ?? 0);
  return atLeast && (sign === '>=' || version[0] === named[0]);
}

const refusedBy = (ranges: string[], version: Version) => ranges.filter((range) => !admits(range, version));

test('ranges are read as npm reads them', () => {
  expect(admits('^18.17.0 || >=20.5.0', [20, 4, 9])).toBe(false);
  expect(admits('^18.17.0 || >=20.5.0', [18, 17, 0])).toBe(true);
  expect(admits('^18.17.0 || >=20.5.0', [21, 0, 0])).toBe(true);
  expect(admits('>= 12', [12, 0, 0])).toBe(true);
  expect(admits('6.* || >= 10', [6, 3, 0])).toBe(true);
  expect(admits('6.* || >= 10', [7, 3, 0])).toBe(false);
  expect(() => admits('latest', [20, 0, 0])).toThrow(/no range/);
});

describe('what runs', () => {
  test('has a floor that all its packages take, and one of them takes nothing older', () => {
    expect(engines.node).toBe('>=20.19');
    expect(project?.engines?.node).toBe(engines.node);
    expect(refusedBy(runtime, [20, 19, 0])).toEqual([]);
    expect(refusedBy(runtime, [20, 18, 99])).not.toEqual([]);
  });
});

describe('what builds and tests', () => {
  test('names the versions that all packages take, and no others', () => {
    expect(devEngines.runtime).toMatchObject({ name: 'node', version: '^20.19.0 || ^22.13.0 || >=24' });
    for (const lowest of [
      [20, 19, 0],
      [22, 13, 0],
      [24, 0, 0],
    ] satisfies Version[])
      expect(refusedBy(all, lowest)).toEqual([]);
    for (const below of [
      [20, 18, 99],
      [21, 99, 0],
      [22, 12, 99],
      [23, 99, 0],
    ] satisfies Version[])
      expect(refusedBy(all, below)).not.toEqual([]);
  });
});

test('npm run demo on an older Node says which is needed', () => {
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })";
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${older}`, 'scripts/ready.mjs'],
    { cwd: projectDirectory, encoding: 'utf8', timeout: 10_000 },
  );
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('Node 20.19 or newer is needed') });
});
