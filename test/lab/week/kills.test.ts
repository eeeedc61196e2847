// Workers and Temporal killed at ten seeded instants, over every task and the undo: the week's verdicts stay what they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killWorker, startTemporal, startWorker, stopTemporal } from '../../../lab/lab.ts';
import { workOf } from '../../../plan/report/report.ts';
import { changesSince, fingerprint, type Fingerprint } from './fingerprint.ts';
import {
  follow,
  freshLab,
  hubshift,
  isStatus,
  labDown,
  notPassed,
  progress,
  report,
  type LabStatus,
  type MetricsView,
} from './lab.ts';
import { seeded } from './seeded.ts';

type Victim = 'PC2' | 'MainPC' | 'control' | 'Temporal';
interface Instant {
  task: string;
  /** How many rows of the task are done before. */
  done: number;
  /** From there, so that it falls into the middle of something. */
  afterMs: number;
  victim: Victim;
  downMs: number;
}

const seed = Number(process.env.HUBSHIFT_KILL_SEED ?? 20240723);
const tasks = ['preflight', '2A', '2B', '2C', '2C', '2D', '2D', 'soak'];
const machines: Victim[] = ['PC2', 'MainPC'];
const servers: Victim[] = ['control', 'Temporal'];

let lab: LabStatus;
let phase1: Fingerprint;

beforeAll(async () => {
  lab = await freshLab();
  phase1 = await fingerprint(lab.machines);
});
afterAll(() => labDown({ report: () => undefined }));

function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Every victim twice. The last is a machine's worker in the middle of the soak, whose samples are then missing. */
function instants(random: () => number, rows: Record<string, number>): Instant[] {
  const [last = 'PC2', ...others] = shuffled([...machines, ...machines], random);
  const victims = [...shuffled([...others, ...servers, ...servers], random), last];
  const chosen = tasks.map((task) => ({ task, done: task === 'soak' ? 0 : Math.floor(random() * (rows[task] ?? 0)) }));
  const inOrder = chosen.sort((a, b) => tasks.indexOf(a.task) - tasks.indexOf(b.task) || a.done - b.done);
  return inOrder.map(({ task, done }, index) => ({
    task,
    done,
    afterMs: Math.floor((task === 'soak' ? 5_000 : 0) + random() * 2_000),
    victim: victims[index]!,
    downMs: 1_000 + Math.floor(random() * 4_000),
  }));
}

async function kill(victim: Victim, downMs: number): Promise<void> {
  if (victim === 'Temporal') await stopTemporal('SIGKILL');
  else await killWorker(victim, 'SIGKILL');
  await setTimeout(downMs);
  if (victim === 'Temporal') await startTemporal();
  else await startWorker(victim);
}

/** The task has come so far, or is over. Unknown while nobody answers. */
function reached({ task, done }: Instant): (seen: MetricsView) => boolean {
  return ({ snapshot }) => {
    const its = snapshot?.tasks.find((one) => one.task === task);
    return its !== undefined && ((snapshot?.phase === task && its.done >= done) || its.done === its.total);
  };
}

test(`every row passes although workers and Temporal are killed (HUBSHIFT_KILL_SEED=${seed})`, async () => {
  expect((await hubshift('start', '--rehearsal', '10000')).exitCode).toBe(0);
  const rows = workOf(await report());
  const plan = instants(
    seeded(seed),
    Object.fromEntries(tasks.map((task) => [task, rows.filter((row) => row.task === task).length])),
  );
  for (const instant of plan) {
    await follow(reached(instant), 6 * 60_000);
    await setTimeout(instant.afterMs);
    const seen = await progress();
    console.log(
      `killing ${instant.victim} for ${instant.downMs} ms in ${seen?.glance.phase} ${seen?.glance.tasks[instant.task]} (wanted ${instant.task} ${instant.done}): ${seen?.snapshot?.running.map(({ id }) => id).join(', ')}`,
    );
    await kill(instant.victim, instant.downMs);
  }
  await follow(isStatus('deciding'), 6 * 60_000);
  const seen = await report();
  expect(notPassed(seen)).toEqual([]);
  console.log(
    `done more than once: ${
      seen.requirements
        .filter(({ attempts }) => attempts > 1)
        .map(({ id, attempts }) => `${id} ${attempts}`)
        .join(', ') || 'nothing'
    }`,
  );

  // The time in which nobody looked is on record, and was watched again.
  const { evidence, startedAt, endedAt } = seen.requirements.find(({ id }) => id === '2D.soak')!;
  const { downMs } = plan.at(-1)!;
  const [observedMs, wantedMs, longestGapMs] = [
    Number(evidence.observedMs),
    Number(evidence.wantedMs),
    Number(evidence.longestGapMs),
  ];
  expect(observedMs).toBeGreaterThanOrEqual(wantedMs);
  expect(longestGapMs).toBeGreaterThanOrEqual(downMs);
  expect(endedAt! - startedAt!).toBeGreaterThanOrEqual(observedMs + downMs);
});

test('there is one container for each specification', async () => {
  for (const { name, dockerSocket } of lab.machines) {
    const { stdout } = await execa(
      'docker',
      [
        '-H',
        `unix://${dockerSocket}`,
        'ps',
        '--all',
        '--filter',
        'label=io.hubshift.spec',
        '--format',
        '{{.Label "io.hubshift.spec"}}',
      ],
      { timeout: 10_000 },
    );
    const specs = stdout.split('\n').filter(Boolean);
    expect(specs.length, name).toBeGreaterThan(1);
    expect(new Set(specs).size, name).toBe(specs.length);
  }
});

test('the undo ends in Phase 1 although a worker and a server are killed in it', async () => {
  const random = seeded(seed + 1);
  const undoing = hubshift('rollback', '--reason', 'the test is over');
  // An undo takes a second or two: nobody who asks for the progress sees it begin in time. The server goes while the worker is still down.
  await expect
    .poll(
      () => lab.machines.some(({ state }) => readFileSync(join(state, 'ledger.jsonl'), 'utf8').includes('"close":')),
      { interval: 10, timeout: 30_000 },
    )
    .toBe(true);
  const deaths = [machines, servers].map(async (among) => {
    await setTimeout(Math.floor(random() * 200));
    const victim = among[Math.floor(random() * among.length)]!;
    console.log(`killing ${victim} while the week is rolling back`);
    await kill(victim, 1_000);
  });
  await Promise.all(deaths);
  await undoing;
  await follow(isStatus('rolled back'), 3 * 60_000);
  expect(await changesSince(phase1, lab.machines)).toEqual([]);
});
