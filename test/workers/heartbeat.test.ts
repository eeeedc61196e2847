// Heartbeats that every activity gets.
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, vi } from 'vitest';
import { pause } from '../../activities/context/cancellation.ts';
import { reportProgress } from '../../activities/context/heartbeat.ts';
import { heartbeatInterceptor, heartbeatMs } from '../../workers/heartbeat.ts';

function environment(heartbeatDetails?: unknown) {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const found = new MockActivityEnvironment({ heartbeatDetails }, { interceptors: [heartbeatInterceptor] });
  const beats: unknown[] = [];
  found.on('heartbeat', (details: unknown) => beats.push(details));
  return { beats, run: (activity: () => Promise<unknown>) => found.run(activity), cancel: () => found.cancel() };
}

it('beats while an activity runs that says nothing, and no longer', async () => {
  const { beats, run } = environment();
  await run(() => pause(2.5 * heartbeatMs));
  const during = beats.length;
  expect([1, 2]).toContain(during);
  await pause(2 * heartbeatMs);
  expect(beats).toHaveLength(during);
});

it('repeats the newest progress instead of wiping it out', async () => {
  const { beats, run } = environment();
  await run(async () => {
    reportProgress({ offset: 1 });
    reportProgress({ offset: 2 });
    await pause(1.5 * heartbeatMs);
  });
  expect(beats).toEqual([{ offset: 1 }, { offset: 2 }, { offset: 2 }]);
});

it('hands on what the attempt before reported', async () => {
  const { beats, run } = environment({ offset: 7 });
  await run(() => pause(1.5 * heartbeatMs));
  expect(beats).toEqual([{ offset: 7 }]);
});

it('stops heartbeatInterceptor when the activity fails', async () => {
  const { beats, run } = environment();
  await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await pause(2 * heartbeatMs);
  expect(beats).toEqual([]);
});
