// Heartbeats that every activity gets, at times that the test sets.
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { previousHeartbeat, reportProgress } from '../../activities/context/heartbeat.ts';
import { heartbeatInterceptor, heartbeatMs } from '../../workers/heartbeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function environment(heartbeatDetails?: unknown) {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const found = new MockActivityEnvironment({ heartbeatDetails }, { interceptors: [heartbeatInterceptor] });
  const beats: unknown[] = [];
  found.on('heartbeat', (details: unknown) => beats.push(details));
  const run = (activity: () => Promise<unknown>) => found.run(activity);
  const activity = (work: () => Promise<unknown>, left: unknown) => found.run((_ask, _left) => work(), {}, left);
  return { beats, run, activity };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

it('beats while an activity runs that says nothing, and no longer', async () => {
  const { beats, run } = environment();
  await run(() => pass(2.5 * heartbeatMs));
  expect(beats).toHaveLength(2);
  await pass(2 * heartbeatMs);
  expect(beats).toHaveLength(2);
});

it('repeats the newest progress instead of wiping it out', async () => {
  const { beats, run } = environment();
  await run(async () => {
    reportProgress({ offset: 1 });
    reportProgress({ offset: 2 });
    await pass(1.5 * heartbeatMs);
  });
  expect(beats).toEqual([{ offset: 1 }, { offset: 2 }, { offset: 2 }]);
});

it('hands on what the attempt before reported', async () => {
  const { beats, run } = environment({ offset: 7 });
  await run(() => pass(1.5 * heartbeatMs));
  expect(beats).toEqual([{ offset: 7 }]);
});

it('goes on from what the week hands on of a worker that died, unless an attempt of its own came after that', async () => {
  const left = { offset: 7 };
  const goesOn = async (heartbeatDetails?: unknown) => {
    const { beats, activity } = environment(heartbeatDetails);
    const found = await activity(async () => {
      const previous = previousHeartbeat();
      await pass(1.5 * heartbeatMs);
      return previous;
    }, left);
    return { found, beats };
  };
  expect(await goesOn()).toEqual({ found: left, beats: [left] });
  expect(await goesOn({ offset: 9 })).toEqual({ found: { offset: 9 }, beats: [{ offset: 9 }] });
});

it('stops heartbeatInterceptor when the activity fails', async () => {
  const { beats, run } = environment();
  await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await pass(2 * heartbeatMs);
  expect(beats).toEqual([]);
});
