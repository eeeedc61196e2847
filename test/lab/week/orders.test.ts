// Orders to a real week: held, let go on, looked at, rolled back from where it is, with Temporal and without.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, stopTemporal } from '../../../lab/lab.ts';
import { workOf } from '../../../plan/report/report.ts';
import { changesSince, differences, fingerprint, type Fingerprint } from './fingerprint.ts';
import { follow, freshLab, hubshift, isStatus, labDown, progress, report, rolledBack, type LabStatus } from './lab.ts';

let lab: LabStatus;
let phase1: Fingerprint;

beforeAll(async () => {
  lab = await freshLab();
  phase1 = await fingerprint(lab.machines);
});
afterAll(() => labDown({ report: () => undefined }));

const ledgers = () => lab.machines.map(({ state }) => readFileSync(join(state, 'ledger.jsonl'), 'utf8'));
const inPhase = (phase: string) => follow(({ glance }) => glance.phase === phase, 4 * 60_000);

async function given(...order: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await hubshift(...order);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

test('a paused week changes nothing until it is resumed; resumed it goes on where it was', async () => {
  await given('start', '--rehearsal', '10000');
  await inPhase('2A');
  await given('pause', '--reason', 'lunch', '--as', 'Ada');
  const paused = await follow(isStatus('paused'), 10_000);
  expect(paused.snapshot?.held?.reason).toBe('paused by Ada: lunch');
  expect(paused.snapshot?.waits).toContainEqual(
    expect.objectContaining({ on: 'a person', command: expect.stringContaining('hubshift resume') }),
  );
  const [before, containers] = [ledgers(), await fingerprint(lab.machines)];
  await setTimeout(4_000);
  expect(ledgers()).toEqual(before);
  expect(differences(containers, await fingerprint(lab.machines))).toEqual([]);
  expect((await hubshift('pause', '--reason', 'again')).stderr).toContain('paused already');
  const done = workOf(await report()).filter(({ verdict }) => verdict === 'pass');

  await given('resume');
  await inPhase('2B');
  const requirements = workOf(await report());
  expect(requirements.filter(({ id }) => done.some((row) => row.id === id))).toEqual(done);
  expect(requirements.filter(({ task, verdict }) => task === '2A' && verdict !== 'pass')).toEqual([]);
});

test('a preview names what a rollback would undo and undoes nothing', async () => {
  await given('pause', '--reason', 'a look at the way back');
  await follow(isStatus('paused'), 10_000);
  const before = ledgers();
  const said = await given('rollback', '--preview');
  expect(said).toMatch(/container\.remove +edgehub/);
  expect(said).toContain('Nothing was undone.');
  expect(ledgers()).toEqual(before);
});

test('a paused week is rolled back to Phase 1', async () => {
  await given('rollback', '--reason', 'the test is over');
  expect((await progress())?.glance.status).toBe('rolled back');
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});

test('with Temporal dead in the middle of a week each machine goes back by itself, and the week can not change it again', async () => {
  await given('start', '--rehearsal', '10000');
  await inPhase('2B');
  await stopTemporal('SIGKILL');
  for (const { name } of lab.machines) await given('rollback', '--emergency', '--machine', name);
  expect(await changesSince(phase1, lab.machines)).toEqual([]);

  await startTemporal();
  await rolledBack(60_000);
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});
