// Another build goes on with the week again and again, wherever it is, and back: every row is as it would be without.
import { expect, test, vi } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { seeded } from '../lab/week/seeded.ts';
import { type Handle, week1Plan } from './harness.ts';
import { decide, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(280_000);

const takeovers = 20;
const seed = Number(process.env['HUBSHIFT_TAKEOVER_SEED'] ?? 20260711);

/** The fix: one step says something else. */
const [said, fixed] = ['nodes in one cluster, messages cross', 'nodes in one cluster, and messages cross'];
const nextQueue = `${controlQueue}.next`;

/** Numbers of rows that are done, in order, over all tasks. */
function moments(rows: number): number[] {
  const next = seeded(seed);
  const chosen = new Set<number>();
  while (chosen.size < takeovers) chosen.add(1 + Math.floor(next() * (rows - 12)));
  return [...chosen].sort((a, b) => a - b);
}

/** One that comes as a history ends is not taken: it is given again. Never two at once, of which the second would be lost with the history. */
async function takeOver(handle: Handle, queue: string): Promise<void> {
  const served = async () => {
    const { taskQueue, historyLength } = await handle.describe();
    return historyLength > 4 ? taskQueue : '';
  };
  for (let time = 1; ; time += 1) {
    // On a busy machine what is under way takes longer than the time in which the order is to be carried out.
    await vi.waitFor(() => lab.quiet(), { timeout: 120_000 });
    if ((await served()) === queue) return;
    const refused = handle.executeUpdate(messages.takeOver, { args: [{ ...speaker, queue }] }).then(() => '', String);
    try {
      return await expect.poll(served, { timeout: 10_000 }).toBe(queue);
    } catch (error) {
      if (time === 3)
        throw new Error(`not on ${queue}: ${await Promise.race([refused, 'no answer'])}`, { cause: error });
    }
  }
}

test(`${takeovers} takeovers over the whole week, and one back before its last`, { timeout: 300_000 }, async () => {
  console.log(`HUBSHIFT_TAKEOVER_SEED=${seed}`);
  await lab.serve(nextQueue, (code) => {
    expect(code.split(said)).toHaveLength(2);
    return code.replace(said, fixed);
  });
  const plan = week1Plan();
  const rows = stepsOf(plan).length;
  await lab.run(plan, async ({ handle }) => {
    for (const [index, moment] of moments(rows).entries()) {
      await until(lab, handle, ({ tasks }) => tasks.reduce((sum, { done }) => sum + done, 0) >= moment);
      // The last is to the build with the fix, the one before it back.
      await takeOver(handle, (takeovers - index) % 2 === 1 ? nextQueue : controlQueue);
    }
    await until(lab, handle, ({ status }) => status === 'deciding');
    await soon(handle, ({ evidence }) => evidence !== undefined);
    await decide(handle);
    const { status, records, pages } = await handle.result();
    expect(status).toBe('completed');
    expect(pages).toBeGreaterThanOrEqual(takeovers);
    expect(Object.values(records).filter(({ verdict, attempts }) => verdict !== 'pass' || attempts !== 1)).toEqual([]);
    expect(Object.keys(records)).toEqual(expect.arrayContaining(stepsOf(plan).map(({ id }) => id)));
    expect(records['week.day-3']!.summary).toContain(fixed);
  });
});
