// Orders to a real week: held, let go on, looked at, rolled back from where it is, with Temporal and without.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startTemporal, stopTemporal } from '../../../lab/lab.ts';
import { workOf } from '../../../plan/report/report.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { follow, hubshift, isStatus, must, progress, report, rolledBack } from './lab.ts';
import { useLab } from './use-lab.ts';

const lab = useLab();

const ledgers = () => lab.machines.map(({ state }) => readFileSync(join(state, 'ledger.jsonl'), 'utf8'));
const inPhase = (phase: string) => follow(({ glance }) => glance.phase === phase, 4 * 60_000);

test('a paused week changes nothing until it is resumed; resumed it goes on where it was', async () => {
  await must('start', '--yes', '--rehearsal', '10000');
  await inPhase('2A');
  await must('pause', '--reason', 'lunch', '--as', 'Ada');
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

  await must('resume');
  await inPhase('2B');
  const requirements = workOf(await report());
  expect(requirements.filter(({ id }) => done.some((row) => row.id === id))).toEqual(done);
  expect(requirements.filter(({ task, verdict }) => task === '2A' && verdict !== 'pass')).toEqual([]);
});

test('a preview names what a rollback would undo and undoes nothing', async () => {
  await must('pause', '--reason', 'a look at the way back');
  await follow(isStatus('paused'), 10_000);
  const before = ledgers();
  const said = await must('rollback', '--preview');
  expect(said).toMatch(/container\.remove +edgehub/);
  expect(said).toContain('Nothing was undone.');
  expect(ledgers()).toEqual(before);
});

test('a paused week is rolled back to Phase 1', async () => {
  await must('rollback', '--reason', 'the test is over');
  expect((await progress())?.glance.status).toBe('rolled back');
  expect(await lab.changes()).toEqual([]);
});

test('with Temporal dead in the middle of a week each machine goes back by itself, and the week can not change it again', async () => {
  await must('start', '--yes', '--rehearsal', '10000');
  await inPhase('2B');
  await stopTemporal('SIGKILL');
  for (const { name } of lab.machines) await must('rollback', '--emergency', '--machine', name);
  expect(await lab.changes()).toEqual([]);

  await startTemporal();
  await rolledBack(60_000);
  expect(await lab.changes()).toEqual([]);
});
