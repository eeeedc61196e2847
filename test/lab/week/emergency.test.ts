// Emergencies in a real week: each level with its time, level 3 from every task, each task undone alone, and the way back without Temporal,
// without the other machine, twice, and after a crash.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { killWorker, startTemporal, startWorker, stopTemporal } from '../../../lab/lab.ts';
import type { Incident } from '../../../plan/week/incident.ts';
import { fingerprint, changesSince } from './fingerprint.ts';
import {
  atStep,
  follow,
  hubshift,
  isStatus,
  must,
  report,
  rolledBack,
  script,
  startQuickly,
  type Look,
} from './lab.ts';
import { endWeek, useLab } from './use-lab.ts';

const minutes = 60_000;

const lab = useLab();
afterEach(() => endWeek(lab));

/** The run of the newest level 3. */
let atTheGate: string;
const supervisor = (name: string, ...args: string[]) =>
  execa('supervisorctl', ['-c', lab.machine(name).supervisorConfig, ...args], { timeout: 30_000, reject: false });

const deciding = () => follow(isStatus('deciding'), 4 * minutes);
const incidents = async (): Promise<Incident[]> => (await report()).incidents;
const verdictsOf = async (prefix: string) =>
  Object.fromEntries(
    (await report()).requirements
      .filter(({ id, kind }) => kind !== 'step' && kind !== 'check' && id.startsWith(prefix))
      .map(({ id, verdict, summary }) => [id, verdict === 'pass' ? verdict : `${verdict}: ${summary}`]),
  );
const allPass = (verdicts: Record<string, string>) =>
  expect(Object.fromEntries(Object.entries(verdicts).filter(([, verdict]) => verdict !== 'pass'))).toEqual({});

describe('level 3 ends the week in Phase 1, within its limit', () => {
  const points: [when: string, kept: string[], wanted: (seen: Look) => boolean][] = [
    ['in 2A', ['2A.check.scraping'], atStep('2A.check.scraping')],
    ['in 2B', ['preflight.baseline', '2B.test.impact'], atStep('2B.test.impact')],
    ['in a fault of 2C', ['2C.resilience.node-down'], atStep('2C.resilience.node-down')],
    ['in a log watch of 2D', ['2D.deploy.resource_manager.log-watch'], atStep('2D.deploy.resource_manager.log-watch')],
    ['in the soak', ['2D.soak'], atStep('2D.soak')],
    ['at the gate', [], isStatus('deciding')],
  ];
  test.each(points)('%s', async (_, kept, wanted) => {
    await startQuickly(kept);
    await follow(wanted, 4 * minutes);
    const began = Date.now();
    const said = await must('emergency', '--level', '3', '--reason', 'a test', '--as', 'Ada');
    const tookMs = Date.now() - began;
    expect(await lab.changes()).toEqual([]);
    const seen = await report();
    const [incident] = seen.incidents;
    expect(incident).toMatchObject({
      level: 3,
      result: 'recovered',
      withinLimit: true,
      trigger: { automatic: false, by: 'Ada', reason: 'a test' },
    });
    console.log(
      `level 3: ${tookMs} ms from command to verified, ${incident!.endedAt - incident!.startedAt} ms of the week: ${incident!.actions.map(({ what, machine: where, ms }) => `${what} ${where} ${ms} ms`).join(', ')}`,
    );
    expect(said).toContain('incident-1: level 3, the whole week: recovered');
    expect(seen.status).toBe('rolled back');
    atTheGate = seen.run;
    expect(seen.requirements.filter(({ kind, verdict }) => kind === 'undo' && verdict === 'fail')).toEqual([]);
    expect(seen.requirements.find(({ id }) => id === 'emergency.3.week')).toMatchObject({ verdict: 'pass' });
  });
});

