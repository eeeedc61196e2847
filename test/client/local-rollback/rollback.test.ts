// A rollback from one machine while Temporal is away: what it says, what it undoes, and its exit codes.
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { ledgerVersion } from '../../../activities/ledger/journal.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { hostOf } from '../../../activities/context/host.ts';
import { levelThree } from '../../../client/local-rollback/rollback.ts';
import type { PlanFile } from '../../../client/plan-file.ts';
import type { Machine } from '../../../plan/schema/plan.ts';
import { temporaryMachine } from '../../activities/machine.ts';
import { plan, planText } from '../fixtures.ts';

/** Agents that are not healthy after it. */
const unwell = vi.hoisted((): string[] => []);
const unseen = vi.hoisted((): { name: string; wants: string[] }[] => []);
vi.mock('../../../client/local-rollback/health.ts', () => ({ healthOf: async () => ({ lines: [], unwell, unseen }) }));

const file = '/etc/hubshift/week.yaml';
const run = 'week-1';
const command = `hubshift rollback --emergency --machine MainPC --run ${run} --plan ${file}`;

/** PC2 of the plan in temporary directories, without Docker, and one file that the run wrote there. */
async function changed() {
  const { path, state, supervisorConfig } = await temporaryMachine();
  const machine: Machine = {
    name: 'PC2',
    address: '127.0.0.1',
    root: path('/'),
    docker: join(state, 'docker.sock'),
    supervisor: supervisorConfig,
    state,
  };
  const planFile: PlanFile = {
    file,
    text: planText,
    digest: sha256(planText),
    plan: { ...plan, machines: plan.machines.map((one) => (one.name === machine.name ? machine : one)) },
  };
  const ledger = ledgerOf(hostOf(machine), undo);
  await write(ledger, path('/jobs.yml'));
  return { planFile, machine, ledger, wrote: path('/jobs.yml'), state };
}

async function write(ledger: Ledger, path: string, of = run): Promise<void> {
  const content = 'ours\n';
  await ledger.change(
    { run: of, step: '2B.scrape.central' },
    `file ${path}`,
    async () => ({ kind: 'file.restore', path: '/jobs.yml', backup: null, wroteSha256: sha256(content) }),
    () => writeFile(path, content),
  );
}

type Changed = Awaited<ReturnType<typeof changed>>;

/** The exit code and what was said, each line with whether the file stood there still. */
async function rollBack({ planFile, machine, wrote }: Changed, ask: Partial<Parameters<typeof levelThree>[1]> = {}) {
  const said: { line: string; standing: boolean }[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    said.push({ line: String(chunk), standing: existsSync(wrote) });
    return true;
  });
  try {
    const code = await levelThree(planFile, { machine: machine.name, reason: 'smoke', ...ask });
    return { code, said, text: said.map(({ line }) => line).join('') };
  } finally {
    out.mockRestore();
  }
}

