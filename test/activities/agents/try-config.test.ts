// Pilots' files, tried before the week: what a step would refuse in 2D is told with its line, and nothing is written.
import { constants } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { mustLetBeWritten } from '../../../activities/files/place.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { editsOn } from '../../../plan/tasks/preflight/edits.ts';
import { pilotsOf } from '../../../plan/schema/plan.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';
import { agentsRefused } from '../../plan/yaml/others.ts';
import { temporaryMachine } from '../machine.ts';

/** A directory in which nothing can be put, and what the kernel says to that. */
const closed = vi.hoisted(() => ({ path: '', code: '' }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const access: typeof real.access = async (path, mode = 0) => {
    if (path === closed.path && mode & real.constants.W_OK)
      throw Object.assign(new Error(`${closed.code}: it may not be, access '${path}'`), { code: closed.code });
    return real.access(path, mode);
  };
  return { ...real, access };
});

const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
const plan = weekPlan();
const { edits } = editsOn(plan, 'PC2');
const { edit, paths } = edits![0]!;

async function looked(text: string | Buffer, check?: string[]) {
  const host = await temporaryMachine();
  await mkdir(host.path('/conf'));
  await writeFile(host.path('/conf/a.yaml'), text);
  const ask = {
    ...nothing,
    edits: [
      { paths: ['/conf/a.yaml'], edit, ...(check && { checks: { '/conf/a.yaml': { command: check, program: 'a' } } }) },
    ],
  };
  const rights = await checkRights(host, ledgerOf(host, undo), ask);
  expect(await readdir(host.path('/conf'))).toEqual(['a.yaml']);
  return rights.find(({ what }) => what === 'edit of /conf/a.yaml')!;
}

it('are those of all pilots of a machine', () => {
  const here = pilotsOf(plan).filter(({ machine }) => machine === 'PC2');
  expect(paths).toEqual(here.map(({ config }) => config));
  expect(editsOn(plan, 'MainPC').hubFile).toMatchObject({ path: '/mainpc/centralhub/config/prometheus.yml' });
});

it.each(['a: 1 # x', 'environment:\n  PORT: 8080\nfailover_config: {jitter: 2}\n'])(
  'that can be edited are fine: %j',
  async (text) => {
    expect(await looked(text)).toMatchObject({ ok: true, detail: 'can be made' });
  },
);

it.each([
  ...agentsRefused.map(([what, text]): [string, string | Buffer, RegExp] => [
    what,
    text,
    /^\/conf\/a\.yaml on PC2 can't be edited: line \d: /,
  ]),
  ['Latin-1', Buffer.from('a: 1\npassword: "gr\u00fcn"\n', 'latin1'), /^\/conf\/a\.yaml on PC2: line 2: not UTF-8/],
  ['UTF-16', Buffer.from('\uFEFFa: 1\n', 'utf16le'), /^\/conf\/a\.yaml on PC2: line 1: UTF-16/],
] as [string, string | Buffer, RegExp][])('with %s are named', async (_, text, detail) => {
  expect(await looked(text)).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
});

it('that could be edited, and not be put in their place, are named as their deployment would', async () => {
  const host = await temporaryMachine();
  await mkdir(host.path('/conf'));
  await writeFile(host.path('/conf/a.yaml'), 'a: 1\n');
  const ask = { ...nothing, files: ['/conf/a.yaml'], edits: [{ paths: ['/conf/a.yaml'], edit }] };
  const looksAt = async (files = host.files) => {
    const rights = await checkRights({ ...host, files }, ledgerOf(host, undo), ask);
    return rights.filter(({ what }) => what.endsWith(' /conf/a.yaml'));
  };
  expect(await looksAt()).toMatchObject([{ ok: true }, { ok: true }]);
  const asked: string[] = [];
  // So says the kernel of what "chattr" keeps as it is, or where it is.
  const rmdir = async (path: string) => {
    asked.push(path);
    throw Object.assign(new Error(`EPERM: operation not permitted, rmdir '${path}'`), { code: 'EPERM' });
  };
  const refused = {
    ok: false,
    detail: expect.stringMatching(/^\/conf\/a\.yaml on PC2 can't be written \(EPERM.*"chattr -i"/),
  };
  expect(await looksAt({ ...host.files, rmdir })).toMatchObject([refused, refused]);
  expect(asked).toEqual(Array(2).fill(host.path('/conf/a.yaml')));
  expect(await readdir(host.path('/conf'))).toEqual(['a.yaml']);
  expect(await readFile(host.path('/conf/a.yaml'), 'utf8')).toBe('a: 1\n');
});

it.each([
  ['EROFS', 'mount its file system for writing'],
  ['EPERM', '"chattr -i"'],
])(
  'that are links in a directory where nothing can be put (%s) are named: their copies stand beside the link',
  async (code, mend) => {
    const host = await temporaryMachine();
    for (const path of ['/etc/agents', '/data']) await mkdir(host.path(path), { recursive: true });
    await writeFile(host.path('/data/a.yaml'), 'a: 1\n');
    await symlink('../../data/a.yaml', host.path('/etc/agents/a.yaml'));
    const ask = { ...nothing, edits: [{ paths: ['/etc/agents/a.yaml'], edit }] };
    const looks = async () => (await checkRights(host, ledgerOf(host, undo), ask)).at(-1);
    expect(await looks()).toMatchObject({ ok: true });
    Object.assign(closed, { path: host.path('/etc/agents'), code });
    onTestFinished(() => void Object.assign(closed, { path: '' }));
    expect(await looks()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        new RegExp(`^/etc/agents/a\\.yaml\\.new on PC2 can't be written \\(${code}.*${mend}`),
      ),
    });
  },
);

