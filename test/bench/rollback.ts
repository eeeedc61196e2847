// npm run bench:rollback: level 3 from command to verified Phase 1, beside a bare script that takes back the same things and looks at none.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { startTemporal, stopTemporal } from '../../lab/lab.ts';
import { changesSince, fingerprint } from '../lab/week/fingerprint.ts';
import { follow, freshLab, isStatus, labDown, must, rolledBack, startQuickly } from '../lab/week/lab.ts';

const rounds = Number(process.argv[2] ?? 10);
const minute = 60_000;
/** The budget: the median of level 3 as a multiple of the script's. How fast either is says more of the host. */
const timesBare = 1;

const lab = await freshLab();
const phase1 = await fingerprint(lab.machines);
const machine = (name: string) => lab.machines.find((one) => one.name === name)!;
const [main, pc2] = [machine('MainPC'), machine('PC2')];
const scratch = await mkdtemp(join(tmpdir(), 'hubshift-bench-'));
const hubBefore = join(scratch, 'prometheus.yml');
await copyFile(join(main.root, 'mainpc/centralhub/config/prometheus.yml'), hubBefore);

const levelThree = () => must('emergency', '--level', '3', '--reason', 'a measurement');
const bare = () =>
  execa(
    join(import.meta.dirname, 'bare-rollback.sh'),
    [main.dockerSocket, main.root, hubBefore, pc2.dockerSocket, pc2.root, pc2.supervisorConfig],
    { timeout: minute },
  );

async function deployed(): Promise<void> {
  await startQuickly();
  await follow(isStatus('deciding'), 4 * minute);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

/** Outside of the time that was taken: by the bench's own eyes, whoever did it. */
async function mustBePhase1(after: string): Promise<void> {
  const left = await changesSince(phase1, lab.machines);
  if (left.length > 0) throw new Error(`not Phase 1 after ${after}: ${left.join('; ')}`);
}

async function timedFromDeployed(what: string, work: () => Promise<unknown>): Promise<number> {
  await deployed();
  const ms = await timed(work);
  await mustBePhase1(what);
  return ms;
}

async function ofScript(): Promise<number> {
  const ms = await timedFromDeployed('the bare script', bare);
  // The week does not know of it.
  await levelThree();
  return ms;
}

/** The slower machine. */
async function withoutTemporal(): Promise<number> {
  await deployed();
  await stopTemporal('SIGKILL');
  const machines = await Promise.all(
    lab.machines.map(({ name }) => timed(() => must('rollback', '--emergency', '--machine', name))),
  );
  await mustBePhase1('each machine alone');
  await startTemporal();
  await rolledBack(minute);
  return Math.max(...machines);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

interface Round {
  ours: number;
  bare: number;
  alone: number;
}

const measured: Round[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    const found: Partial<Round> = {};
    const pair = [
      async () => (found.ours = await timedFromDeployed('level 3', levelThree)),
      async () => (found.bare = await ofScript()),
    ];
    // What the host does in one half of a round is not always to the cost of the same.
    for (const measure of round % 2 === 1 ? pair : pair.reverse()) await measure();
    found.alone = await withoutTemporal();
    const one = found as Round;
    measured.push(one);
    console.log(
      `round ${round}: level 3 ${one.ours} ms, bare script ${one.bare} ms, ratio ${(one.ours / one.bare).toFixed(2)}; without Temporal ${one.alone} ms`,
    );
  }
} finally {
  await rm(scratch, { recursive: true });
  await labDown({ report: () => undefined });
}

const timesOf = (what: keyof Round) => measured.map((round) => round[what]);
const [ours, theirs, alone] = [timesOf('ours'), timesOf('bare'), timesOf('alone')];
const ratios = measured.map((round) => round.ours / round.bare);
const ratio = median(ours) / median(theirs);
for (const [what, times] of Object.entries({
  'level 3, verified': ours,
  'bare script, looks at nothing': theirs,
  'without Temporal, verified': alone,
}))
  console.log(`${what.padEnd(30)} median ${median(times)} ms of ${times.join(' ')}`);
const kept = ratio <= timesBare;
console.log(
  `level 3 takes ${ratio.toFixed(2)} times the bare script, by round ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} (median ${median(ratios).toFixed(2)}); budget ${timesBare.toFixed(2)} times ${kept ? 'kept' : 'NOT kept'}`,
);
process.exitCode = kept ? 0 : 1;