test('each task alone is undone and looked at, the later ones first; hubs keep what they had', async () => {
  await startQuickly();
  await deciding();
  // The level 3 at the gate, the last one above, took back all that stands now.
  expect((await report()).requirements.find(({ id }) => id === 'go.rollback-confirmed')).toMatchObject({
    verdict: 'pass',
    evidence: { levelThree: atTheGate },
  });
  const edge = join(lab.machine('PC2').root, 'pc2/observability/config/prometheus-edge.yml');
  const preview = await must('rollback', '--preview');
  expect(preview).toMatch(/container\.remove +edgehub/);

  await must('rollback', '--task', '2D', '--reason', 'one by one');
  allPass(await verdictsOf('2D.undo.'));
  await must('rollback', '--task', '2C', '--reason', 'one by one');
  allPass(await verdictsOf('2C.'));
  expect(readFileSync(edge, 'utf8')).toContain('pushgateway-pc2');
  await must('rollback', '--task', '2B', '--reason', 'one by one');
  allPass(await verdictsOf('2B.undo.'));
  // EdgeHub still runs, with the configuration that it had before its scrape job.
  expect(readFileSync(edge, 'utf8')).not.toContain('pushgateway-pc2');
  expect(await lab.docker('PC2', 'ps', '--format', '{{.Names}}')).toBe('edgehub');
  expect(await lab.changes([lab.machine('MainPC')])).toEqual([]);
  await must('rollback', '--task', '2A', '--reason', 'one by one');
  allPass(await verdictsOf('2A.undo.'));
  expect(await lab.changes()).toEqual([]);
  await must('rollback', '--reason', 'nothing is left of it');
});

test('a directory that was there before is left and named, and so is what is in it', async () => {
  const directory = join(lab.machine('PC2').root, 'pc2/nats');
  await execa('mkdir', ['--parents', directory]);
  const before = await fingerprint(lab.machines);
  try {
    await startQuickly();
    await deciding();
    await must('emergency', '--level', '3');
    expect(await changesSince(before, lab.machines)).toEqual([]);
    expect((await report()).requirements.find(({ id }) => id === '2C.undo.directories')).toMatchObject({
      verdict: 'pass',
      summary: expect.stringContaining('/pc2/nats left: it was there before'),
    });
  } finally {
    await execa('rmdir', [directory, dirname(directory)]);
  }
});

test('levels 1 and 2 mend by themselves in the soak, within their limits, and the week goes on; the rest is for people', async () => {
  await startQuickly(['2D.soak']);
  await follow(atStep('2D.soak'), 4 * minutes);
  await lab.docker('PC2', 'stop', 'nats-pc2');
  await follow(({ snapshot }) => (snapshot?.incidents.length ?? 0) === 1, 2 * minutes);
  expect(await incidents()).toMatchObject([
    { level: 1, target: 'nats-pc2', result: 'recovered', withinLimit: true, trigger: { automatic: true } },
  ]);

  await follow(atStep('2D.soak'), 2 * minutes);
  await supervisor('PC2', 'stop', 'unified_utils_agent');
  await follow(({ snapshot }) => (snapshot?.incidents.length ?? 0) === 2, 2 * minutes);
  expect((await incidents())[1]).toMatchObject({
    level: 2,
    target: 'unified_utils_agent',
    result: 'recovered',
    withinLimit: true,
    trigger: { automatic: true },
  });

  // The agent is migrated again, the soak begins again and passes.
  await deciding();
  const seen = await report();
  expect(seen.requirements.find(({ id }) => id === '2D.soak')).toMatchObject({ verdict: 'pass' });
  expect(seen.requirements.find(({ id }) => id === 'emergency.1.component')).toMatchObject({ verdict: 'pass' });
  expect(seen.requirements.find(({ id }) => id === 'emergency.2.agent')).toMatchObject({ verdict: 'pass' });
});

test('a person orders levels 1 and 2: the failing component is found, the agent goes back and is migrated again', async () => {
  await startQuickly();
  await deciding();
  await lab.docker('PC2', 'kill', '--signal', 'KILL', 'pushgateway-pc2');
  await lab.docker('PC2', 'stop', 'pushgateway-pc2');
  expect(await must('emergency', '--level', '1', '--reason', 'it does not answer')).toMatch(
    /level 1, pushgateway-pc2: recovered/,
  );
  expect(await must('emergency', '--level', '2', '--agent', 'resource_manager')).toMatch(
    /level 2, resource_manager: recovered/,
  );
  await deciding();
  expect((await report()).requirements.find(({ id }) => id === '2D.deploy.resource_manager')).toMatchObject({
    verdict: 'pass',
  });
  expect((await hubshift('emergency', '--level', '1', '--component', 'centralhub')).stderr).toContain(
    'The week made no component centralhub',
  );
  await must('emergency', '--level', '3');
  expect(
    await must('incident', 'note', 'incident-1', '--cause', 'somebody stopped it', '--prevention', 'a restart policy'),
  ).toContain('incident-1 is noted');
  expect((await incidents())[0]).toMatchObject({ cause: 'somebody stopped it', prevention: 'a restart policy' });
  expect(await lab.changes()).toEqual([]);
});

