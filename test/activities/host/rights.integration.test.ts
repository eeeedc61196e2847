// What people should know before the start: a stop that takes long, attributes that a file system can't keep.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { rightsAreThere } from '../../../plan/tasks/preflight/verdicts/rights.ts';
import { supervisedAgent } from '../supervisor/supervised.ts';

vi.setConfig({ testTimeout: 60_000 });

const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };

it('names a program whose stopwaitsecs is longer than what is left for its stop', async () => {
  const { host } = await supervisedAgent('a: 1\n');
  const ask = { ...nothing, programs: ['toy'] };
  const [, fits] = await checkRights(host, ledgerOf(host, undo), { ...ask, stopWithin: 10_000 });
  expect(fits).toEqual({ what: 'program toy', ok: true, detail: 'RUNNING' });
  const [, long] = await checkRights(host, ledgerOf(host, undo), { ...ask, stopWithin: 9_000 });
  expect(long).toMatchObject({ ok: true, warning: expect.stringContaining('toy on PC2 may take 10s for its stop') });
  const verdict = (rights: typeof fits) => rightsAreThere([{ machine: 'PC2', rights: [rights!] }]);
  expect(verdict(fits)).toMatchObject({ verdict: 'pass', summary: '1 rights on 1 machines' });
  expect(verdict(long)).toMatchObject({
    verdict: 'pass',
    summary: `1 rights on 1 machines; warning: ${long?.warning}`,
  });
});

it.runIf(process.getuid?.() === 0)(
  'names a file whose attributes the file system of the ledger does not keep',
  async () => {
    const { host, agent } = await supervisedAgent('a: 1\n');
    const ask = { ...nothing, files: [agent.config] };
    const set = 'import os, sys; os.setxattr(sys.argv[1], "user.origin", b"the house")';
    execFileSync('python3', ['-c', set, host.path(agent.config)]);
    expect((await checkRights(host, ledgerOf(host, undo), ask))[1]).toMatchObject({ ok: true });
    await mkdir(host.state);
    // It knows no extended attributes.
    execFileSync('mount', ['-t', 'ramfs', 'ramfs', host.state]);
    onTestFinished(() => void execFileSync('umount', [host.state]));
    expect((await checkRights(host, ledgerOf(host, undo), ask))[1]).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        /toy\.yaml on PC2: the file system of .*state can't keep all of its attributes .* Put "state" on/,
      ),
    });
    expect(await readdir(host.state)).toEqual([]);
    expect((await readdir(dirname(host.state))).filter((name) => name.startsWith('.'))).toEqual([]);
  },
);
