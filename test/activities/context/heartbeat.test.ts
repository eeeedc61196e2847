// How far an activity is, in its heartbeats.
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { latestHeartbeat, reportProgress } from '../../../activities/context/heartbeat.ts';

describe('reportProgress', () => {
  it('is kept for the heartbeats to come, and begins with what the attempt before reported', async () => {
    const environment = new MockActivityEnvironment({ heartbeatDetails: { offset: 1 } });
    expect(latestHeartbeat(environment.context)).toEqual({ offset: 1 });
    await environment.run(async () => reportProgress({ offset: 2 }));
    expect(latestHeartbeat(environment.context)).toEqual({ offset: 2 });
  });

  it('is nothing outside of an activity', () => {
    expect(() => reportProgress({ offset: 1 })).not.toThrow();
  });
});
