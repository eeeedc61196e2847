// A machine as an earlier build left it: files and ledger from the fixtures, with Docker, nft, hubs and supervisord as an undo needs them.
import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { delimiter, dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { expect, onTestFinished, vi } from 'vitest';
import { hostOf, type Host } from '../../activities/context/host.ts';
import { isLive, read, type Entry } from '../../activities/ledger/journal.ts';
import { ledgerOf, type Ledger } from '../../activities/ledger/ledger.ts';
import { undo } from '../../activities/undo/undo.ts';
import { programStatus } from '../../activities/programs/programs.ts';
import { temporaryMachine, type FakeContainer } from '../activities/machine.ts';
import { urlOf } from '../../plan/machine-api/target.ts';

export const fixtures = join(import.meta.dirname, '../fixtures/compat');

export function packed<T>(name: string): T {
  return JSON.parse(gunzipSync(readFileSync(join(fixtures, 'week', `${name}.json.gz`))).toString()) as T;
}

export function json<T>(path: string): T {
  return JSON.parse(readFileSync(join(fixtures, path), 'utf8')) as T;
}

export interface OldMachine {
  host: Host;
  ledger: Ledger;
  containers: FakeContainer[];
  /** What nft was asked, a line a call. */
  nft: () => Promise<string[]>;
}

/** The ledger names its hubs by the machine and these ports; an address of loopback that nobody else uses stands for the machine. */
const address = '127.9.8.7';

/** Its agents run only when they are wanted: supervisord is slow to start. */
export async function oldMachine(
  name: string,
  from: string,
  { agents = false, containers }: { agents?: boolean; containers?: FakeContainer[] } = {},
): Promise<OldMachine> {
  const given = await temporaryMachine();
  const directory = dirname(given.state);
  await cp(join(fixtures, from), directory, { recursive: true });
  const { entries } = await read(given.state);
  const standing = entries.filter(isLive);
  const all = containers ?? [{ name: 'centralhub', running: true }, ...standing.flatMap(containerOf)];
  const host = {
    ...hostOf({
      name,
      address,
      root: join(directory, 'root'),
      docker: '/nowhere',
      supervisor: given.supervisorConfig,
      state: given.state,
    }),
    docker: (await temporaryMachine(all)).docker,
  };
  for (const { undo } of standing)
    if (undo.kind === 'directory.remove') {
      await mkdir(join(host.path(undo.path), 'data'), { recursive: true });
      await writeFile(join(host.path(undo.path), 'data/block'), '');
    }
  for (const { undo } of standing)
    if (undo.kind === 'file.restore' && undo.reload) await hub(host, urlOf(undo.reload.url), undo.path);
  if (agents)
    await supervised(host, [
      ...new Set(entries.flatMap(({ undo }) => (undo.kind === 'agent.restore' ? [undo.program] : []))),
    ]);
  return { host, ledger: ledgerOf(host, undo), containers: all, nft: await packetFilter(directory) };
}

/** Paths of all files below a directory, sorted. */
export async function filesBelow(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

function containerOf({ run, undo }: Entry): FakeContainer[] {
  if (undo.kind !== 'container.remove') return [];
  return [{ name: undo.name, running: true, labels: { 'io.hubshift.run': run, 'io.hubshift.spec': undo.specDigest } }];
}

/** A Prometheus that reads the file of the machine when it is told to. */
async function hub(host: Host, url: string, path: string): Promise<void> {
  let config = await readFile(host.path(path), 'utf8');
  let reloads = 0;
  const server = createServer(({ url: asked }, answer) => {
    if (asked === '/-/reload') {
      config = readFileSync(host.path(path), 'utf8');
      reloads += 1;
      answer.end();
    } else if (asked === '/metrics')
      answer.end(
        `prometheus_config_last_reload_successful 1\nprometheus_config_last_reload_success_timestamp_seconds ${reloads}\n`,
      );
    else answer.end(JSON.stringify({ data: { yaml: config } }));
  });
  await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), address, resolve));
  onTestFinished(() => void server.close());
}

async function supervised(host: Host, programs: string[]): Promise<void> {
  if (programs.length === 0) return;
  const directory = dirname(host.supervisorConfig);
  const socket = join(directory, 'supervisor.sock');
  const sections = programs.map((program) => `[program:${program}]\ncommand=sleep 600\nstartsecs=0\n`);
  await writeFile(
    host.supervisorConfig,
    `[supervisord]
logfile=${join(directory, 'supervisord.log')}
pidfile=${join(directory, 'supervisord.pid')}
[unix_http_server]
file=${socket}
[supervisorctl]
serverurl=unix://${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
${sections.join('')}`,
  );
  const supervisord = execa('supervisord', ['-n', '-c', host.supervisorConfig], { reject: false, stdio: 'ignore' });
  onTestFinished(async () => {
    supervisord.kill('SIGTERM');
    await supervisord;
  });
  for (const program of programs)
    await expect
      .poll(() => programStatus(host, program).catch(() => null), { timeout: 10_000 })
      .toMatchObject({ state: 'RUNNING' });
}

/** An nft that comes before the real one: it has the table of the partition that the fixtures left in force, until it is deleted. */
async function packetFilter(directory: string): Promise<() => Promise<string[]>> {
  const bin = join(directory, 'bin');
  const asked = join(bin, 'asked');
  const table = 'hubshift_0082895a';
  const listed = { nftables: [{ set: { name: 'ports', elem: [4222, 9100] } }, { counter: { packets: 3 } }] };
  await mkdir(bin);
  await writeFile(asked, '');
  await writeFile(
    join(bin, 'nft'),
    `#!/bin/sh
echo "$*" >> '${asked}'
if grep -q 'delete table inet ${table}' '${asked}' && [ "$1" != delete ]; then echo 'No such file' >&2; exit 1; fi
case "$*" in
  "-j list table inet ${table}") echo '${JSON.stringify(listed)}' ;;
  "delete table inet ${table}") ;;
  *) echo 'No such file' >&2; exit 1 ;;
esac
`,
    { mode: 0o755 },
  );
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return async () => (await readFile(asked, 'utf8')).trimEnd().split('\n');
}
