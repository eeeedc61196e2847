// The command line where nobody listens: seconds of waiting each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hubshift } from './command-line.ts';
import { planText } from './fixtures.ts';

const planFile = new URL('../../plan/week1.yaml', import.meta.url).pathname;
const script = ['--import', 'tsx', new URL('../../client/hubshift.ts', import.meta.url).pathname];
const closedPort = '127.0.0.1:1';

let silent: Server;

beforeAll(async () => {
  // Takes connections and never says a word.
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(() => silent.close());
beforeEach(() => {
  vi.stubEnv('HUBSHIFT_PLAN', planFile);
  vi.stubEnv('TEMPORAL_ADDRESS', closedPort);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/no/such.toml');
});
afterEach(() => vi.unstubAllEnvs());

describe('without Temporal', { timeout: 30_000 }, () => {
  it.each([['progress'], ['start'], ['resume']])('%s ends with 3 and says where nobody listens', async (command) => {
    const ended = await hubshift(command);
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toContain(`Temporal does not answer at ${closedPort}`);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('ends with 3 when a server takes the connection and says nothing', async () => {
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    vi.stubEnv('TEMPORAL_ADDRESS', address);
    expect(await hubshift('progress')).toMatchObject({ code: 3, stderr: expect.stringContaining(address) });
  });

  it('a reader that is slow still gets all that a command says', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hubshift-said-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const undo = { kind: 'file.restore', path: '/a', backup: null, wroteSha256: 'd' };
    const entries = Array.from({ length: 3_000 }, (_, n) => ({ n, run: 'r', step: 's', key: 'k', undo, at: 1 }));
    writeFileSync(join(directory, 'ledger.jsonl'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    const plan = join(directory, 'plan.yaml');
    writeFileSync(plan, planText.replace('  - name: PC2\n', `  - name: PC2\n    state: ${directory}\n`));
    const child = spawn(process.execPath, [...script, 'ledger', '--machine', 'PC2', '--json', '--plan', plan], {
      timeout: 60_000,
    });
    await once(child.stdout, 'readable');
    const { runs } = JSON.parse(await text(child.stdout)) as { runs: { entries: unknown[] }[] };
    expect(runs[0]?.entries).toHaveLength(3_000);
  });

  it('the command itself ends, with its exit code, seconds after it began', async () => {
    const child = spawn(process.execPath, [...script, 'runs'], {
      env: { ...process.env, TEMPORAL_ADDRESS: closedPort },
      timeout: 20_000,
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(3);
  });
});
