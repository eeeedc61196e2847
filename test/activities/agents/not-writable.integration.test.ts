// An agent whose configuration can't be written is not stopped for it, neither to be deployed nor to be undone. Needs root.
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { programStatus } from '../../../activities/programs/programs.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { supervisedAgent } from '../supervisor/supervised.ts';

vi.setConfig({ testTimeout: 120_000 });

const original = '# the toy\nagent: {name: toy}\n';
const run = 'week-1';
const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
const change = (step: string) => ({ run, step });
const does = (program: string, ...args: string[]) => execFileSync(program, args, { timeout: 10_000, stdio: 'pipe' });

/** Each forbids it, and gives what allows it again. */
const obstacles: [string, RegExp, (file: string) => () => void][] = [
  ['immutable', /can't be written \(EPERM.*chattr -i/, (file) => attribute('i', file)],
  ['in a directory that is immutable', /can't be written \(EPERM/, (file) => attribute('i', dirname(file))],
  ['in a directory where nothing goes', /can't be written \(EPERM/, (file) => attribute('a', dirname(file))],
  ['on a file system for reading only', /can't be written \(EROFS.*mount its file system for writing/, readOnly],
  ['mounted by itself', /can't be written \(EBUSY.*unmount it/, (file) => mounted(file)],
];

function attribute(which: 'a' | 'i', path: string): () => void {
  does('chattr', `+${which}`, path);
  return () => void does('chattr', `-${which}`, path);
}

function mounted(path: string): () => void {
  does('mount', '--bind', path, path);
  return () => void does('umount', path);
}

function readOnly(file: string): () => void {
  const allow = mounted(dirname(file));
  does('mount', '-o', 'remount,ro,bind', dirname(file));
  return allow;
}

describe.each(obstacles)('a configuration %s', (_, refusal, forbid) => {
  it('leaves its agent alone, in a deployment and in its undo, and both go on once that is mended', async () => {
    const { host, agent } = await supervisedAgent(original);
    const file = host.path(agent.config);
    const ledger = ledgerOf(host, undo);
    const agents = agentActivities(host, ledger);
    await ledger.open(run, 'plan');
    await agents.backupConfig({ change: change('2D.backup'), config: agent.config });
    await agents.writeNewConfig({ change: change('2D.toy.new'), config: agent.config, edit });
    const deploy = () =>
      agents.deployAgent({ change: change('2D.deploy.toy'), agent, backup: `${agent.config}.backup` });
    const back = () => ledger.rollback({ run, scope: { agent: 'toy' } });
    const pid = async () => (await programStatus(host, 'toy')).pid;
    const forbidden = async (work: () => Promise<void>) => {
      const allow = forbid(file);
      let over = false;
      const end = () => void (over || ((over = true), allow()));
      onTestFinished(end);
      const before = await pid();
      // Before the week it is said in the same words.
      const ask = { ...nothing, files: [agent.config], edits: [{ paths: [agent.config], edit }] };
      expect((await checkRights(host, ledger, ask)).slice(1)).toMatchObject([
        { what: `file ${agent.config}`, ok: false, detail: expect.stringMatching(refusal) },
        { what: `edit of ${agent.config}`, ok: false, detail: expect.stringMatching(refusal) },
      ]);
      await work();
      expect(await pid()).toBe(before);
      end();
    };

    await forbidden(async () => {
      await expect(deploy()).rejects.toMatchObject({ nonRetryable: true, message: expect.stringMatching(refusal) });
    });
    expect(await deploy()).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    await forbidden(async () => {
      expect(await back()).toMatchObject([{ result: 'failed', detail: expect.stringMatching(refusal) }]);
    });
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await readFile(file, 'utf8')).toBe(original);
    expect(await readdir(dirname(file))).toEqual(['toy.yaml', 'toy.yaml.backup', 'toy.yaml.new']);
  });
});
