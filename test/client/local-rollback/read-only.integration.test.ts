// The disk of the ledger is read-only, as after an error of it: all is undone all the same, which is said to be on no record, and done again once it is.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { levelThree } from '../../../client/local-rollback/rollback.ts';
import type { PlanFile } from '../../../client/plan-file.ts';
import { agent, config } from '../../activities/crash/programs.ts';
import { changes, mounted, original, run } from '../../activities/crash/week.ts';
import { loopDisk, noLoopDisk } from '../../activities/full-disk/loop-disk.ts';
import { temporaryMachine } from '../../activities/machine.ts';
import { plan, planText } from '../fixtures.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('../../activities/crash/programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({
  awaitReady: async (url: string) => ({ url, ok: true }),
  probe: async (url: string) => ({ url, ok: true }),
}));
/** With the containers of a test. */
vi.mock('../../../activities/context/host.ts', async (before) => {
  const { hostOf: real } = await before<typeof import('../../../activities/context/host.ts')>();
  return { hostOf: (machine: Parameters<typeof real>[0]) => ({ ...real(machine), ...docker }) };
});
let docker: Partial<Host> = {};

const refused = await noLoopDisk();

it.skipIf(refused !== null)(
  'undoes everything, says that it is on no record, and again once the disk is writable',
  async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
    vi.stubEnv('TEMPORAL_CONFIG_FILE', '/no/such.toml');
    onTestFinished(() => void vi.unstubAllEnvs());
    const given = await temporaryMachine();
    docker = {
      docker: (await temporaryMachine([{ name: 'hub', running: true, mounts: [given.path(mounted)] }])).docker,
    };
    const machine = {
      name: 'PC2',
      address: '127.0.0.1',
      root: given.path('/'),
      docker: '/no/docker.sock',
      supervisor: given.supervisorConfig,
      state: given.state,
    };
    const host = hostOf(machine);
    const disk = await loopDisk(host.state, 4);
    for (const [path, text] of Object.entries(original)) {
      await mkdir(dirname(host.path(path)), { recursive: true });
      await writeFile(host.path(path), text, { mode: 0o640 });
    }
    agent.goesOn(original[config]!);
    const ledger = ledgerOf(host, undo);
    await changes(host, ledger, async (_, change) => void (await change()));
    const planFile: PlanFile = {
      file: '/etc/hubshift/plan.yaml',
      text: planText,
      digest: sha256(planText),
      plan: { ...plan, machines: plan.machines.map((one) => (one.name === 'PC2' ? machine : one)) },
    };
    const rollBack = async () => {
      const said: string[] = [];
      const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(said.push(String(text))));
      const code = await levelThree(planFile, { machine: 'PC2', run, reason: 'smoke' }).finally(() =>
        out.mockRestore(),
      );
      return { code, text: said.join('') };
    };
    onTestFinished(() => rm(`/run/hubshift-${sha256(host.state).slice(0, 8)}`, { recursive: true, force: true }));
    const before = await readFile(join(host.state, 'ledger.jsonl'), 'utf8');
    const phase1 = async () => {
      for (const [path, text] of Object.entries(original))
        expect(await readFile(host.path(path), 'utf8'), path).toBe(text);
      expect(await readdir(host.path('/'))).not.toContain('pc2');
      expect(agent.runs()).toBe(original[config]);
    };

    await disk.readOnly(true);
    const first = await rollBack();
    expect(first.text).toMatch(/ undone +agent\.restore +agent /);
    expect(first.text).not.toMatch(/^ +failed/m);
    expect(first.text).toMatch(/^UNDONE, BUT NOT ON RECORD: the ledger in .*EROFS.*remount,rw.*run this again/m);
    expect(first.code).toBe(1);
    await phase1();
    expect((await rollBack()).text).toMatch(/ already +agent\.restore +agent [^]*NOT ON RECORD/);
    expect(await readFile(join(host.state, 'ledger.jsonl'), 'utf8')).toBe(before);
    expect((await ledger.runs())[0]).toMatchObject({ run, state: 'open' });

    await disk.readOnly(false);
    const last = await rollBack();
    expect(last.text).toMatch(/ already +agent\.restore +agent /);
    expect(last.text).not.toContain('RECORD');
    expect(last.code).toBe(0);
    expect((await ledger.runs())[0]).toMatchObject({ run, state: 'closed', live: 0 });
    await phase1();
  },
);
