// How far an activity is, in its heartbeats.
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { latestProgress, progress } from '../../../activities/context/heartbeat.ts';

describe('progress', () => {
  it('is kept for the heartbeats to come, and begins with what the attempt before reported', async () => {
    const environment = new MockActivityEnvironment({ heartbeatDetails: { offset: 1 } });
    expect(latestProgress(environment.context)).toEqual({ offset: 1 });
    await environment.run(async () => progress({ offset: 2 }));
    expect(latestProgress(environment.context)).toEqual({ offset: 2 });
  });

  it('is nothing outside of an activity', () => {
    expect(() => progress({ offset: 1 })).not.toThrow();
  });
});
