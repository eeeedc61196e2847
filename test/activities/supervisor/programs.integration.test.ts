import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { programStatus, programStatuses, startProgram, stopProgram } from '../../../activities/programs/programs.ts';
import { temporaryMachine } from '../machine.ts';

const supervisord = ['/usr/bin/supervisord', '/usr/local/bin/supervisord'].find((path) => existsSync(path)) ?? '';

/** A supervisord of our own: "agent" copies its configuration to a file when it starts, and lives. */
async function supervised(access = { server: '', client: '' }): Promise<Host> {
  const host = await temporaryMachine();
  const directory = join(host.state, '..');
  const path = (name: string): string => join(directory, name);
  writeFileSync(
    path('agent.mjs'),
    `import { copyFileSync } from 'node:fs';\ncopyFileSync('${host.path('/agent.yaml')}', '${path('read')}');\nsetInterval(() => undefined, 1000);\n`,
  );
  writeFileSync(host.path('/agent.yaml'), 'hub: central\n');
  writeFileSync(
    host.supervisorConfig,
    [
      `[supervisord]\nlogfile=${path('log')}\npidfile=${path('pid')}\nchildlogdir=${directory}\nnodaemon=true`,
      `[unix_http_server]\nfile=${path('sock')}\nchmod=0700\n${access.server}`,
      `[supervisorctl]\nserverurl=unix://${path('sock')}\n${access.client}`,
      '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
      `[program:agent]\ncommand=${process.execPath} ${path('agent.mjs')}\nautostart=true\nautorestart=true\nstartsecs=1`,
      `[program:broken]\ncommand=${process.execPath} --bad-option\nautostart=false\nstartsecs=1\nstartretries=0`,
    ].join('\n'),
  );
  const daemon = spawn(supervisord, ['-c', host.supervisorConfig], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
  });
  await expect
    .poll(
      () =>
        programStatus(host, 'agent').then(
          ({ state }) => state,
          () => 'none',
        ),
      { timeout: 15_000 },
    )
    .toBe('RUNNING');
  return host;
}

/** Moves the agent to both hubs, as a deployment would; killed before its start when `started` is false. */
async function migrate(host: Host, ledger: Ledger, started = true): Promise<void> {
  const content = 'hub: both\n';
  writeFileSync(host.path('/agent.yaml.backup'), readFileSync(host.path('/agent.yaml')));
  chmodSync(host.path('/agent.yaml.backup'), 0o640);
  await ledger.change(
    { run: 'week-1', step: '2D.deploy.pilot' },
    'deployment of pilot',
    async () => ({
      kind: 'agent.restore',
      program: 'agent',
      config: '/agent.yaml',
      backup: '/agent.yaml.backup',
      wroteSha256: sha256(content),
      startWithinMs: 10_000,
    }),
    async () => {
      await stopProgram(host, 'agent', 10_000);
      writeFileSync(host.path('/agent.yaml'), content);
      if (started) await startProgram(host, 'agent', 10_000);
    },
  );
}

const read = (host: Host): string => readFileSync(join(host.state, '..', 'read'), 'utf8');
const restored = async (ledger: Ledger): Promise<string[]> =>
  (await ledger.rollback({ run: 'week-1', scope: { agent: 'pilot' } })).map(
    ({ target, result }) => `${target} ${result}`,
  );

