// A worker that is renewed pauses first: whatever renews it again and again, it does not spin.
import { expect, it, vi } from 'vitest';
import { serve } from '../../workers/serve.ts';

const connected: number[] = [];
vi.mock('@temporalio/worker', async (original) => {
  class NativeConnection {
    static async connect() {
      connected.push(performance.now());
      return new NativeConnection();
    }
    async close() {}
  }
  return {
    ...(await original<object>()),
    NativeConnection,
    Runtime: { install: () => undefined },
    Worker: { create: async () => ({ runUntil: (told: Promise<unknown>) => told }) },
  };
});

it('pauses before it begins anew', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.stubEnv('HUBSHIFT_METRICS_ADDRESS', undefined);
  let stop = (): void => undefined;
  vi.spyOn(process, 'once').mockImplementation((_, listener) => {
    stop = listener as () => void;
    return process;
  });
  await serve('PC2', 'ab'.repeat(32), ['queue'], {}, async ({ renew }) => (connected.length < 3 ? renew() : stop()));
  const pauses = connected.slice(1).map((at, index) => at - connected[index]!);
  expect(pauses).toHaveLength(2);
  for (const pause of pauses) expect(pause).toBeGreaterThan(450);
});