describe('without Temporal', () => {
  const ledger = (name: string) => readFileSync(join(lab.machine(name).state, 'ledger.jsonl'), 'utf8');

  test('each machine goes back by one command, twice is fine, and the week ends as rolled back when Temporal is there again', async () => {
    const run = await startQuickly(['2D.soak']);
    await follow(atStep('2D.soak'), 4 * minutes);
    await stopTemporal('SIGKILL');
    for (const { name } of lab.machines) {
      const began = Date.now();
      const said = await must('rollback', '--emergency', '--machine', name);
      console.log(`without Temporal: ${name} after ${Date.now() - began} ms`);
      expect(said).toMatch(new RegExp(`^${name}: run ${run}, \\d+ of \\d+ changes to undo`, 'm'));
      expect(said).toMatch(
        /on (PC2|MainPC): hubshift rollback --emergency --machine (PC2|MainPC) --run \S+ --plan \S+/,
      );
      expect(said).toMatch(/Undone and looked at after/);
    }
    expect(await lab.changes()).toEqual([]);
    const [before] = lab.machines.map(({ name }) => ledger(name).match(/"undone":/g)?.length);
    expect(await must('rollback', '--emergency', '--machine', lab.machines[0]!.name)).toMatch(/already/);
    expect(ledger(lab.machines[0]!.name).match(/"undone":/g)?.length).toBe(before);

    await startTemporal();
    await rolledBack(30_000);
    const seen = await report();
    expect(seen.requirements.find(({ id }) => id === 'emergency.3.without-temporal')).toMatchObject({
      verdict: 'pass',
    });
    expect(seen.incidents).toMatchObject([{ level: 3, result: 'recovered', trigger: { withoutTemporal: true } }]);
    expect(await lab.changes()).toEqual([]);
  });

  test('PC2 goes back with MainPC unreachable; MainPC when it is there again', async () => {
    await startQuickly();
    await deciding();
    for (const [hook, end] of [
      ['input', 'saddr'],
      ['output', 'daddr'],
    ])
      await lab.filter(
        'PC2',
        `add chain inet by_test ${hook} { type filter hook ${hook} priority -310; }`,
        `add rule inet by_test ${hook} ip ${end} { 10.77.0.1, 10.77.0.254 } drop`,
      );
    await stopTemporal('SIGKILL');
    // There, where the agents' health can be asked: the filter keeps us out.
    const inside = [`--net=/var/run/netns/${lab.machine('PC2').namespace}`, 'node', script];
    await execa('nsenter', [...inside, 'rollback', '--emergency', '--machine', 'PC2'], { timeout: minutes });
    await lab.unfilter();
    expect(await lab.changes([lab.machine('PC2')])).toEqual([]);
    await startTemporal();
    await rolledBack(60_000);
    expect(await lab.changes()).toEqual([]);
  });

  test('a rollback that is killed in its middle is finished by the next one', async () => {
    await startQuickly();
    await deciding();
    await stopTemporal('SIGKILL');
    const undone = () => ledger('PC2').match(/"undone":/g)?.length ?? 0;
    const before = undone();
    const dying = execa('node', ['dist/client/hubshift.js', 'rollback', '--emergency', '--machine', 'PC2'], {
      reject: false,
      timeout: minutes,
    });
    while (undone() === before) await setTimeout(5);
    dying.kill('SIGKILL');
    await dying;
    for (const { name } of lab.machines) await must('rollback', '--emergency', '--machine', name);
    expect(await lab.changes()).toEqual([]);
    await startTemporal();
    await rolledBack(60_000);
  });

  test('with its own worker silent a machine goes back by itself, and the week takes care of the other', async () => {
    await startQuickly();
    await deciding();
    await killWorker('PC2', 'SIGKILL');
    expect(await must('rollback', '--emergency', '--machine', 'PC2')).toContain(
      'the worker of PC2 does not begin: undone here.',
    );
    await startWorker('PC2');
    await rolledBack(minutes);
    expect(await lab.changes()).toEqual([]);
  });
});