describe.runIf(supervisord)('a program under supervisord', () => {
  it('is stopped and started, also when it is so already', { timeout: 30_000 }, async () => {
    const host = await supervised();
    const before = await programStatus(host, 'agent');
    expect(await stopProgram(host, 'agent', 10_000)).toMatchObject({ state: 'STOPPED', pid: null });
    expect(await stopProgram(host, 'agent', 10_000)).toMatchObject({ state: 'STOPPED' });
    const after = await startProgram(host, 'agent', 10_000);
    expect(after).toMatchObject({ state: 'RUNNING', pid: expect.any(Number) });
    expect(after.pid).not.toBe(before.pid);
    expect(await startProgram(host, 'agent', 10_000)).toMatchObject({ pid: after.pid });
    expect(await programStatuses(host, ['agent', 'broken', 'nobody'])).toMatchObject([
      { program: 'agent', state: 'RUNNING', pid: after.pid, uptimeS: expect.any(Number), since: expect.any(Number) },
      { program: 'broken', state: 'STOPPED', pid: null, uptimeS: null },
      { program: 'nobody', state: 'UNKNOWN', pid: null },
    ]);
  });

  it(
    'is not there for who has the wrong password, and told at once when supervisord is gone',
    { timeout: 30_000 },
    async () => {
      const host = await supervised({ server: 'username=ops\npassword=right', client: 'username=ops\npassword=right' });
      writeFileSync(
        host.supervisorConfig,
        readFileSync(host.supervisorConfig, 'utf8').replace(/(\[supervisorctl\][^[]*password=)right/, '$1wrong'),
      );
      await expect(programStatus(host, 'agent')).rejects.toThrow(
        /does not answer getProcessInfo \(it wants another username and password, in \[supervisorctl\]/,
      );
      writeFileSync(host.supervisorConfig, '[supervisorctl]\nserverurl=unix:///nowhere.sock');
      await expect(stopProgram(host, 'agent', 10_000)).rejects.toThrow(/ENOENT.*is supervisord running with/);
    },
  );

  it('that does not stay up, or is not there, is said to be so', { timeout: 30_000 }, async () => {
    const host = await supervised();
    await expect(startProgram(host, 'broken', 10_000)).rejects.toThrow(/broken on PC2 was told to start .* is FATAL/s);
    expect(await programStatus(host, 'nobody')).toMatchObject({ state: 'UNKNOWN' });
    await expect(programStatus({ ...host, supervisorConfig: '/nowhere' }, 'agent')).rejects.toThrow(
      'is supervisord running with /nowhere',
    );
  });

  it(
    'is restored by a rollback of its agent, with the configuration of the backup read anew',
    { timeout: 30_000 },
    async () => {
      const host = await supervised();
      const ledger = ledgerOf(host, undo);
      await migrate(host, ledger);
      expect(read(host)).toBe('hub: both\n');
      expect(await restored(ledger)).toEqual(['agent undone']);
      expect(readFileSync(host.path('/agent.yaml'), 'utf8')).toBe('hub: central\n');
      expect(read(host)).toBe('hub: central\n');
      expect(await programStatus(host, 'agent')).toMatchObject({ state: 'RUNNING' });
      expect(await restored(ledger)).toEqual(['agent already']);
    },
  );

  it(
    'is started by a rollback when deployment or rollback were killed after the stop',
    { timeout: 30_000 },
    async () => {
      const host = await supervised();
      const ledger = ledgerOf(host, undo);
      await migrate(host, ledger, false);
      writeFileSync(host.path('/agent.yaml'), 'hub: central\n');
      expect(await restored(ledger)).toEqual(['agent undone']);
      expect(await programStatus(host, 'agent')).toMatchObject({ state: 'RUNNING' });
      expect(read(host)).toBe('hub: central\n');
    },
  );

  it('goes on with a configuration that somebody changed since', { timeout: 30_000 }, async () => {
    const host = await supervised();
    const ledger = ledgerOf(host, undo);
    await migrate(host, ledger);
    writeFileSync(host.path('/agent.yaml'), 'hub: both\nlog: debug\n');
    const { pid } = await programStatus(host, 'agent');
    expect(await ledger.rollback({ run: 'week-1', scope: { agent: 'pilot' } })).toMatchObject([
      { result: 'left', detail: expect.stringContaining('+log: debug') },
    ]);
    expect(await programStatus(host, 'agent')).toMatchObject({ state: 'RUNNING', pid });
  });
});