it('that is written over must let itself be opened for that', async () => {
  const host = await temporaryMachine();
  await mkdir(host.path('/conf'));
  await writeFile(host.path('/conf/hub.yml'), 'a: 1\n');
  const path = host.path('/conf/hub.yml');
  await mustLetBeWritten(host, path, true);
  // So says the kernel of what "chattr +a" only lets grow.
  const open: typeof host.files.open = async (at, flags, mode) => {
    if (at === path && typeof flags === 'number' && flags & constants.O_WRONLY)
      throw Object.assign(new Error(`EPERM: operation not permitted, open '${at}'`), { code: 'EPERM' });
    return host.files.open(at, flags, mode);
  };
  await expect(mustLetBeWritten({ ...host, files: { ...host.files, open } }, path, true)).rejects.toMatchObject({
    type: 'FileUnwritable',
    message: expect.stringMatching(/^\/conf\/hub\.yml on PC2 can't be written \(EPERM/),
  });
  expect(await readFile(path, 'utf8')).toBe('a: 1\n');
});

it('name the pilots that must run', () => {
  const here = pilotsOf(plan).filter(({ machine }) => machine === 'PC2');
  expect(editsOn(plan, 'PC2').running).toEqual(here.map(({ program }) => program));
  expect(editsOn(plan, 'MainPC')).not.toHaveProperty('running');
});

it("are sent with each agent's own check, where it has one", () => {
  const agents = plan.agents.map((agent, index) => (index === 1 ? { ...agent, check: ['load', '{config}'] } : agent));
  expect(editsOn({ ...plan, agents }, 'PC2').edits![0]!.checks).toEqual({
    [plan.agents[1]!.config]: { command: ['load', '{config}'], program: plan.agents[1]!.program },
  });
  expect(edits![0]!.checks).toBeUndefined();
});

describe("that the agent's own check loads", () => {
  const text = 'a: 1\n';
  /** A program that looks at the file. */
  const by = (refuses: string) => [
    process.execPath,
    '-e',
    `const [file] = process.argv.slice(1);
     const text = fs.readFileSync(file, 'utf8');
     if (${refuses}) { console.log('reading\\nno such key'); process.exit(1); }`,
    '{config}',
  ];

  it('are fine, and no copy stays', async () => {
    const temporary = (await temporaryMachine()).path('/');
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await looked(text, by("!text.includes('hub_endpoints')"))).toEqual({
      what: 'edit of /conf/a.yaml',
      ok: true,
      detail: "can be made, and the agent's own check loads it",
    });
    expect((await readdir(temporary)).filter((name) => name.includes('check'))).toEqual([]);
  });

  it('are tried under the name that the new file will have', async () => {
    expect(await looked(text, by("!file.endsWith('/a.yaml.new')"))).toMatchObject({ ok: true });
  });

  it('are named where it refuses the edited file', async () => {
    expect(await looked(text, by("text.includes('hub_endpoints')"))).toMatchObject({
      ok: false,
      detail: "/conf/a.yaml on PC2, edited, does not load, by the agent's own check: reading\nno such key",
    });
  });

  it('are named where it refuses the file as it is', async () => {
    expect(await looked(text, by('true'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^\/conf\/a\.yaml on PC2 does not load as it is/),
    });
  });

  it('are named without a value that it does not like', async () => {
    const said = "port: unable to parse [type=int_parsing, input_value='hunter2', input_type=str]";
    const check = [process.execPath, '-e', `console.log(${JSON.stringify(said)}); process.exit(1)`, '{config}'];
    expect(await looked(text, check)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('[type=int_parsing, input_value=…, input_type=str]'),
    });
  });

  it('are not held against an agent that loads no file elsewhere', async () => {
    expect(await looked(text, by("!file.includes('/conf/')"))).toMatchObject({
      ok: true,
      warning: expect.stringMatching(/loads it in its place alone \(no such key\)/),
    });
  });
});
