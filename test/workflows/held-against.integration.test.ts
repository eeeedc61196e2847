// What an undo row is held against: what was there before this run, which a GO may have kept, and not the plan's Phase 1.
import { programOf } from '../../plan/schema/agent.ts';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { type Plan, serviceOf } from '../../plan/schema/plan.ts';
import { configPath } from '../../plan/tasks/shared/config-directory.ts';
import { stepsOf, tasksIn, undoRows } from '../../plan/tasks/steps.ts';
import type { WeekState } from '../../plan/week/state.ts';
import type { Undone } from '../../plan/week/undo.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import { week1Plan } from './harness.ts';
import { order, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);
const bounded = { timeout: 100_000 };

const kept = 'week-0';
/** The rows of what others can have made: each with what it says then. */
const theirs = {
  '2B.undo.configs': /no hub's file that is there was changed by this run/,
  '2A.undo.agents': /0 agents .*observability_hub/,
  '2B.undo.reload': /centralhub runs agents, pushgateway-main, pushgateway-pc2 \(.* not of this run\)/,
  '2C.undo.http-fallback': /0 agents .*observability_hub/,
  '2C.streams.undo': /observability-metrics stays: made by run week-0/,
  '2C.streams.undo-http': /0 agents .*observability_hub.*agents are well/,
  '2D.undo.central-only': /0 agents .*observability_hub/,
};

/** As a week leaves it that was kept: its containers, streams and jobs, agents with both hubs that send over NATS. Also after a rollback of ours. */
function keepAll(machines: FakeMachines, plan: Plan, run: string | null = kept): void {
  const { activeHub, hubs } = plan.migration.contract;
  const jobs = ['agents', 'pushgateway-main', 'pushgateway-pc2'];
  machines.override('hubStatus', async (_ask, usual) => ({ ...(await usual()), jobs }));
  machines.override('inspectContainer', async (_ask, usual) => ({
    ...(await usual()),
    exists: true,
    running: true,
    ours: true,
    run,
  }));
  machines.override('streamState', async (_ask, usual) => ({ ...(await usual()), run }));
  machines.override('directoryState', async (_ask, usual) => ({ ...(await usual()), exists: true }));
  machines.override('shown', async ({ pointer, want }, usual) => {
    if (pointer.endsWith('/receivedAt')) return { found: false, value: '2020-01-01T00:00:00.000Z', waitedMs: 1 };
    if (pointer === hubs?.pointer) return { found: true, value: [{}, {}], waitedMs: 1 };
    if (pointer !== activeHub?.pointer) return usual();
    const value = activeHub?.primary;
    return { found: want === undefined || want.includes(value), value, waitedMs: 1 };
  });
}

const entry = (kind: Undone['kind'], target: string, step: string): Undone => ({
  entry: 7,
  step,
  kind,
  target,
  result: 'undone',
  ms: 5,
});

/** All checks count as passed, so that each task has begun; also those of the preflight, then nobody has looked before. */
function begun(plan: Plan, looked: boolean): Pick<WeekState, 'records'> {
  const checks = stepsOf(plan).filter(({ kind, task }) => kind === 'check' && (!looked || task !== 'preflight'));
  const passed = { machine: '', verdict: 'pass', summary: '', evidence: {}, startedAt: 0, endedAt: 0, attempts: 1 };
  return { records: Object.fromEntries(checks.map(({ id }) => [id, { id, ...passed, verdict: 'pass' as const }])) };
}

/** What holds the end, with what was found. */
const failed = ({ records }: Pick<WeekState, 'records'>) =>
  Object.values(records)
    .filter(({ id, verdict }) => verdict === 'fail' && undoIds.includes(id))
    .map(({ id, summary }) => `${id}: ${summary}`);
const undoIds = undoRows(tasksIn(week1Plan())).map(({ id }) => id);

