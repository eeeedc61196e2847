// The command line: exit codes, and errors as one paragraph that says how to mend them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planText } from './fixtures.ts';

const cli = new URL('../../client/hubshift.ts', import.meta.url).pathname;
const planFile = new URL('../../plan/week1.yaml', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'hubshift-cli-'));
const at = (name: string) => join(directory, name);

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

async function hubshift(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...args], { env: { PATH: process.env.PATH, HOME: directory, HUBSHIFT_PLAN: planFile, ...env }, timeout: 60_000 });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += chunk));
  child.stderr.on('data', (chunk) => (text.stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...text, ms: performance.now() - began };
}

let silent: Server;
let silentAddress: string;
let startUpMs: number;

beforeAll(async () => {
  // Takes connections and never says a word.
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentAddress = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  startUpMs = (await hubshift(['--version'])).ms;
}, 60_000);
afterAll(() => {
  silent.close();
  rmSync(directory, { recursive: true });
});

describe('hubshift', { timeout: 60_000 }, () => {
  it('says its version with exit 0', async () => {
    const ended = await hubshift(['--version']);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    ['an unknown command', ['frobnicate'], 'unknown command'],
    ['a decision that is none', ['approve', 'perhaps', '--confidence', '95', '--reason', 'x'], 'Allowed choices are go, no-go'],
    ['a confidence that is no number', ['approve', 'go', '--confidence', 'high', '--reason', 'x'], 'must be a number'],
    ['a missing reason', ['pause'], '--reason'],
    ['a rehearsal that divides by nothing', ['start', '--rehearsal', '1'], 'above 1'],
    ['a worker of nothing', ['worker'], '--machine NAME or --control'],
    ["a machine that isn't the plan's", ['worker', '--machine', 'PC9'], 'it has MainPC, PC2'],
    ['a plan that is not there', ['validate', '--plan', '/no/such.yaml'], '/no/such.yaml'],
  ])('ends with 2 for %s', async (_, args, words) => {
    const ended = await hubshift(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
  });

  it('names file, line and path of what is wrong in a plan, with exit 1', async () => {
    writeFileSync(at('bad.yaml'), planText.replace('retention: 5m', 'retention: five'));
    const ended = await hubshift(['validate'], { HUBSHIFT_PLAN: at('bad.yaml') });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/bad\.yaml:\d+: services\[1\]\.retention: .*found "five"/);
  });

  it('finds the plan that HUBSHIFT_PLAN names, and --plan before it', async () => {
    writeFileSync(at('mine.yaml'), planText.replace('name: phase2-week1', 'name: mine'));
    expect((await hubshift(['validate'], { HUBSHIFT_PLAN: at('mine.yaml') })).stdout).toContain('valid plan: mine');
    expect((await hubshift(['validate', '--plan', planFile], { HUBSHIFT_PLAN: at('mine.yaml') })).stdout).toContain('valid plan: phase2-week1');
  });

  it('writes a plan that it then finds valid, and never writes over a file', async () => {
    const args = ['init', '-o', at('own.yaml'), '--machine', 'north=192.0.2.1', '--machine', 'south=192.0.2.2'];
    expect(await hubshift(args)).toMatchObject({ code: 0 });
    expect((await hubshift(['validate', '--plan', at('own.yaml')])).stdout).toContain('north 192.0.2.1, south 192.0.2.2');
    const written = readFileSync(at('own.yaml'), 'utf8');
    expect(await hubshift(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('was not touched') });
    expect(readFileSync(at('own.yaml'), 'utf8')).toBe(written);
  });

  it('says on which machine it is asked when it can not tell', async () => {
    expect(await hubshift(['ledger', '--plan', planFile])).toMatchObject({ code: 2, stderr: expect.stringContaining('--machine NAME') });
  });

  it.each(['progress', 'runs', 'report', 'start', 'resume', 'rollback', 'preflight'])('%s ends with 3 within seconds when nobody listens, and says where', async (command) => {
    const ended = await hubshift([command], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('Temporal does not answer at 127.0.0.1:1');
    expect(ended.stderr).not.toMatch(/\n {4}at /);
    expect(ended.ms - startUpMs).toBeLessThan(6_000);
  });

  it('ends with 3 when a server takes the connection and says nothing', async () => {
    const ended = await hubshift(['progress'], { TEMPORAL_ADDRESS: silentAddress });
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining(silentAddress) });
  });

  it('shows the stack only when asked to', async () => {
    const ended = await hubshift(['validate', '--plan', '/no/such.yaml'], { HUBSHIFT_DEBUG: '1' });
    expect(ended.stderr).toMatch(/\n {4}at /);
  });
});
