// Agents and files of a week, and what people and disks do to them in its middle: every file ends as whoever wrote it last had it, and every agent runs it.
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTemporal, stopTemporal } from '../../../lab/lab.ts';
import { workOf } from '../../../plan/report/report.ts';
import { attributes } from '../../activities/attributes.ts';
import { differences, fingerprint, type Fingerprint } from './fingerprint.ts';
import {
  atStep,
  follow,
  hubshift,
  isStatus,
  must,
  noteIncidents,
  report,
  rolledBack,
  script,
  startQuickly,
  variant,
} from './lab.ts';
import { powerCut } from './power.ts';
import { smallDisk, type SmallDisk } from './small-disk.ts';
import { endWeek, useLab } from './use-lab.ts';

const minutes = 60_000;
const [first, second, third] = ['observability_hub', 'resource_manager', 'unified_utils_agent'] as const;
const ports = { [first]: 8101, [second]: 8102, [third]: 8103 };

const lab = useLab(() => ({ changes: { 'migration.startWithin': '7s' } }));

const pc2 = () => lab.machine('PC2');
const configs = () => join(pc2().root, 'pc2_code/config');
const file = (agent: string) => join(configs(), `${agent}.yaml`);
const text = (path: string) => readFileSync(path, 'utf8');
const supervisor = async (...args: string[]) =>
  (await execa('supervisorctl', ['-c', pc2().supervisorConfig, ...args], { timeout: 30_000, reject: false })).stdout;
const pidOf = async (agent: string) => Number(await supervisor('pid', agent));
const stateOf = async (agent: string) => (await supervisor('status', agent)).split(/\s+/)[1];
/** The hub that a process pushes to, which it says itself. */
const hubOf = async (agent: keyof typeof ports) => {
  const answer = await fetch(`http://${pc2().address}:${ports[agent]}/health`, { signal: AbortSignal.timeout(5_000) });
  return ((await answer.json()) as { hubs: { active: string } }).hubs.active;
};
/** It answers no signal until it is killed, which supervisord does after its stopwaitsecs. */
const freeze = async (agent: string) => void process.kill(await pidOf(agent), 'SIGSTOP');
const comesTo = (agent: string, state: string) =>
  vi.waitUntil(async () => (await stateOf(agent)) === state, { interval: 20, timeout: 30_000 });
const isStopping = (agent: string) => comesTo(agent, 'STOPPING');
const runs = (agent: string) => comesTo(agent, 'RUNNING');

