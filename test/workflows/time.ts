// Temporal's time-skipping server, and the time that it skips: never twice at once, which is too much for it.
import { setTimeout as delay } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from '../../lab/test-server.ts';

/** The SDK gives the server five seconds to answer, which a busy machine may not keep. */
export async function timeSkipping(times = 6): Promise<TestWorkflowEnvironment> {
  const path = await timeSkippingServer();
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
  } catch (error) {
    if (times === 1) throw error;
    return timeSkipping(times - 1);
  }
}

export interface Time {
  /** Skips this much time, after the drift that is under way. */
  skip(milliseconds: number): Promise<void>;
  /** Skips it although activities lie in queues that nobody serves, each of which keeps time from being skipped. None may be cancelled meanwhile. */
  skipOver(queued: () => Promise<number>, milliseconds: number): Promise<void>;
  /** Lets this much time be skipped, or waits for the drift that is under way. */
  drift(milliseconds: number): Promise<void>;
  drifting(): Promise<void> | undefined;
}

export function timeOf(env: TestWorkflowEnvironment): Time {
  let drifting: Promise<void> | undefined;
  return {
    async skip(milliseconds) {
      await drifting;
      await env.sleep(milliseconds);
    },
    async skipOver(queued, milliseconds) {
      const testService = env.connection.testService!;
      await drifting;
      let over = false;
      let letGo = 0;
      const sleeping = env.sleep(milliseconds).finally(() => (over = true));
      while (!over) {
        for (const locks = await queued(); letGo < locks; letGo += 1) await testService.unlockTimeSkipping({});
        await Promise.race([sleeping, delay(50)]);
      }
      for (; letGo > 0; letGo -= 1) await testService.lockTimeSkipping({});
    },
    drift: (milliseconds) => (drifting ??= env.sleep(milliseconds).finally(() => (drifting = undefined))),
    drifting: () => drifting,
  };
}
