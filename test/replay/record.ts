// Records the histories that replay.integration.test.ts replays: `node --import tsx test/replay/record.ts [NAME]`. Only for new ones, or before
// anybody runs weeks: a change that an old history does not survive needs `patched`, not a new recording.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { timeSkippingLab, week1Plan, type Lab, type Options, type Running } from '../workflows/harness.ts';
import { historiesOf } from '../workflows/histories.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { decide, order, soon, speaker, until } from '../workflows/people.ts';

interface Scenario {
  options?: Options;
  /** From the start of the week to its end. */
  live(lab: Lab, week: Running): Promise<unknown>;
}

const deciding = (lab: Lab, { handle }: Running) => until(lab, handle, ({ status }) => status === 'deciding');

const scenarios: Record<string, Scenario> = {
  // Long enough to be continued as new twice.
  happy: {
    live: async (lab, week) => {
      await deciding(lab, week);
      await decide(week.handle);
    },
  },
  'paused-and-retried': {
    options: { from: '2D.deploy.unified_utils_agent' },
    live: async (lab, week) => {
      const { handle, machines } = week;
      const hanging = machines.hang('deployAgent');
      await until(lab, handle, () => hanging.asked > 0);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      machines.override('deployAgent', async (_ask, usual) => ({ ...(await usual()), state: 'UNHEALTHY' }));
      await order.resume(handle);
      await until(lab, handle, ({ status }) => status === 'failed');
      machines.restore('deployAgent');
      await order.retry(handle, '2D.deploy.unified_utils_agent');
      await deciding(lab, week);
      await decide(handle, { decision: 'no-go', then: 'extend' });
      await soon(handle, ({ status }) => status !== 'deciding');
      await deciding(lab, week);
      await decide(handle);
    },
  },
  // A task and an agent go back and are done again; levels 1 to 3; a worker that is missing for a while.
  'undone-in-part': {
    options: { from: '2D.deploy.unified_utils_agent' },
    live: async (lab, week) => {
      const { handle, endWorker, startWorker } = week;
      const emergency = (level: 1 | 2 | 3, more = {}) =>
        handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level, reason: 'a trial', ...more }] });
      await deciding(lab, week);
      await order.rollback(handle, 'once more', { task: '2D' });
      await soon(handle, ({ status }) => status === 'paused');
      await endWorker('PC2');
      await order.resume(handle);
      await soon(handle, ({ waits }) => waits.some(({ on }) => on === 'the worker of pc2'), 60_000);
      await startWorker('PC2');
      await deciding(lab, week);
      await emergency(1, { component: 'nats-pc2' });
      await soon(handle, ({ incidents }) => incidents.length === 1);
      await deciding(lab, week);
      await emergency(2, { agent: 'unified_utils_agent' });
      await soon(handle, ({ incidents }) => incidents.length === 2);
      await deciding(lab, week);
      await emergency(3);
    },
  },
  'rolled-back': {
    options: { from: '2C.resilience.node-down' },
    live: async (lab, { handle, machines }) => {
      const hanging = machines.hang('natsAlone');
      await until(lab, handle, () => hanging.asked > 0);
      await order.rollback(handle, 'enough');
    },
  },
};

async function record(lab: Lab, name: string, { options, live }: Scenario): Promise<void> {
  await lab.run(
    week1Plan(),
    async (week) => {
      const { runId } = await week.handle.describe();
      await live(lab, week);
      await week.handle.result();
      const histories = await historiesOf(lab, week.handle.workflowId, runId);
      histories.forEach((history, page) => {
        const file = join(import.meta.dirname, 'histories', `${name}-${page + 1}.json.gz`);
        writeFileSync(file, gzipSync(historyToJSON(history), { level: 9 }));
        console.log(`${file}: ${history.events?.length} events`);
      });
    },
    options,
  );
}

mkdirSync(join(import.meta.dirname, 'histories'), { recursive: true });
const lab = await timeSkippingLab();
try {
  const [, , only] = process.argv;
  for (const [name, scenario] of Object.entries(scenarios))
    if (!only || only === name) await record(lab, name, scenario);
} finally {
  await lab.close();
}
