// hubshift ledger export, import and prune: what people see of them.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hubshift } from '../command-line.ts';
import { planText } from '../fixtures.ts';

let directory: string;
let state: string;
const of = ['--machine', 'PC2'];
const at = (name: string) => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hubshift-ledger-'));
  state = at('state');
  writeFileSync(at('plan.yaml'), planText.replaceAll(/^  - name: (MainPC|PC2)$/gm, `$&\n    state: ${state}`));
  vi.stubEnv('HUBSHIFT_PLAN', at('plan.yaml'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function haveLedger(...more: object[]): void {
  const undo = { kind: 'directory.remove', path: '/pc2', parents: [] };
  const lines = [
    { version: 1, at: 1 },
    { open: 'first', plan: 'week1', at: 1 },
    { n: 1, run: 'first', step: '2A.prepare.directories', key: 'directory /pc2', undo, at: 1 },
    { done: 1, at: 1 },
    ...more,
  ];
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, 'ledger.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

it('goes into a file and back from it, wherever the machine is named', async () => {
  haveLedger();
  const out = await hubshift('ledger', 'export', at('ledger.tar'), ...of);
  expect(out).toMatchObject({ code: 0, stderr: '' });
  expect(out.stdout).toMatch(/^The ledger of PC2 is in .*ledger\.tar: 1 files, sha256 [0-9a-f]{64}\n.*only its owner/);
  rmSync(state, { recursive: true });
  const back = await hubshift('ledger', ...of, 'import', at('ledger.tar'));
  expect(back).toMatchObject({ code: 0, stderr: '' });
  expect(back.stdout).toMatch(
    /is as it was 20.*: 1 changes, of which 1 stand, of first\.\nWhat was changed after that/,
  );
  expect((await hubshift('ledger', ...of)).stdout).toMatch(/run first of week1 · open · 1 changes, 0 ended/);
});

it('is not exported over a file, nor where there is none, and not imported over one that is open', async () => {
  expect(await hubshift('ledger', 'export', at('ledger.tar'), ...of)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no ledger in .*: nothing was ever changed by hubshift/),
  });
  haveLedger();
  expect(await hubshift('ledger', 'export', at('no/ledger.tar'), ...of)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no such file or directory.*no\/ledger\.tar/),
  });
  await hubshift('ledger', 'export', at('ledger.tar'), ...of);
  expect(await hubshift('ledger', 'export', at('ledger.tar'), ...of)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/it is there already; name another file\.\n$/),
  });
  expect(await hubshift('ledger', 'import', at('ledger.tar'), ...of)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^The ledger in .* is in use: run first is open.*away first\.\n$/),
  });
  expect(readdirSync(directory).sort()).toEqual(['ledger.tar', 'plan.yaml', 'state']);
});

it('is pruned only with --yes, of what ended longer ago than 90 days, or than is said', async () => {
  haveLedger(
    { close: 'first', by: 'the week', at: 2 },
    { undone: 1, result: 'undone', at: Date.now() - 10 * 86_400_000 },
  );
  expect((await hubshift('ledger', 'prune', ...of)).stdout).toBe(
    'No run in the ledger of PC2 ended more than 90 days ago.\n',
  );
  const shown = await hubshift('ledger', 'prune', '--older-than', '9', ...of);
  expect(shown.stdout).toMatch(/^ {2}first +week1 +undone 20.* +1 changes\nNothing was taken out\. With --yes /);
  expect((await hubshift('ledger', ...of)).stdout).toContain('run first');
  const pruned = await hubshift('ledger', 'prune', '--older-than', '9', '--yes', ...of);
  expect(pruned.stdout).toMatch(/\n1 runs are taken out of the ledger of PC2\.\n$/);
  expect((await hubshift('ledger', ...of)).stdout).toBe('The ledger of PC2 is empty.\n');
  expect(await hubshift('ledger', 'prune', '--older-than', '-1', ...of)).toMatchObject({ code: 2 });
});
