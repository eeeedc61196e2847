// A week whose execution is cancelled, ended or set back from outside, by what the Web UI calls and by a restored database: it is held, says
// why, and goes on or goes back; nothing that it made is forgotten.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { request, withClient } from '../../../client/week/connect.ts';
import { order } from '../../../client/week/orders.ts';
import { addressee, speaker } from '../../../client/week/speaker.ts';
import { loadPlan } from '../../../client/plan-file.ts';
import { killWorker, startTemporal, startWorker, stopTemporal } from '../../../lab/lab.ts';
import { temporalDatabase } from '../../../lab/temporal.ts';
import { workflowId } from '../../../plan/names.ts';
import { workOf } from '../../../plan/report/report.ts';
import type { Requirement } from '../../../plan/report/rows/requirement.ts';
import * as messages from '../../../workflows/orders/messages.ts';
import {
  atStep,
  follow,
  hubshift,
  isStatus,
  must,
  progress,
  report,
  rolledBack,
  startQuickly,
  type Look,
} from './lab.ts';
import { useLab } from './use-lab.ts';

const minutes = 60_000;

const lab = useLab();
let run: string;

/** The newest execution of the week, as a person sees it in the Web UI. */
function execution<T>(work: (handle: WorkflowHandle, client: Client) => Promise<T>): Promise<T> {
  const id = workflowId(loadPlan({}).plan.name);
  return withClient((client) => request(client, () => work(client.workflow.getHandle(id), client)));
}

/** Something of the task is on a machine. */
const made = (task: string) =>
  expect
    .poll(() => lab.machines.some(({ name }) => entriesOn(name).some(({ step }) => step.startsWith(task))), {
      interval: 50,
      timeout: 2 * minutes,
    })
    .toBe(true);
/** What passed, and not only in this test. */
const passed = async () =>
  workOf(await report()).filter(({ verdict, startedAt, endedAt }) => verdict === 'pass' && startedAt !== endedAt);
/** Nothing of it was done again. */
const stillPassed = async (before: Requirement[]) =>
  expect((await passed()).filter(({ id }) => before.some((row) => row.id === id))).toEqual(before);
const details = () =>
  execution(
    async (handle) =>
      ((await handle.query('__temporal_workflow_metadata')) as { currentDetails: string }).currentDetails,
  );

/** What the ledger of a machine has of this run. */
function entriesOn(name: string): { n: number; step: string; undo: { kind: string } }[] {
  const lines = readFileSync(join(lab.machine(name).state, 'ledger.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line)).filter((line) => line.run === run && line.n !== undefined);
}

const isHeldAhead = ({ snapshot }: Look) => / is ahead of the week/.test(snapshot?.held?.reason ?? '');

/** The week is held because it does not know of entries of a ledger, made meanwhile, and says how that ends: their steps. */
async function heldAhead(withinMs = 30_000): Promise<string[]> {
  const { snapshot } = await follow(isHeldAhead, withinMs);
  const { reason } = snapshot!.held!;
  expect(snapshot!.waits).toMatchObject([{ on: 'a person', command: expect.stringMatching(/rollback.*resume/) }]);
  expect(await details()).toContain(reason);
  const named = lab.machines
    .flatMap(({ name }) => entriesOn(name))
    .filter(({ n, step, undo }) => new RegExp(`\\b${n} ${undo.kind} \\S+ of ${step}, made there`).test(reason));
  return named.map(({ step }) => step);
}

/** To the beginning of its newest execution. */
const reset = () =>
  execution(async (handle, client) => {
    const [{ events }, { runId }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    const first = events!.find((event) => event.workflowTaskCompletedEventAttributes)!;
    await client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: handle.workflowId, runId },
      workflowTaskFinishEventId: first.eventId,
      reason: 'by mistake',
      requestId: runId,
    });
  });