describe('a week in which people and disks come between', () => {
  const theirs = '\n# by the night shift: "look at it on Monday"\n';
  let [agents, hub]: (SmallDisk | undefined)[] = [];
  let before: Fingerprint;
  let kept: string;
  const victim = () => join(dirname(pc2().root), 'victim');
  const slow = (seconds: number) => {
    const [head = '', tail = ''] = text(pc2().supervisorConfig).split(`[program:${third}]`);
    const changed = tail.replace(/stopwaitsecs=\d+/, `stopwaitsecs=${seconds}`);
    writeFileSync(pc2().supervisorConfig, `${head}[program:${third}]${changed}`);
  };
  const edge = () => join(pc2().root, 'pc2/observability/config');

  beforeAll(async () => {
    agents = await smallDisk(configs());
    mkdirSync(edge(), { recursive: true });
    chownSync(edge(), 65534, 65534);
    hub = await smallDisk(edge());
    slow(9);
    // Every process sees the disks that were there when it started.
    await powerCut('PC2', 0);
    for (const agent of [first, second, third]) await runs(agent);
    attributes(file(second), 'set');
    kept = attributes(file(second));
    // By who may write there, in the name of whoever follows a link.
    writeFileSync(victim(), 'of the host\n', { mode: 0o600 });
    for (const name of [`.${first}.yaml.hubshift`, `.${first}.yaml.new.hubshift`]) {
      symlinkSync(victim(), join(configs(), name));
      lchownSync(join(configs(), name), 65534, 65534);
    }
    before = await fingerprint(lab.machines);
  });

  afterAll(async () => {
    agents?.free();
    hub?.free();
    process.kill(await pidOf(third), 'SIGCONT');
    await endWeek(lab);
    await agents?.remove();
    await hub?.remove();
    rmSync(join(pc2().root, 'pc2'), { recursive: true, force: true });
    rmSync(victim(), { force: true });
    slow(3);
    await powerCut('PC2', 0);
    for (const agent of [first, second, third]) await runs(agent);
  });

  test("a hub's file on a full disk is whole, and the step says so; with room it is done", async () => {
    await startQuickly(
      ['2A.deploy.healthy', `2D.deploy.${first}.log-watch`],
      variant('held.yaml', { holdBefore: ['2B'] }),
    );
    await follow(isStatus('paused'), 2 * minutes);
    const config = text(join(edge(), 'prometheus-edge.yml'));
    hub!.fill();
    await must('resume');
    await follow(isStatus('failed'), 2 * minutes);
    const row = workOf(await report()).find(({ id }) => id === '2B.scrape.edge');
    expect(row).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/config is, is full: free some space/),
    });
    expect(text(join(edge(), 'prometheus-edge.yml'))).toBe(config);
    hub!.free();
    await must('retry', '2B.scrape.edge');
  });

  test('an agent is not stopped for a file that its full disk does not take; with room it is deployed', async () => {
    await follow(atStep(`2D.deploy.${first}.log-watch`), 3 * minutes);
    expect(text(victim())).toBe('of the host\n');
    expect(statSync(victim())).toMatchObject({ uid: 0, gid: 0 });
    // NAME.new of all three is there by now.
    writeFileSync(file(third), text(file(third)) + theirs);
    const [original, pid] = [text(file(second)), await pidOf(second)];
    agents!.fill();
    await follow(isStatus('failed'), 2 * minutes);
    const row = workOf(await report()).find(({ id }) => id === `2D.deploy.${second}`);
    expect(row).toMatchObject({ verdict: 'fail', summary: expect.stringMatching(/is full: free some space/) });
    expect(text(file(second))).toBe(original);
    expect(await pidOf(second)).toBe(pid);
    agents!.free();
    await freeze(third);
    await must('retry', `2D.deploy.${second}`);
  });

  test('what somebody edited after NAME.new was made is deployed, though the agent is slow to stop', async () => {
    await follow(isStatus('deciding'), 3 * minutes);
    expect(text(file(third))).toContain(theirs);
    expect(text(file(third))).toContain('primary: http://');
    expect(await hubOf(third)).toBe('primary');
    expect(attributes(file(second))).toBe(kept);
  });

  test('after the GO a rollback on a full disk takes back what it has room for, and every agent runs', async () => {
    // What failed and was done again is found for good.
    for (const row of ['2B.scrape.edge', `2D.deploy.${second}`]) {
      await must('accept', row, '--reason', 'a full disk');
      await follow(isStatus('deciding'), minutes);
    }
    await noteIncidents();
    // One of them answered nobody before it was told to stop, which is no planned downtime.
    for (const who of ['Ada', 'Grace'])
      await must('approve', 'go', '--confidence', '95', '--reason', 'a test', '--override', '--as', who);
    await follow(isStatus('completed'), 2 * minutes);
    copyFileSync(file(first), `${file(first)}.backup`);
    const deployed = text(file(first));
    agents!.fill();
    await freeze(third);
    const { exitCode, stdout } = await hubshift('rollback', '--reason', 'a test');
    for (const agent of [first, second, third]) await runs(agent);
    agents!.free();
    // It has what NAME.new gave free. What had none is as it was deployed, and named.
    if (text(file(first)) === deployed) expect(stdout).toContain(first);
    if (exitCode !== 0) await must('rollback', '--reason', 'there is room');
  });

  test('everybody has the file that they wrote last, and runs it', async () => {
    for (const agent of [first, second, third] as const) expect(await hubOf(agent)).toBe('central');
    expect(text(file(third)).endsWith(theirs)).toBe(true);
    expect(text(file(third))).not.toContain('hub_endpoints');
    expect(attributes(file(second))).toBe(kept);
    const named = differences(before, await fingerprint(lab.machines)).map((line) => line.split(': ')[0]);
    // Links at the names of our writes go, whoever made them; a copy that a person made is theirs.
    const links = [`.${first}.yaml.hubshift`, `.${first}.yaml.new.hubshift`];
    expect(named).toEqual(
      [...links, `${first}.yaml.backup`, `${third}.yaml`].map((name) => `PC2 file /pc2_code/config/${name}`),
    );
    expect(text(victim())).toBe('of the host\n');
  });

  test('and the completed week has its report still, the rollback one of its own', async () => {
    const reports = process.env['HUBSHIFT_REPORTS']!;
    const { run } = await report();
    const of = (name: string) => JSON.parse(text(join(reports, `${run}${name}.json`)));
    expect(of('')).toMatchObject({ status: 'completed' });
    expect(of('.rolled-back')).toMatchObject({ status: 'rolled back' });
    const deployed = (name: string) => workOf(of(name)).find(({ id }) => id === `2D.deploy.${first}`);
    expect(deployed('')).toMatchObject({ verdict: 'pass' });
    expect(deployed('.rolled-back')).toMatchObject({ verdict: 'open', before: { verdict: 'pass' } });
  });
});

describe('a way back that is broken off', () => {
  afterAll(() => endWeek(lab));

  test('by a pause, while the first pilot is stopped in its rehearsal: it is started, and the week goes on', async () => {
    await startQuickly(['2A.deploy.healthy', `2D.deploy.${first}.log-watch`, '2D.rollback-rehearsal']);
    await follow(atStep(`2D.deploy.${first}.log-watch`), 3 * minutes);
    await freeze(first);
    await isStopping(first);
    await must('pause', '--reason', 'a test');
    await runs(first);
    await follow(isStatus('paused'), minutes);
    await must('resume');
    await follow(isStatus('deciding'), 3 * minutes);
    expect(await hubOf(first)).toBe('primary');
  });

  test('by a signal, without Temporal: the agent is started; once more, and what a person put back by hand runs, too', async () => {
    await stopTemporal();
    const pid = await pidOf(first);
    execFileSync('cp', ['-p', `${file(first)}.backup`, file(first)]);
    expect(await hubOf(first)).toBe('primary');
    await freeze(third);
    const emergency = ['rollback', '--emergency', '--machine'];
    const broken = execa('node', [script, ...emergency, 'PC2'], {
      reject: false,
      timeout: minutes,
      forceKillAfterDelay: false,
    });
    await isStopping(third);
    broken.kill('SIGTERM');
    await broken;
    await runs(third);
    for (const { name } of lab.machines) await must(...emergency, name);
    for (const agent of [first, second, third] as const) expect(await hubOf(agent)).toBe('central');
    expect(await pidOf(first)).not.toBe(pid);
    expect(await lab.changes()).toEqual([]);
    await startTemporal();
    await rolledBack(minutes);
  });
});
