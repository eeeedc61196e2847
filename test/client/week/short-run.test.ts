// A short workflow is done, or it is said within seconds why not: by nobody, or by a control worker that does not know it.
import type { Client } from '@temporalio/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { exitCodes } from '../../../client/failure.ts';
import { shortRun } from '../../../client/week/short-run.ts';

const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => void (clock.now += ms) }));
beforeEach(() => {
  clock.now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => clock.now);
});

const untaken = [{}, {}];
const unknown =
  "Failed to initialize workflow of type 'showPrepared': no such function is exported by the workflow bundle";
const failed = [...untaken, {}, { workflowTaskFailedEventAttributes: { failure: { message: unknown } } }];
const done = { workflowTaskCompletedEventAttributes: {} };

/** A server on which the workflow has these histories, by time. */
function run(historyAt: (ms: number) => object[]) {
  const ended: string[] = [];
  const handle = {
    fetchHistory: async () => ({ events: historyAt(clock.now) }),
    terminate: async (reason: string) => void ended.push(reason),
    result: async () => 'the result',
  };
  const connection = { withDeadline: (_: number, work: () => unknown) => work() };
  const client = { connection, workflow: { start: async () => handle } } as unknown as Client;
  return { ended, over: shortRun(client, 'showPrepared', { name: 'x', machines: [] }, {}) };
}

it('gives its result, once its first task is done', async () => {
  expect(await run((ms) => (ms < 3_000 ? untaken : [...untaken, {}, done])).over).toBe('the result');
  expect(clock.now).toBeLessThan(4_000);
});

it('of a control worker that has not got so far yet is waited for', async () => {
  expect(await run(() => [...untaken, {}]).over).toBe('the result');
});

it('that nobody takes is ended after eight seconds', async () => {
  const { ended, over } = run(() => untaken);
  await expect(over).rejects.toMatchObject({
    exitCode: exitCodes.unreachable,
    message: expect.stringMatching(/^No control worker answers on hubshift\.control within 8 s\. Start one/),
  });
  expect(ended).toHaveLength(1);
});

it('that an earlier build does not know is ended within seconds, and it is said what to do', async () => {
  const { ended, over } = run(() => failed);
  await expect(over).rejects.toMatchObject({
    exitCode: exitCodes.failed,
    message: expect.stringMatching(
      /^The control worker on hubshift\.control can't do this: .*'showPrepared': no such function .* earlier build: put this one in its place and restart it/,
    ),
  });
  expect(clock.now).toBeLessThan(5_000);
  expect(ended).toHaveLength(1);
});

it('that one of two workers does not know is done by the other', async () => {
  expect(await run((ms) => (ms < 1_000 ? failed : [...failed, {}, done])).over).toBe('the result');
});