/** An ssh that comes before the real one: it notes its arguments, one a line, and ends as it is told. */
async function sshThatEnds(here: Changed, code: number): Promise<() => string[]> {
  const directory = join(here.state, 'bin');
  const noted = join(directory, 'arguments');
  await mkdir(directory);
  await writeFile(
    join(directory, 'ssh'),
    `#!/bin/sh\nprintf '%s\\n' "$@" >> '${noted}'\necho words from there\nexit ${code}\n`,
  );
  await chmod(join(directory, 'ssh'), 0o755);
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env['PATH']}`);
  return () => (existsSync(noted) ? readFileSync(noted, 'utf8').trimEnd().split('\n') : []);
}

beforeEach(() => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/no/such.toml');
});
afterEach(() => vi.unstubAllEnvs());

describe('without the week', () => {
  it('says what it will undo and what to run elsewhere, then undoes all of it here and nothing over ssh', async () => {
    const here = await changed();
    const ssh = await sshThatEnds(here, 0);
    const { code, said, text } = await rollBack(here, { as: 'ada' });
    expect(said.slice(0, 3)).toEqual([
      {
        line: `plan      phase2-week1, ${file} (digest ${here.planFile.digest.slice(0, 12)})\nTemporal  127.0.0.1:1, namespace default\nrun       ${run}\n`,
        standing: true,
      },
      { line: `PC2: run ${run}, 1 of 1 changes to undo\n`, standing: true },
      { line: `on MainPC: ${command}\n`, standing: true },
    ]);
    expect(text).toMatch(/Without the week \(.+\): undone here\.\n {2}undone +file\.restore +\/jobs\.yml/);
    expect(said.at(-1)).toEqual({ line: expect.stringMatching(/^Undone and looked at after/), standing: false });
    expect(code).toBe(0);
    expect(await here.ledger.closing(run)).toMatchObject({
      by: expect.stringMatching(/^ada \(.+@.+\)$/),
      undoneAt: expect.any(Number),
    });
    expect(ssh()).toEqual([]);
  });

  it('is fine a second time, with nothing left to undo', async () => {
    const here = await changed();
    await here.ledger.emergency(run, 'ada');
    const { code, text } = await rollBack(here);
    expect(code).toBe(0);
    expect(text).toContain(`PC2: run ${run}, 0 of 1 changes to undo\n`);
    expect(text).toMatch(/ {2}already +file\.restore +\/jobs\.yml/);
  });

  it('ends with 1 and names what could not be undone, past which it went on', async () => {
    const here = await changed();
    // Without Docker nobody knows who uses the directory.
    await here.ledger.change(
      { run, step: '2A.prepare.directories' },
      'directory /a',
      async () => ({ kind: 'directory.remove', path: '/a', parents: [] }),
      () => mkdir(join(here.machine.root, 'a')),
    );
    const { code, said, text } = await rollBack(here);
    expect(code).toBe(1);
    expect(text).toContain('2 of 2 changes to undo');
    expect(said.at(-1)).toEqual({
      line: expect.stringMatching(/^Not all of it: directory\.remove \/a/),
      standing: false,
    });
  });

  it('ends with 1 and names what stands again although it was undone', async () => {
    const here = await changed();
    await here.ledger.emergency(run, 'ada');
    await writeFile(here.wrote, 'ours\n');
    const { code, text } = await rollBack(here);
    expect(code).toBe(1);
    expect(text).toContain('Not all of it: file.restore /jobs.yml.');
  });
});

describe('with a machine that the week is to go without', () => {
  it('says that this has no meaning here, undoes this machine, and does not call the other', async () => {
    const here = await changed();
    const ssh = await sshThatEnds(here, 255);
    const { code, text } = await rollBack(here, { without: ['MainPC'], hosts: true });
    expect(text).toMatch(
      /: undone here\.\n--without MainPC has no meaning here: this machine's ledger waits for no other/,
    );
    // What is to be done there when it is back.
    expect(text).toContain(`on MainPC: ${command}\n`);
    expect(existsSync(here.wrote)).toBe(false);
    expect(ssh()).toEqual([]);
    expect(code).toBe(0);
  });

  it.each([{ dryRun: false }, { dryRun: true }])('is refused on that machine: %o', async (ask) => {
    const here = await changed();
    await expect(rollBack(here, { ...ask, without: ['PC2'] })).rejects.toMatchObject({
      name: 'Failure',
      exitCode: 2,
      message: expect.stringMatching(/^Not ordered: .*this is PC2, which --without leaves out\..*without that\.$/),
    });
    expect(existsSync(here.wrote)).toBe(true);
    expect(await here.ledger.closing(run)).toBeNull();
  });
});

describe('an agent that the run had changed', () => {
  it('makes it end with 1 when it is not healthy, though all is undone', async () => {
    const here = await changed();
    unwell.push('resource_manager');
    onTestFinished(() => void unwell.splice(0));
    const { code, text } = await rollBack(here);
    expect(text).toMatch(/Undone and looked at[^]*Not healthy with what was there before: resource_manager\./);
    expect(existsSync(here.wrote)).toBe(false);
    expect(code).toBe(1);
  });

  it('and that this shell can not ask is named, with the variable and how to give it', async () => {
    const here = await changed();
    unseen.push({ name: 'resource_manager', wants: ['HUBSHIFT_AGENT_TOKEN'] });
    onTestFinished(() => void unseen.splice(0));
    const { code, text } = await rollBack(here);
    expect(text).toMatch(
      /Nobody can tell how they are .*: resource_manager\. This shell lacks HUBSHIFT_AGENT_TOKEN: "set -a; \. \/etc\/hubshift\/hubshift\.env; set \+a"/,
    );
    expect(text).not.toContain('Not healthy');
    expect(code).toBe(1);
  });
});

describe('a dry run', () => {
  it('names what would be undone, and undoes nothing', async () => {
    const here = await changed();
    const ssh = await sshThatEnds(here, 0);
    const before = await readFile(join(here.state, 'ledger.jsonl'), 'utf8');
    const { code, text } = await rollBack(here, { dryRun: true, hosts: true });
    expect(code).toBe(0);
    expect(text).toMatch(
      /^PC2: run week-1, 1 of 1 changes to undo\n {2}to undo +file\.restore +\/jobs\.yml.*\nAll of it can be undone\.\nNothing was undone\.\n$/m,
    );
    expect(await readFile(here.wrote, 'utf8')).toBe('ours\n');
    expect(await readFile(join(here.state, 'ledger.jsonl'), 'utf8')).toBe(before);
    expect(ssh()).toEqual([]);
  });

  it('names what can not be undone', async () => {
    const here = await changed();
    await writeFile(here.wrote, 'mine\n');
    const { code, text } = await rollBack(here, { dryRun: true });
    expect(code).toBe(0);
    expect(text).toContain("1 can't be undone: /jobs.yml.\nNothing was undone.\n");
    expect(await readFile(here.wrote, 'utf8')).toBe('mine\n');
  });
});

describe('a ledger that a newer build wrote in', () => {
  it.each([{ dryRun: false }, { dryRun: true }])(
    'is refused by name, and nothing is undone, here or elsewhere: %o',
    async (ask) => {
      const here = await changed();
      const ssh = await sshThatEnds(here, 0);
      const file = join(here.state, 'ledger.jsonl');
      await appendFile(file, `{"version":${ledgerVersion + 1},"at":1}\n{"n":2,"ru`);
      const before = await readFile(file, 'utf8');
      await expect(rollBack(here, { ...ask, run, hosts: true })).rejects.toThrow(
        `${file} is a ledger of version ${ledgerVersion + 1}, and this build of hubshift knows versions up to ${ledgerVersion}. Nothing of it was changed: use the command`,
      );
      expect(await readFile(file, 'utf8')).toBe(before);
      expect(existsSync(here.wrote)).toBe(true);
      expect(ssh()).toEqual([]);
    },
  );
});

