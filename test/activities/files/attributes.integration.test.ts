// Extended attributes that a file system does not keep: nothing is written that could not be given back, and an undo loses none in silence. Needs root.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { NotKept } from '../../../activities/files/file-system.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';

const [path, text] = ['/hub/hub.yml', 'scrape_configs: []\n'];
const change = { run: 'week-1', step: '2B.scrape.central' };
const jobs = [{ job_name: 'gateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }];

async function withAttributes() {
  const host = await temporaryMachine();
  await mkdir(dirname(host.path(path)));
  await writeFile(host.path(path), text);
  const set = 'import os, sys; os.setxattr(sys.argv[1], "user.origin", b"the house")';
  execFileSync('python3', ['-c', set, host.path(path)], { timeout: 5_000 });
  return host;
}

const edit = (host: Host) =>
  fileActivities(host, ledgerOf(host, undo)).editFile({ change, path, edit: { kind: 'scrape-jobs', jobs } });
const back = (host: Host) => ledgerOf(host, undo).rollback({ run: 'week-1', scope: 'all' });

it('a file is not touched whose attributes the file system of the ledger does not keep', async () => {
  const host = await withAttributes();
  await mkdir(host.state);
  // It knows no extended attributes.
  execFileSync('mount', ['-t', 'ramfs', 'ramfs', host.state], { timeout: 5_000 });
  onTestFinished(() => void execFileSync('umount', [host.state], { timeout: 5_000 }));
  await expect(edit(host)).rejects.toThrow(
    /extended attributes of .*hub\.yml can't all be kept in .*backups\/week-1 \(Operation not supported\): give it/,
  );
  expect(await readFile(host.path(path), 'utf8')).toBe(text);
  expect(await back(host)).toEqual([]);
});

it('an undo that can not give all of them back gives the rest back, and says so', async () => {
  const host = await withAttributes();
  await edit(host);
  const copyAttributes: Host['files']['copyAttributes'] = async (from, to, mayLose) => {
    if (!mayLose) throw new NotKept('Operation not supported');
    await host.files.copyAttributes(from, to, mayLose);
  };
  expect(await back({ ...host, files: { ...host.files, copyAttributes } })).toMatchObject([
    { result: 'undone', detail: expect.stringContaining("can't all be kept in") },
  ]);
  expect(await readFile(host.path(path), 'utf8')).toBe(text);
});
