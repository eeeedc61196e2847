// Records what this build writes of a week, for later builds to read: `node --import tsx test/compat/record.ts`. Overwrites nothing: what a build
// has written once, every later one must read.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ApplicationFailure, defaultPayloadConverter, fromPayloadsAtIndex } from '@temporalio/common';
import { controlQueue } from '../../plan/names.ts';
import { reportOf } from '../../plan/report/report.ts';
import { snapshot } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { type Handle, type Lab, timeSkippingLab, week1Plan } from '../workflows/harness.ts';
import { order, soon, speaker, until } from '../workflows/people.ts';

function write(name: string, written: object): void {
  const file = join(import.meta.dirname, '../fixtures/compat/week', `${name}.json.gz`);
  writeFileSync(file, gzipSync(JSON.stringify(written), { level: 9 }), { flag: 'wx' });
  console.log(file);
}

/** Undone again and again, until more is remembered than travels with the week; then it is held. */
async function growOld(lab: Lab, handle: Handle): Promise<void> {
  for (let time = 1; ; time += 1) {
    await until(lab, handle, ({ status }) => status === 'deciding');
    await order.rollback(handle, `the ${time}. time`, { task: '2A' });
    await soon(handle, ({ status }) => status === 'paused', 60_000);
    const { older, history } = await handle.query(messages.state);
    console.log(`undone ${time} times, ${history.length} records of it`);
    if (older) return;
    await order.resume(handle);
  }
}

/** The state with which the newest history of the week begins, which is another than `before`. */
async function continuedState(handle: Handle, before: string): Promise<WeekState> {
  for (;;) {
    const { events } = await handle.client.getHandle(handle.workflowId).fetchHistory();
    const { originalExecutionRunId, input } = events![0]!.workflowExecutionStartedEventAttributes!;
    if (originalExecutionRunId !== before) return fromPayloadsAtIndex(defaultPayloadConverter, 0, input!.payloads);
    await new Promise((again) => setTimeout(again, 250));
  }
}

const lab = await timeSkippingLab(1_200_000);
try {
  await lab.run(
    week1Plan(),
    async ({ handle, machines, endWorker, startWorker }) => {
      machines.override('restartContainer', () => {
        throw ApplicationFailure.nonRetryable('edgehub does not stop');
      });
      for (const time of [1, 2]) {
        const { held } = await until(lab, handle, ({ status }) => status === 'failed');
        if (time === 2) machines.restore('restartContainer');
        await order.retry(handle, '2A.check.restart');
        await soon(handle, ({ held: now }) => now?.since !== held?.since);
      }
      await growOld(lab, handle);
      await endWorker('PC2');
      await order.rollback(handle, 'enough');
      await soon(handle, ({ waits }) => waits.some(({ on }) => on === 'the worker of pc2'), 60_000);
      await handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level: 3, reason: 'at once' }] });
      const { runId } = await handle.describe();
      handle.executeUpdate(messages.takeOver, { args: [{ ...speaker, queue: controlQueue }] }).catch(() => undefined);
      const undoing = await continuedState(handle, runId);
      await startWorker('PC2');
      const ended = await handle.result();
      const at = ended.rollback!.verifiedAt!;
      write('state-rolling-back', undoing);
      write('snapshot-rolling-back', snapshot(undoing, at));
      write('report-older', reportOf(ended, at));
    },
    { from: '2A.check.restart' },
  );
} finally {
  await lab.close();
}