describe('the run', () => {
  it('that is not known is a usage error that says where to look', async () => {
    await expect(rollBack(await changed(), { run: 'week-9' })).rejects.toMatchObject({
      name: 'Failure',
      exitCode: 2,
      message: expect.stringMatching(/PC2 has no run week-9.*hubshift ledger/),
    });
  });

  it('must be there', async () => {
    const here = await changed();
    await rm(join(here.state, 'ledger.jsonl'));
    await expect(rollBack(here)).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/The ledger of PC2 is empty.*hubshift ledger/),
    });
  });

  it('that has changed nothing here is closed all the same: nothing may come late', async () => {
    const here = await changed();
    await here.ledger.rollback({ run, scope: 'all' });
    await here.ledger.open('week-2', plan.name);
    const { code, text } = await rollBack(here);
    expect(text).toContain('PC2: run week-2, 0 of 0 changes to undo\n');
    expect(code).toBe(0);
    await expect(write(here.ledger, here.wrote, 'week-2')).rejects.toMatchObject({ type: 'LedgerClosed' });
  });

  it('must be named when several have changes', async () => {
    const here = await changed();
    await write(here.ledger, here.wrote, 'week-2');
    await expect(rollBack(here)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/--run \(week-1, week-2\)/),
    });
    expect((await rollBack(here, { run: 'week-2', dryRun: true })).text).toContain('PC2: run week-2, 1 of 1');
  });

  it('must be named when its week is done and it was kept', async () => {
    const here = await changed();
    await here.ledger.keep(run);
    await expect(rollBack(here)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/kept ones: name one with --run \(week-1\)/),
    });
    expect(existsSync(here.wrote)).toBe(true);
  });
});

describe('the other machines', () => {
  it('are told over ssh, each word an argument of its own and no password asked', async () => {
    const here = await changed();
    const ssh = await sshThatEnds(here, 0);
    const { code, text } = await rollBack(here, { hosts: true });
    expect(ssh()).toEqual(['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', '10.77.0.1', ...command.split(' ')]);
    expect(text).toContain('MainPC: words from there\n');
    expect(code).toBe(0);
    expect(existsSync(here.wrote)).toBe(false);
  });

  it('make it end with 1 when one could not be told, and this one is undone all the same', async () => {
    const here = await changed();
    const ssh = await sshThatEnds(here, 255);
    const { code, text } = await rollBack(here, { hosts: true });
    expect(code).toBe(1);
    expect(ssh()).toContain('10.77.0.1');
    expect(text).toContain('MainPC: words from there\n');
    expect(text).toContain('Undone and looked at');
    expect(existsSync(here.wrote)).toBe(false);
  });

  it.each(['/my plans/week.yaml', '/plans/$HOME.yaml', '/plans/a;b.yaml'])(
    'are not told of a plan that a shell would read otherwise: %s',
    async (odd) => {
      const here = await changed();
      const ssh = await sshThatEnds(here, 0);
      await expect(
        rollBack({ ...here, planFile: { ...here.planFile, file: odd } }, { hosts: true }),
      ).rejects.toMatchObject({ name: 'Failure', exitCode: 2, message: expect.stringContaining(odd) });
      expect(ssh()).toEqual([]);
      expect(existsSync(here.wrote)).toBe(true);
    },
  );
});
