// The command of level 3 as a process of its own: it ends when its work is done, whatever Temporal's address does, and asks whom it can.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostOf } from '../../activities/context/host.ts';
import { sha256 } from '../../activities/files/disk.ts';
import { ledgerOf } from '../../activities/ledger/ledger.ts';
import { undo } from '../../activities/undo/undo.ts';
import { temporaryMachine } from '../activities/machine.ts';
import { plan, planText } from './fixtures.ts';

const command = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  new URL('../../client/hubshift.ts', import.meta.url).pathname,
];
/** Below the two minutes for which the kernel tries to connect. */
const limitMs = 100_000;
const level3 = ['rollback', '--emergency', '--machine', 'PC2'];

/** PC2 in temporary directories, a file that a run wrote there, and its plan on the disk. */
async function changed(): Promise<{ planFile: string; wrote: string; directory: string }> {
  const { path, state, supervisorConfig: supervisor } = await temporaryMachine();
  const machine = { name: 'PC2', address: '127.0.0.1', root: path('/'), docker: '/no/docker.sock', supervisor, state };
  const ledger = ledgerOf(hostOf(machine), undo);
  const content = 'ours\n';
  const wrote = path('/jobs.yml');
  await ledger.open('week-1', plan.name);
  await ledger.change(
    { run: 'week-1', step: '2B.scrape.central' },
    'jobs',
    async () => ({ kind: 'file.restore', path: '/jobs.yml', backup: null, wroteSha256: sha256(content) }),
    () => writeFile(wrote, content),
  );
  const { name: _, address: __, ...keys } = machine;
  const lines = Object.entries(keys).map(([key, value]) => `    ${key}: ${value}\n`);
  const planFile = join(state, '..', 'plan.yaml');
  await writeFile(
    planFile,
    planText
      .replace('  - name: PC2\n', `  - name: PC2\n${lines.join('')}`)
      .replace(/address: 10\S+2\n/, 'address: 127.0.0.1\n'),
  );
  return { planFile, wrote, directory: join(state, '..') };
}

interface Ended {
  code: number | null;
  said: string;
}

async function run(args: string[], env: NodeJS.ProcessEnv, answer?: string): Promise<Ended> {
  const words =
    answer === undefined ? [...command, ...args] : ['script', '-qec', [...command, ...args].join(' '), '/dev/null'];
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, { env: { ...process.env, TEMPORAL_CONFIG_FILE: '/no/such.toml', ...env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  if (answer !== undefined)
    child.stdout.on('data', (bytes) => `${bytes}`.includes('[y/N]') && child.stdin.write(answer));
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  clearTimeout(timer);
  return { code, said: `${out}${err}` };
}

/** A port of a process that takes no connection any more: what comes is dropped, as behind a firewall. */
async function blackHole(): Promise<number> {
  const listen = `const s = require('net').createServer().listen(0, '127.0.0.1', 1, () => console.log(s.address().port))`;
  const child: ChildProcess = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = await once(child.stdout!, 'data');
  child.kill('SIGSTOP');
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    onTestFinished(() => void socket.destroy());
    const taken = await Promise.race([once(socket, 'connect').then(() => true), delay(500).then(() => false)]);
    if (!taken) return Number(port);
  }
}

describe('level 3 from this machine ends when its work is done', { timeout: limitMs + 15_000 }, () => {
  it('where Temporal drops packets', async () => {
    const { planFile, wrote } = await changed();
    const { code, said } = await run([...level3, '--plan', planFile], {
      TEMPORAL_ADDRESS: `127.0.0.1:${await blackHole()}`,
    });
    expect(said).toMatch(/Without the week \(no answer within 2 s\): undone here/);
    expect(existsSync(wrote)).toBe(false);
    expect(code).toBe(0);
  });

  it('where it takes the connection and says nothing', async () => {
    const { planFile, wrote } = await changed();
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { code, said } = await run([...level3, '--plan', planFile], { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    expect(said).toContain('undone here');
    expect(existsSync(wrote)).toBe(false);
    expect(code).toBe(0);
  });

  it('where nobody resolves its name', async () => {
    const { planFile, wrote, directory } = await changed();
    const bin = join(directory, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'getent'), '#!/bin/sh\nexec sleep 300\n');
    await chmod(join(bin, 'getent'), 0o755);
    const PATH = `${bin}${delimiter}${process.env['PATH']}`;
    const { code, said } = await run([...level3, '--plan', planFile], {
      TEMPORAL_ADDRESS: 'temporal.example.org:7233',
      PATH,
    });
    expect(said).toMatch(/Without the week \(no answer within 2 s\): undone here/);
    expect(existsSync(wrote)).toBe(false);
    expect(code).toBe(0);
  });

  it.each(['[::1]:1', 'localhost:1'])('where nobody listens at %s, which is said', async (address) => {
    const { planFile } = await changed();
    const { code, said } = await run([...level3, '--plan', planFile], { TEMPORAL_ADDRESS: address });
    expect(said).toMatch(/Without the week \(connect ECONNREFUSED .*:1\)/);
    expect(code).toBe(0);
  });
});

describe('on a terminal', { timeout: limitMs + 15_000 }, () => {
  const nobody = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

  it.each([
    ['no', 'n\n', 1, true],
    ['nothing (Ctrl-D)', '\u0004', 1, true],
    ['nothing (Ctrl-C)', '\u0003', 1, true],
    ['yes', 'y\n', 0, false],
  ])('it shows what it would undo and asks; the answer is %s', async (_, answer, wanted, stands) => {
    const { planFile, wrote } = await changed();
    const { code, said } = await run(
      ['emergency', '--level', '3', '--machine', 'PC2', '--plan', planFile],
      nobody,
      answer,
    );
    expect(said).toMatch(/to undo +file\.restore +\/jobs\.yml[^]*Undo everything of run week-1\? \[y\/N\]/);
    expect(existsSync(wrote)).toBe(stands);
    if (stands) expect(said).toContain('Nothing was undone.');
    expect(code).toBe(wanted);
  });

  it('it does not ask with --yes', async () => {
    const { planFile, wrote } = await changed();
    const { code, said } = await run([...level3, '--yes', '--plan', planFile], nobody, 'n\n');
    expect(said).not.toContain('[y/N]');
    expect(existsSync(wrote)).toBe(false);
    expect(code).toBe(0);
  });
});