test.each([
  ['which was looked at before', true],
  ['which nobody looked at before', false],
])('a run that a kept one, %s, has refused has nothing to take back', bounded, async (_, looked) => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      keepAll(machines, plan);
      machines.override('ensureDirectories', async () => {
        throw ApplicationFailure.nonRetryable(`made by run ${kept}, which was kept by its GO`, 'ForeignDirectory');
      });
      machines.override('rollback', async () => []);
      await until(lab, handle, ({ status }) => status === 'failed');
      await order.rollback(handle);
      const ended = await handle.result();
      expect(failed(ended)).toEqual([]);
      expect(ended.status).toBe('rolled back');
      for (const [id, says] of Object.entries(theirs))
        expect(ended.records[id]).toMatchObject({ verdict: 'pass', summary: expect.stringMatching(says) });
    },
    { left: { state: begun(plan, looked) } },
  );
});

test('a run that took over what was kept gives it back, and agents use it as before', bounded, async () => {
  const plan = week1Plan((one) => {
    one.adopt = [...one.services, ...one.messaging.streams].map(({ name }) => name);
  });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      keepAll(machines, plan);
      await until(lab, handle, ({ windows }) => windows.length > 0);
      const pilots = plan.agents.filter(({ wave }) => wave !== undefined);
      const restored = pilots.map((pilot) => entry('agent.restore', programOf(pilot), `2D.deploy.${pilot.name}`));
      const file = entry('file.restore', serviceOf(plan, 'central-hub').config, '2B.scrape.central');
      const edge = configPath(serviceOf(plan, 'edge-hub'));
      const [written, edited] = ['2A.config.global', '2B.scrape.edge'].map((step) => entry('file.restore', edge, step));
      machines.override('rollback', async (_ask, _usual, machine) =>
        machine === 'PC2' ? [...restored, edited, written] : [file],
      );
      // What 2B found in EdgeHub's file was written by 2A.
      machines.override('digestFile', async ({ path, changedBy }) => {
        const replaced = path === edge && changedBy?.task !== '2A' ? 'of 2A' : kept;
        return { exists: true, bytes: 1, sha256: kept, replaced };
      });
      await order.rollback(handle);
      const ended = await handle.result();
      expect(failed(ended)).toEqual([]);
      expect(ended.status).toBe('rolled back');
      for (const [id, says] of Object.entries({
        ...theirs,
        '2B.undo.configs': /2 of 2 files/,
        '2A.undo.agents': /0 agents .*as before this run: observability_hub/,
        '2C.undo.http-fallback': /0 agents .*as before this run: observability_hub/,
        '2C.streams.undo': /observability-metrics stays: adopted/,
      }))
        expect(ended.records[id]).toMatchObject({ verdict: 'pass', summary: expect.stringMatching(says) });
    },
    { from: '2D.soak' },
  );
});

test('what this run made holds the end, whatever its ledgers know of it', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, machines, state }) => {
      await until(lab, handle, ({ windows }) => windows.length > 0);
      keepAll(machines, plan, state.run);
      machines.override('rollback', async () => []);
      machines.override('digestFile', async () => ({ exists: true, bytes: 1, sha256: 'ours', replaced: 'theirs' }));
      await order.rollback(handle);
      await until(lab, handle, ({ status }) => status === 'paused');
      const found = failed(await handle.query(messages.state)).join('\n');
      for (const id of [...Object.keys(theirs), '2A.undo.container', '2B.undo.containers', '2C.undo.containers'])
        expect(found).toContain(`${id}: `);
      for (const verb of ['shown', 'hubStatus', 'streamState', 'inspectContainer', 'rollback', 'digestFile'] as const)
        machines.restore(verb);
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: '2D.soak' },
  );
});

test('a row that a hub lets nobody look at holds the end until somebody may', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ windows }) => windows.length > 0);
      machines.override('targets', async (_ask, usual) => ({
        ...(await usual()),
        targets: [],
        unknown: true,
        error: 'answered 401 (it refuses the basicAuth of the plan)',
      }));
      await order.rollback(handle);
      await until(lab, handle, ({ status }) => status === 'paused');
      const seen = await handle.query(messages.state);
      expect(failed(seen)).toContainEqual(expect.stringMatching(/^2B\.undo\.direct-scrape: .*401/));
      machines.restore('targets');
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: '2D.soak' },
  );
});
