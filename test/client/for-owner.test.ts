// What only its owner may read.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeForOwner } from '../../client/for-owner.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

it('is readable by nobody else, also where a file was there that others could read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hubshift-owner-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [fresh, known] = [join(directory, 'fresh'), join(directory, 'known')];
  writeFileSync(known, 'a longer text than the new one', { mode: 0o644 });
  for (const path of [fresh, known]) {
    await writeForOwner(path, 'report');
    expect([modeOf(path), readFileSync(path, 'utf8')]).toEqual([0o600, 'report']);
  }
});

it('leaves a device to all', async () => {
  const before = modeOf('/dev/null');
  await writeForOwner('/dev/null', 'report');
  expect(modeOf('/dev/null')).toBe(before);
});
