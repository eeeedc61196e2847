// A week is lost when a workflow task is begun once more and nothing says why, and not when it waits or fails.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { askedTooLate, lostWeek, whenLost } from './lost.ts';

const started = { workflowTaskStartedEventAttributes: {} };
const completed = { workflowTaskCompletedEventAttributes: {} };
const failed = { workflowTaskFailedEventAttributes: {} };
const fired = { timerFiredEventAttributes: {} };

function looks(events: object[], length = () => events.length) {
  const over = new AbortController();
  const numbered = events.map((event, index) => ({ eventId: index + 1, ...event }));
  const week = {
    workflowId: 'week-1',
    describe: async () => ({ historyLength: length(), status: { name: 'RUNNING' } }),
    events: numbered,
    async fetchHistory(this: { events: object[] }) {
      return { events: this.events };
    },
  } as unknown as Parameters<typeof whenLost>[0];
  return { lost: whenLost(week, over.signal, 10), over };
}

it('is lost when a task was begun once more', async () => {
  const { lost } = looks([started, completed, started, fired, started]);
  await expect(lost).rejects.toThrow(lostWeek);
  await expect(lost).rejects.toThrow('week-1: it took no answer to workflow task 3');
});

let grows = 0;
it.each([
  ['waits', looks([started, completed, fired, started, completed])],
  ['is at a task', looks([started, completed, started])],
  ['fails again and again', looks([started, failed, started, started])],
  ['goes on', looks([started, started], () => (grows += 1))],
])('is not lost while it %s', async (_what, { lost, over }) => {
  await expect(Promise.race([lost, delay(300, 'not lost')])).resolves.toBe('not lost');
  over.abort();
  await expect(lost).rejects.toThrow('aborted');
});

it('only what the SDK asks of a closed channel by itself is no error', () => {
  const closed = Object.assign(new Error('Channel has been shut down'), {
    stack:
      'Error: Channel has been shut down\n    at Timeout.retry [as _onTimeout] (/x/@temporalio/client/lib/grpc-retry.js:142:34)',
  });
  expect(askedTooLate(closed)).toBe(true);
  expect(askedTooLate(new Error('Channel has been shut down'))).toBe(false);
  expect(askedTooLate(Object.assign(new Error('another'), { stack: closed.stack }))).toBe(false);
});
