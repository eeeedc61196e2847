// A pipe, a socket or a device in the place of a file of an agent, a hub or the supervisor is refused by name, and holds nobody.
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { serverOf } from '../../../activities/supervisor/server.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { dualHubEdit } from '../dual-hub.ts';
import { temporaryMachine } from '../machine.ts';

// What is held is held for ever.
vi.setConfig({ testTimeout: 20_000 });

const [config, log] = ['/code/agent.yaml', '/logs/agent.log'];
const change = { run: 'week-1', step: '2D.agent.new' };
const jobs = [{ job_name: 'gateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }];

async function machine() {
  const host = await temporaryMachine();
  for (const path of [config, log]) await mkdir(dirname(host.path(path)), { recursive: true });
  const ledger = ledgerOf(host, undo);
  await ledger.open('week-1', 'plan');
  return { host, ledger, files: fileActivities(host, ledger), agents: agentActivities(host, ledger) };
}

const kinds: [string, (path: string) => Promise<unknown>][] = [
  ['a pipe', async (path) => execFileSync('mkfifo', [path], { timeout: 5_000 })],
  ['a device without an end', (path) => symlink('/dev/zero', path)],
  [
    'a socket',
    async (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      await new Promise((resolve) => server.once('listening', resolve));
    },
  ],
];

describe.each(kinds)('%s', (_, make) => {
  it('is no configuration', async () => {
    const { host, files, agents } = await machine();
    await make(host.path(config));
    // A link that is followed is named by where it leads.
    const refusal = /(agent\.yaml|zero) is not a regular file .*: remove it, or put the file back/;
    await expect(files.digestFile({ path: config })).rejects.toThrow(refusal);
    await expect(agents.backupConfig({ change, config })).rejects.toThrow(refusal);
    await expect(agents.writeNewConfig({ change, config, edit: dualHubEdit })).rejects.toThrow(refusal);
    await expect(files.editFile({ change, path: config, edit: { kind: 'scrape-jobs', jobs } })).rejects.toThrow(
      refusal,
    );
  });

  it('is no log, and no acknowledgements', async () => {
    const { host, agents } = await machine();
    await make(host.path(log));
    const refusal = /agent\.log is not a regular file/;
    const watch = { path: log, fromOffset: 0, untilMs: Date.now(), patterns: ['ERROR'] };
    await expect(agents.watchLog(watch)).rejects.toThrow(refusal);
    await expect(agents.readAcks({ path: log, fromMs: 0, toMs: Infinity })).rejects.toThrow(refusal);
  });

  it('that took the place of what the week wrote is a failure of its undo, and stays', async () => {
    const { host, ledger, files } = await machine();
    await files.writeFile({ change, path: config, content: 'a: 1\n', owner: '0:0' });
    await rm(host.path(config));
    await make(host.path(config));
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
      { result: 'failed', detail: expect.stringContaining('agent.yaml is not a regular file') },
    ]);
    await rm(host.path(config));
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([{ result: 'already' }]);
  });

  it("is not the supervisor's configuration", async () => {
    const { host } = await machine();
    await make(host.supervisorConfig);
    await expect(serverOf(host.supervisorConfig)).rejects.toThrow(/supervisord\.conf is not a regular file/);
  });

  it('is named by the preflight', async () => {
    const { host, ledger } = await machine();
    await make(host.path(config));
    expect(await rightTo(host, ledger)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^\/code\/agent\.yaml on PC2 is not a regular file/),
    });
    await rm(host.path(config));
    await writeFile(host.path(config), 'a: 1\n');
    expect(await rightTo(host, ledger)).toMatchObject({ ok: true });
  });
});

async function rightTo(host: Host, ledger: Awaited<ReturnType<typeof machine>>['ledger']) {
  const ask = { directories: [], programs: [], images: [], partition: false, chown: false };
  return (await checkRights(host, ledger, { ...ask, files: [config] })).find(({ what }) => what.startsWith('file'));
}
