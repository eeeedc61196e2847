// The two machines undo their ledgers one step at a time, and whose turn it is comes by chance: no undo may need the other machine.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at } from '../../../activities/at.ts';
import { ledgerOf } from '../../../activities/ledger.ts';
import { loadPlan } from '../../../client/plan-file.ts';
import type { Undone } from '../../../plan/undo.ts';
import { differences, fingerprint, type Fingerprint } from './fingerprint.ts';
import { follow, freshLab, hubshift, isStatus, labDown, rolledBack, startQuickly, type LabStatus } from './lab.ts';
import { seeded } from './seeded.ts';

const seeds = (process.env.HUBSHIFT_INTERLEAVING_SEEDS ?? '11 12 13').split(' ').map(Number);
const minute = 60_000;

let lab: LabStatus;
let phase1: Fingerprint;

beforeAll(async () => {
  lab = await freshLab();
  phase1 = await fingerprint(lab.machines);
});
afterAll(() => labDown({ report: () => undefined }));

test.each(seeds)('undone in turns of seed %i, every entry is, and both machines are as in Phase 1', async (seed) => {
  const run = await startQuickly();
  await follow(isStatus('deciding'), 4 * minute);
  const random = seeded(seed);
  const ledgers = await Promise.all(
    loadPlan({}).plan.machines.map(async (machine) => {
      const ledger = ledgerOf(at(machine));
      const live = (await ledger.entries(run)).filter(({ end }) => !end);
      return { machine: machine.name, ledger, stepsLeft: [...new Set(live.reverse().map(({ step }) => step))] };
    }),
  );
  const turns: string[] = [];
  const failed: Undone[] = [];
  for (let waiting = ledgers; waiting.length > 0; waiting = waiting.filter(({ stepsLeft }) => stepsLeft.length > 0)) {
    const { machine, ledger, stepsLeft } = waiting[Math.floor(random() * waiting.length)]!;
    const step = stepsLeft.shift()!;
    turns.push(machine);
    failed.push(...(await ledger.rollback({ run, scope: { task: step } })).filter(({ result }) => result === 'failed'));
  }
  const changes = turns.filter((machine, index) => machine !== turns[index - 1]).length - 1;
  console.log(`seed ${seed}: ${turns.length} steps undone, ${changes} times the other machine's turn`);
  expect(failed).toEqual([]);
  expect(changes).toBeGreaterThan(3);
  expect(differences(phase1, await fingerprint(lab.machines))).toEqual([]);
  expect((await hubshift('rollback', '--reason', 'all of it is undone')).exitCode).toBe(0);
  await rolledBack(minute);
});
