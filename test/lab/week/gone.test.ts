// A machine that is gone for good: its worker is killed and not started again before the week has ended without it. When it is back its
// ledger is closed, and the command that was named has the week undo what stands there.
import { afterEach, expect, test } from 'vitest';
import { killWorker, startWorker } from '../../../lab/lab.ts';
import { atStep, follow, hubshift, must, report, startQuickly, variant } from './lab.ts';
import { endWeek, useLab } from './use-lab.ts';

const minutes = 60_000;

const lab = useLab();
afterEach(() => endWeek(lab));

interface Ledger {
  runs: { run: string; state: string; entries: { result: string | null }[] }[];
}

/** What the ledger of PC2 says of a run. */
async function ledgerOf(run: string): Promise<Ledger['runs'][number]> {
  const { runs } = JSON.parse(await must('ledger', '--machine', 'PC2', '--json')) as Ledger;
  return runs.find((one) => one.run === run)!;
}

const standing = async (run: string) => (await ledgerOf(run)).entries.filter(({ result }) => result === null).length;

/** The week says everywhere that it ended, but for PC2; MainPC is in Phase 1, and what stands on PC2 is as it was. */
async function endedWithoutPC2(run: string, before: number): Promise<string> {
  expect(await lab.changes([lab.machine('MainPC')])).toEqual([]);
  expect(await standing(run)).toBe(before);
  const { status, without } = await report();
  expect(status).toBe('rolled back in part');
  expect(without).toMatchObject([{ machine: 'PC2', open: expect.arrayContaining(['2A.deploy.container']) }]);
  const { command } = without[0]!;
  const { exitCode, stdout } = await hubshift('progress');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('rolled back, but for PC2');
  expect(stdout).toContain(command);
  expect((await must('runs')).split('\n')[1]).toContain('rolled back, but for PC2');
  return command;
}

/** Back, it takes no more changes of the run; the command takes the week up again, which undoes it and looks at all of it. */
async function isBack(run: string, command: string, before: number): Promise<void> {
  expect((await ledgerOf(run)).state).toBe('open');
  await startWorker('PC2');
  await expect.poll(async () => (await ledgerOf(run)).state, { timeout: minutes, interval: 500 }).toBe('closed');
  expect(await standing(run)).toBe(before);
  const [, ...args] = command.split(' ');
  expect(await must(...args)).toMatch(/level 3, the whole week: recovered/);
  expect(await standing(run)).toBe(0);
  expect(await lab.changes()).toEqual([]);
  await follow(({ execution }) => execution !== 'running', 3 * minutes);
  expect(await report()).toMatchObject({ status: 'rolled back', without: [] });
}

test('level 3 ends without it after the deadline of the plan', async () => {
  const run = await startQuickly(['2D.soak'], variant('gone.yaml', { 'emergency.machineDeadline': '30s' }));
  await follow(atStep('2D.soak'), 4 * minutes);
  await killWorker('PC2', 'SIGKILL');
  const before = await standing(run);
  const { exitCode, stdout } = await hubshift('emergency', '--level', '3', '--reason', 'PC2 burned', '--as', 'Ada');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/level 3, the whole week: failed/);
  expect(stdout).toMatch(/not undone: its worker did not come within 30s of level 3/);
  // The incident is there before the week has told people of its end.
  await follow(({ execution }) => execution !== 'running', 3 * minutes);
  await isBack(run, await endedWithoutPC2(run, before), before);
});

test('a rollback that waits for it ends when a person says so', async () => {
  const run = await startQuickly(['2D.soak']);
  await follow(atStep('2D.soak'), 4 * minutes);
  await killWorker('PC2', 'SIGKILL');
  const before = await standing(run);
  const waiting = hubshift('rollback', '--reason', 'go back');
  await follow(
    ({ snapshot }) => snapshot?.waits.some(({ command }) => command?.includes('--without PC2')) ?? false,
    minutes,
  );
  const { exitCode, stderr } = await hubshift('rollback', '--without', 'PC2', '--reason', 'PC2 burned');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('The week is rolled back, but for PC2.');
  const first = await waiting;
  expect(first.exitCode).toBe(1);
  expect(first.stderr).toContain('The week is rolled back, but for PC2.');
  await isBack(run, await endedWithoutPC2(run, before), before);
});
