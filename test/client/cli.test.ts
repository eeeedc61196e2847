// The command line: exit codes, and errors as one paragraph that says how to mend them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hubshift } from './command-line.ts';
import { planText } from './fixtures.ts';

const planFile = new URL('../../plan/week1.yaml', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'hubshift-cli-'));
const at = (name: string) => join(directory, name);

afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => vi.stubEnv('HUBSHIFT_PLAN', planFile));
afterEach(() => vi.unstubAllEnvs());

describe('usage', () => {
  it('says its version and its commands with exit 0', async () => {
    expect(await hubshift('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await hubshift('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Exit codes: 0 done or pass'),
    });
  });

  it.each([
    ['an unknown command', ['frobnicate'], 'unknown command'],
    ['an unknown option', ['progress', '--wach'], '--watch'],
    [
      'a decision that is none',
      ['approve', 'perhaps', '--confidence', '95', '--reason', 'x'],
      'Allowed choices are go, no-go',
    ],
    ['a confidence that is no number', ['approve', 'go', '--confidence', 'high', '--reason', 'x'], 'must be a number'],
    ['a missing reason', ['pause'], '--reason'],
    ['a finding that is accepted for no reason', ['accept', '2D.undo.verify'], '--reason'],
    [
      'a part of the week without a machine',
      ['rollback', '--task', '2B', '--without', 'PC2'],
      "'--without <machine>' cannot be used with option '--task <task>'",
    ],
    [
      'a level that mends without a machine',
      ['emergency', '--level', '1', '--without', 'PC2'],
      '--without, --machine, --hosts, --dry-run and --yes go with level 3',
    ],
    [
      'nobody who is left',
      ['rollback', '--without', 'mainpc', '--without', 'pc2'],
      'without any machine undoes nothing',
    ],
    ["a machine that the plan can't go without", ['rollback', '--emergency', '--without', 'PC9'], 'it has MainPC, PC2'],
    ['a rehearsal that divides by nothing', ['start', '--rehearsal', '1'], 'above 1'],
    ['a worker of nothing', ['worker'], '--machine NAME or --control'],
    ["a machine that isn't the plan's", ['worker', '--machine', 'PC9'], 'it has MainPC, PC2'],
    ['an address that is none', ['init', '--machine', 'PC2'], 'NAME=ADDRESS'],
    ['a machine that can not be told', ['ledger'], '--machine NAME'],
    ['a plan that is not there', ['validate', '--plan', '/no/such.yaml'], '/no/such.yaml'],
  ])('ends with 2 for %s', async (_, args, words) => {
    const ended = await hubshift(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
  });

  // As by a variable of the shell that is not set. Without its --continue a start would begin a week, without its --agent a rollback undo all of one.
  it.each([
    ['start', '--continue', ''],
    ['rollback', '--agent', '', '--yes'],
    ['rollback', '--emergency', '--without', 'PC2', '--without', ''],
    ['validate', '--plan', ''],
    ['init', '-o', '', '--machine', 'MainPC=192.0.2.1', '--machine', 'PC2=192.0.2.2'],
    ['report', '--compare', 'run-1', ''],
    ['worker', '--machine', ' '],
    ['pause', '--reason', ''],
    ['incident', 'note', 'incident-1', '--cause', ''],
    ['ledger', 'export', '--machine', '', 'file'],
    ['ledger', 'export', ''],
    ['diff', 'plan.yaml', ''],
    ['show', ''],
  ])('ends with 2 for what is named by nothing: %s %s', async (...args) => {
    const ended = await hubshift(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(
      /^(-o, )?(--|<)[^ ]+ ?.* is given, and empty: .* Give it a value(, or leave --\S+ out)?\.\n$/,
    );
  });

  it('says which of them, and how to mend it', async () => {
    expect((await hubshift('rollback', '--agent', '')).stderr).toBe(
      '--agent <name> is given, and empty: is it a variable that is not set? Give it a value, or leave --agent out.\n',
    );
  });

  it('shows the stack of an error only when asked to', async () => {
    vi.stubEnv('HUBSHIFT_DEBUG', '1');
    expect((await hubshift('validate', '--plan', '/no/such.yaml')).stderr).toMatch(/\n {4}at /);
  });
});

describe('the plan', () => {
  it('is refused with file, line and path of what is wrong, and exit 1', async () => {
    writeFileSync(at('bad.yaml'), planText.replace('retention: 5m', 'retention: five'));
    const ended = await hubshift('validate', '--plan', at('bad.yaml'));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/bad\.yaml:\d+: services\[1\]\.retention: .*found "five"/);
  });

  it('that contradicts itself begins nothing, and what has begun is looked at', async () => {
    const named = ['--plan', at('contrary.yaml')];
    writeFileSync(at('contrary.yaml'), planText.replace('retention: 5m', 'retention: 6m'));
    for (const command of [['validate'], ['preflight'], ['start'], ['start', '--dry-run']])
      expect(await hubshift(...command, ...named)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/contrary\.yaml:\d+: services\[1\]\.retention: 5m, /),
      });
    for (const command of [
      ['rollback', '--emergency', '--without', 'PC9'],
      ['worker', '--machine', 'PC9'],
      ['ledger', '--machine', 'PC9'],
    ])
      expect((await hubshift(...command, ...named)).stderr).toContain('it has MainPC, PC2');
    expect(await hubshift('diff', at('contrary.yaml'), planFile)).toMatchObject({ code: 1, stderr: '' });
  });

  it('is the one that HUBSHIFT_PLAN names, and --plan before it', async () => {
    writeFileSync(at('mine.yaml'), planText.replace('name: phase2-week1', 'name: mine'));
    vi.stubEnv('HUBSHIFT_PLAN', at('mine.yaml'));
    expect((await hubshift('validate')).stdout).toContain('valid plan: mine');
    expect((await hubshift('validate', '--plan', planFile)).stdout).toContain('valid plan: phase2-week1');
  });

  it('is written by init with my machines, found valid, and never written over', async () => {
    const init = ['init', '-o', at('own.yaml'), '--machine', 'north=192.0.2.1', '--machine', 'south=192.0.2.2'];
    expect(await hubshift(...init)).toMatchObject({ code: 0 });
    expect((await hubshift('validate', '--plan', at('own.yaml'))).stdout).toContain('north 192.0.2.1, south 192.0.2.2');
    const written = readFileSync(at('own.yaml'), 'utf8');
    expect(await hubshift(...init)).toMatchObject({ code: 2, stderr: expect.stringContaining('was not touched') });
    expect(readFileSync(at('own.yaml'), 'utf8')).toBe(written);
  });

  it('is valid, and it is said what harm it can do', async () => {
    const { stdout } = await hubshift('validate', '--plan', planFile);
    expect(stdout).toContain('  breaks on purpose: edgehub-stop, nats-stop, partition (faults.allowed)\n');
    expect(stdout).toContain(
      '  when nobody answers: hold in an emergency, hold where a row does not pass (atDeadline)\n',
    );
    writeFileSync(
      at('none.yaml'),
      planText
        .replace('[edgehub-stop, nats-stop, partition]', '[]')
        .replace('automatic: true', 'automatic: false')
        .replace('pace: by-day', 'calendar: { zone: Europe/Berlin }\npace: by-day'),
    );
    const other = (await hubshift('validate', '--plan', at('none.yaml'))).stdout;
    expect(other).toContain('breaks on purpose: nothing');
    expect([stdout, other].map((said) => said.includes('no calendar'))).toEqual([true, false]);
    expect(other).toContain('what fails while it is watched: people are asked (emergency.automatic)');
  });

  it('that init writes is short, and says where CentralHub is', async () => {
    const machines = ['--machine', 'MainPC=192.0.2.1', '--machine', 'PC2=192.0.2.2'];
    expect(await hubshift('init', '-o', at('short.yaml'), ...machines)).toMatchObject({ code: 0 });
    const written = readFileSync(at('short.yaml'), 'utf8');
    expect(written.split('\n').length).toBeLessThanOrEqual(61);
    expect(written).toContain('kind: central-hub, machine: MainPC, config: ');
  });

  it('is printed with all that it leaves out, and is the same plan again', async () => {
    writeFileSync(at('one.yaml'), planText);
    const { code, stdout } = await hubshift('validate', '--effective', '--plan', at('one.yaml'));
    expect(code).toBe(0);
    writeFileSync(at('all.yaml'), stdout);
    expect(await hubshift('diff', at('one.yaml'), at('all.yaml'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is compared with another as diff does it: 1 where they differ, 2 where one can not be used', async () => {
    writeFileSync(at('here.yaml'), planText);
    writeFileSync(at('there.yaml'), planText.replace('soak: 24h', 'soak: 12h').replace('port: 8101', 'port: 8109'));
    const ended = await hubshift('diff', at('here.yaml'), at('there.yaml'));
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout.split('\n').slice(2).sort()).toEqual([
      '',
      '~ agents[observability_hub].port: 8101 → 8109',
      '~ watch.soak: "24h" → "12h"',
    ]);
    const asJson = await hubshift('diff', '--json', at('here.yaml'), at('there.yaml'));
    expect(JSON.parse(asJson.stdout)).toMatchObject({ same: false, changes: [{ change: 'changed' }, {}] });
    writeFileSync(at('wrong.yaml'), planText.replace('soak: 24h', 'soak: 24'));
    expect(await hubshift('diff', at('here.yaml'), at('wrong.yaml'))).toMatchObject({ code: 2, stdout: '' });
    expect(await hubshift('diff', at('here.yaml'), '/no/such.yaml')).toMatchObject({ code: 2, stdout: '' });
  });

  it('is compared without telling a secret', async () => {
    const withBody = (password: string) =>
      planText.replace('body: { text: hubshift }', `body: { text: hubshift, password: ${password} }`);
    writeFileSync(at('old.yaml'), withBody('Winter2025'));
    writeFileSync(at('new.yaml'), withBody('Winter2026'));
    for (const json of [[], ['--json']]) {
      const { code, stdout } = await hubshift('diff', ...json, at('old.yaml'), at('new.yaml'));
      expect(code).toBe(1);
      expect(stdout).toContain('body.password');
      expect(stdout).not.toContain('Winter');
    }
  });

  it('is not written when it could not be used', async () => {
    const ended = await hubshift(
      'init',
      '-o',
      at('odd.yaml'),
      '--machine',
      'north=nowhere',
      '--machine',
      'south=192.0.2.2',
    );
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('machines[0].address') });
    expect(() => readFileSync(at('odd.yaml'))).toThrow(/ENOENT/);
  });
});

describe('the ledger', () => {
  const own = () => {
    writeFileSync(at('ledger.yaml'), planText.replace('  - name: PC2\n', `  - name: PC2\n    state: ${at('state')}\n`));
    return ['--machine', 'pc2', '--plan', at('ledger.yaml')];
  };

  it('that is not there ends with 1 and says where it was looked for', async () => {
    expect(await hubshift('ledger', ...own())).toMatchObject({ code: 1, stderr: expect.stringContaining(at('state')) });
  });

  it('of a newer build ends with 1, names the file and both versions, and stays as it is', async () => {
    const file = join(at('state'), 'ledger.jsonl');
    mkdirSync(at('state'));
    writeFileSync(file, '{"version":5,"at":1}\n');
    expect(await hubshift('ledger', ...own())).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        `^${file} is a ledger of version 5, and this build of hubshift knows versions up to 4\\.`,
      ),
    });
    expect(readFileSync(file, 'utf8')).toBe('{"version":5,"at":1}\n');
  });
});
