// Two plans with a machine of one name at one Temporal: with a site each, nobody gets the other's work; without, it is refused.
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { meant, type MachinesOf } from '../../plan/machine-api/meant.ts';
import { controlQueueOf, machineQueue } from '../../plan/names.ts';
import type { Desired } from '../../plan/tasks/desired.ts';
import { interceptorsOf } from '../../workers/machine.ts';
import type { DryRun } from '../../workflows/dry-run.ts';
import { workflowBundle } from '../workflows/bundle.ts';
import { timeSkipping } from '../workflows/time.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => void (env = await timeSkipping()), 60_000);
afterAll(() => env?.teardown());

const machines = [{ name: 'PC2', address: '10.0.0.2' }];
const wanted: Desired[] = [{ what: 'ports', machine: 'PC2', target: '9100', ports: [9100], containers: [] }];

function runs(worker: Worker): void {
  const ended = worker.run();
  onTestFinished(async () => {
    worker.shutdown();
    await ended;
  });
}

/** A control worker for the plan's site. */
async function serve({ site }: MachinesOf): Promise<void> {
  runs(
    await Worker.create({
      connection: env.nativeConnection,
      taskQueue: controlQueueOf(site),
      workflowBundle: await workflowBundle(),
    }),
  );
}

/** The worker of the plan's machine; gives what it was asked to do. */
async function machineOf(plan: MachinesOf): Promise<string[]> {
  const done: string[] = [];
  const activities = {
    describeMachine: async () => void done.push('describeMachine'),
    portHolders: async () => {
      done.push('portHolders');
      return [];
    },
  };
  runs(
    await Worker.create({
      connection: env.nativeConnection,
      taskQueue: machineQueue('PC2', plan.site),
      activities,
      interceptors: interceptorsOf(meant(plan, 'PC2')),
    }),
  );
  return done;
}

function dryRun(plan: MachinesOf): Promise<DryRun> {
  return env.client.workflow.execute('dryRun', {
    taskQueue: controlQueueOf(plan.site),
    workflowId: randomUUID(),
    args: [wanted, plan],
  }) as Promise<DryRun>;
}

it("a site's week asks the machine of that site, and waits where only another site has one", async () => {
  const [berlin, paris] = [
    { site: 'berlin', machines },
    { site: 'paris', machines },
  ];
  await serve(berlin);
  await serve(paris);
  const doneInBerlin = await machineOf(berlin);
  expect(await dryRun(paris)).toMatchObject({ missing: ['PC2'] });
  expect(doneInBerlin).toEqual([]);
  const doneInParis = await machineOf(paris);
  expect(await dryRun(paris)).toMatchObject({ missing: [], differences: [{ change: 'none' }] });
  expect([doneInBerlin, doneInParis]).toEqual([[], ['describeMachine', 'portHolders']]);
}, 60_000);

it('without a site a machine of another plan refuses what it gets, before it does anything', async () => {
  await serve({ machines });
  const done = await machineOf({ machines: [{ name: 'PC2', address: '10.9.9.9' }] });
  await expect(dryRun({ machines })).rejects.toMatchObject({
    cause: {
      cause: {
        type: 'ForeignMachine',
        message: expect.stringMatching(/that of PC2 at 10\.9\.9\.9, and PC2 at 10\.0\.0\.2 is meant/),
      },
    },
  });
  expect(done).toEqual([]);
}, 60_000);
