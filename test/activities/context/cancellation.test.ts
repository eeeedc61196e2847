// Limits that end waiting.
import { MockActivityEnvironment } from '@temporalio/testing';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { pause, within } from '../../../activities/context/cancellation.ts';

describe('within', () => {
  it('fires though nobody but the waiter holds it and garbage is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const collecting = setInterval(collect, 20);
    try {
      await Promise.race([
        once(within(150), 'abort'),
        pause(3_000).then(() => Promise.reject(new Error('it never fired'))),
      ]);
    } finally {
      clearInterval(collecting);
    }
  });

  it('says that it was the time', () => {
    const signal = within(1);
    return once(signal, 'abort').then(() => expect(signal.reason).toMatchObject({ name: 'TimeoutError' }));
  });

  it('fires with the cancellation of the activity, and at once when that has come already', async () => {
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(() => once(within(60_000), 'abort'));
    environment.cancel();
    await waiting;
    expect(await environment.run(async () => within(60_000).aborted)).toBe(true);
  });
});