describe('from the Web UI', () => {
  test('Cancel holds the week, which says how it is ended; a second one changes nothing; resume goes on', async () => {
    run = await startQuickly(['2A.check.scraping']);
    await follow(atStep('2A.check.scraping'), 4 * minutes);
    await execution((handle) => handle.cancel());
    const { snapshot } = await follow(isStatus('paused'), 10_000);
    expect(snapshot!.held!.reason).toMatch(/a Cancel of the workflow.*ended by hubshift rollback/);
    expect(await details()).toMatch(
      /\*\*paused\*\* in 2A[^]*a Cancel of the workflow[^]*hubshift resume, or hubshift rollback/,
    );
    const before = await passed();

    await execution((handle) => handle.cancel());
    expect((await progress())!.snapshot!.held).toEqual(snapshot!.held);
    await must('resume');
    await made('2B');
    await stillPassed(before);
  });

  test('Terminate ends nothing: the run is taken up again over its ledgers, and goes on where it was', async () => {
    await execution((handle) => handle.terminate('by mistake'));
    expect((await hubshift('progress')).stdout).toContain(
      `is terminated: it will not go on by itself. Take it up again with hubshift start --continue ${run}`,
    );
    const before = await passed();
    await must('start', '--continue', run);
    await made('2C.streams');
    await stillPassed(before);
  });

  test('Reset holds the week, which names what a ledger has that it does not know; it is taken up where it was before', async () => {
    const before = await passed();
    await reset();
    expect(await heldAhead()).toContainEqual(expect.stringMatching(/^2C/));
    await execution((handle) => handle.terminate('nobody wants the one that was reset'));
    await must('start', '--continue', run);
    await made('2D');
    await stillPassed(before);
  });

  test('one that is not taken up is rolled back, with what it does not know of', async () => {
    await reset();
    expect(await heldAhead()).toContainEqual(expect.stringMatching(/^2D/));
    await must('rollback', '--reason', 'the test is over');
    expect(await lab.changes()).toEqual([]);
  });
});

describe("with Temporal's database restored from an older backup", () => {
  const database = dirname(temporalDatabase);
  const backup = `${database}.backup`;
  const whileStopped = async (work: () => void) => {
    await stopTemporal();
    work();
    await startTemporal();
  };

  test('the week holds, naming what the ledgers have that it does not know; a person lets it go on over that', async () => {
    run = await startQuickly(['2D.soak']);
    await made('2B');
    await whileStopped(() => cpSync(database, backup, { recursive: true }));
    await made('2C.streams');
    await whileStopped(() => {
      rmSync(database, { recursive: true });
      cpSync(backup, database, { recursive: true });
    });
    expect(await heldAhead()).toContainEqual(expect.stringMatching(/^2C/));
    // For the entries of each machine, once.
    const isThere = atStep('2D.soak');
    do await must('resume');
    while (isHeldAhead(await follow((seen) => isThere(seen) || isHeldAhead(seen), 4 * minutes)));
  });

  test('level 3 is taken at once while the week waits for a worker, and ends in Phase 1', async () => {
    await killWorker('PC2', 'SIGKILL');
    await follow(({ snapshot }) => snapshot?.waits.some(({ on }) => on === 'the worker of pc2') ?? false, minutes);
    const began = Date.now();
    const { by, from } = speaker('Ada');
    await execution((_, client) =>
      order(client, addressee(loadPlan({})), messages.emergency, { level: 3, by, from, reason: 'a test' }),
    );
    const takenMs = Date.now() - began;
    await startWorker('PC2');
    await rolledBack(minutes);
    console.log(`level 3 without the worker of PC2: taken after ${takenMs} ms, Phase 1 after ${Date.now() - began} ms`);
    expect(takenMs).toBeLessThan(2_000);
    expect(await lab.changes()).toEqual([]);
    expect((await report()).incidents).toMatchObject([{ level: 3, result: 'recovered', withinLimit: true }]);
  });
});
