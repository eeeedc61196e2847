// npm run bench:rollback: level 3 from command to verified Phase 1, side by side with a bare script that only removes and restarts.
import { join } from 'node:path';
import { execa } from 'execa';
import { changesSince, fingerprint } from '../lab/week/fingerprint.ts';
import { follow, freshLab, isStatus, labDown, must, rolledBack, startQuickly } from '../lab/week/lab.ts';
import { startTemporal, stopTemporal } from '../../lab/lab.ts';

const rounds = Number(process.argv[2] ?? 10);
const minute = 60_000;
/** The budgets: median from command to verified, as a multiple of the bare script, and from going local. */
const budgets = { medianMs: 5_000, timesBare: 2, localMs: 4_000 };

const lab = await freshLab();
const phase1 = await fingerprint(lab.machines);
const machine = (name: string) => lab.machines.find((one) => one.name === name)!;

async function deployed(): Promise<void> {
  await startQuickly();
  await follow(isStatus('deciding'), 4 * minute);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

async function mustBePhase1(): Promise<void> {
  const left = await changesSince(phase1, lab.machines);
  if (left.length > 0) throw new Error(`not Phase 1: ${left.join('; ')}`);
}

const bare = () =>
  execa(
    join(import.meta.dirname, 'bare-rollback.sh'),
    [
      machine('MainPC').dockerSocket,
      machine('PC2').dockerSocket,
      machine('PC2').supervisorConfig,
      join(machine('PC2').root, 'pc2_code/config'),
    ],
    { timeout: minute },
  );

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
const found: Record<'level 3' | 'bare script' | 'without Temporal', number[]> = {
  'level 3': [],
  'bare script': [],
  'without Temporal': [],
};
try {
  for (let round = 1; round <= rounds; round += 1) {
    await deployed();
    found['level 3'].push(await timed(() => must('emergency', '--level', '3', '--reason', 'a measurement')));
    await mustBePhase1();

    await deployed();
    found['bare script'].push(await timed(bare));
    await must('emergency', '--level', '3', '--reason', 'what the bare script leaves');

    await deployed();
    await stopTemporal('SIGKILL');
    const local = await Promise.all(
      lab.machines.map(({ name }) => timed(() => must('rollback', '--emergency', '--machine', name))),
    );
    found['without Temporal'].push(Math.max(...local));
    await mustBePhase1();
    await startTemporal();
    await rolledBack(minute);
    console.log(
      `round ${round}: ${Object.entries(found)
        .map(([what, ms]) => `${what} ${ms.at(-1)} ms`)
        .join(', ')}`,
    );
  }
} finally {
  await labDown({ report: () => undefined });
}
const [ours, theirs, local] = Object.values(found).map(median) as [number, number, number];
for (const [what, ms] of Object.entries(found))
  console.log(`${what.padEnd(16)} median ${median(ms)} ms of ${ms.join(' ')}`);
const kept = ours <= budgets.medianMs && ours <= budgets.timesBare * theirs && local <= budgets.localMs;
console.log(
  `level 3 takes ${(ours / theirs).toFixed(2)} times the bare script; budgets (${budgets.medianMs} ms, ${budgets.timesBare} times, ${budgets.localMs} ms without Temporal) ${kept ? 'kept' : 'NOT kept'}`,
);
process.exitCode = kept ? 0 : 1;
