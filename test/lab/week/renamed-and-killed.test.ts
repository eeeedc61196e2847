// The week of a plan with every machine, service, agent and stream renamed and every port moved, while workers and Temporal are killed at
// ten seeded instants, over every task and the undo: nothing knows the names of plan/week1.yaml, and the verdicts stay what they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { killWorker, startTemporal, startWorker, stopTemporal } from '../../../lab/lab.ts';
import { workOf } from '../../../plan/report/report.ts';
import { natsRequest } from './foreign-nats.ts';
import { follow, hubshift, isStatus, must, notPassed, progress, report, type Look } from './lab.ts';
import { seeded } from './seeded.ts';
import { useLab } from './use-lab.ts';

interface Instant {
  task: string;
  /** How many rows of the task are done before. */
  done: number;
  /** From there, so that it falls into the middle of something. */
  afterMs: number;
  /** A machine, whose worker it is, or one of the servers. */
  victim: string;
  downMs: number;
}

const renamed = fileURLToPath(new URL('../../plans/renamed.yaml', import.meta.url));
/** EdgeHub and CentralHub, so written, are what the two hubs are called in words. */
const namesOfWeek1 =
  /MainPC|mainpc|PC2|pc2|centralhub|edgehub|pushgateway-|nats-main|observability|resource_manager|unified_utils|sentinel/;

const seed = Number(process.env.HUBSHIFT_KILL_SEED ?? 20240723);
const tasks = ['preflight', '2A', '2B', '2C', '2C', '2D', '2D', 'soak'];
const machines = ['Birch', 'Alder'];
const servers = ['control', 'Temporal'];

const lab = useLab(() => ({ plan: renamed }));

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

async function kill(victim: string, downMs: number): Promise<void> {
  if (victim === 'Temporal') await stopTemporal('SIGKILL');
  else await killWorker(victim, 'SIGKILL');
  await setTimeout(downMs);
  if (victim === 'Temporal') await startTemporal();
  else await startWorker(victim);
}

/** The task has come so far, or is over. Unknown while nobody answers. */
function reached({ task, done }: Instant): (seen: Look) => boolean {
  return ({ snapshot }) => {
    const its = snapshot?.tasks.find((one) => one.task === task);
    return its !== undefined && ((snapshot?.phase === task && its.done >= done) || its.done === its.total);
  };
}

test(`every row passes although workers and Temporal are killed (HUBSHIFT_KILL_SEED=${seed})`, async () => {
  await must('start', '--yes', '--rehearsal', '10000');
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

test('the rows have ids made of the new names, and nothing that was found has an old one', async () => {
  const seen = await report();
  expect(seen.requirements.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      '2B.alder.container',
      '2C.deploy.birch',
      '2C.messaging.alder-to-birch',
      '2D.deploy.keeper.system-metrics',
      '2D.deploy.toolbox.utility',
      '2D.watcher.new',
    ]),
  );
  // A row keeps its words in every plan, and a KPI its name; what was found must have no name of the packaged plan.
  const found = seen.requirements.map(({ id, machine: where, summary, evidence }) =>
    JSON.stringify({ id, where, summary, evidence }).replaceAll('kpi.edgehub-uptime', 'kpi'),
  );
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((record) => namesOfWeek1.test(record))).toEqual([]);
});

test('a foreign NATS client finds the renamed streams on both servers, and no others', async () => {
  for (const [name, port] of [
    ['Alder', 4522],
    ['Birch', 4523],
  ] as const) {
    const { streams } = (await natsRequest(lab.machine(name).address, port, '$JS.API.STREAM.NAMES')) as {
      streams: string[];
    };
    expect(streams.sort()).toEqual(['grove-alerts', 'grove-health', 'grove-metrics']);
  }
});

test('there is one container for each specification', async () => {
  const label = 'io.hubshift.spec';
  const format = `{{.Label "${label}"}}`;
  for (const { name } of lab.machines) {
    const stdout = await lab.docker(name, 'ps', '--all', '--filter', `label=${label}`, '--format', format);
    const specs = stdout.split('\n').filter(Boolean);
    expect(specs.length, name).toBeGreaterThan(1);
    expect(new Set(specs).size, name).toBe(specs.length);
  }
});

test('the undo ends in Phase 1 although a worker and a server are killed in it', async () => {
  const random = seeded(seed + 1);
  const ledgers = () => lab.machines.map(({ state }) => readFileSync(join(state, 'ledger.jsonl'), 'utf8')).join('');
  const closings = () => ledgers().split('"close":').length;
  const before = closings();
  const undoing = hubshift('rollback', '--reason', 'the test is over');
  // An undo takes a second or two: nobody who asks for the progress sees it begin in time. The server goes while the worker is still down.
  await expect.poll(closings, { interval: 10, timeout: 30_000 }).toBeGreaterThan(before);
  const deaths = [machines, servers].map(async (among) => {
    await setTimeout(Math.floor(random() * 200));
    const victim = among[Math.floor(random() * among.length)]!;
    console.log(`killing ${victim} while the week is rolling back`);
    await kill(victim, 1_000);
  });
  await Promise.all(deaths);
  await undoing;
  await follow(isStatus('rolled back'), 3 * 60_000);
  expect(await lab.changes()).toEqual([]);
});
