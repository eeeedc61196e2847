// What a worker reported before it died is there for whoever asked it, also when nobody asks again.
import { ActivityFailure, CancelledFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { expect, test, vi } from 'vitest';
import { machineProxy, type Caller } from '../../../workflows/machine/proxy.ts';

const observe = vi.hoisted(() => vi.fn());

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<typeof import('@temporalio/workflow')>()),
  patched: () => true,
  proxyActivities: () => ({ observe }),
}));

const died = (details: unknown) =>
  new ActivityFailure(
    'it died',
    'observe',
    '1',
    RetryState.TIMEOUT,
    undefined,
    new TimeoutFailure('no heartbeat', details, TimeoutType.HEARTBEAT),
  );
const caller = (interrupted: (left: unknown) => void) =>
  ({
    step: '2D.soak',
    summary: '',
    limit: { within: (_machine: string, work: () => unknown) => work() },
    presence: { during: (_step: string, work: () => unknown) => work() },
    interrupted,
    waiting: () => {},
  }) as unknown as Caller;

test('it is asked again with that, and whoever gives up meanwhile has it', async () => {
  const left: unknown[] = [];
  const cancelled = new CancelledFailure('paused');
  observe.mockRejectedValueOnce(died({ samples: 7 })).mockRejectedValueOnce(cancelled);
  const on = machineProxy(
    'PC2',
    caller((details) => left.push(details)),
  );
  await expect(on.observe({ untilMs: 1 } as never)).rejects.toBe(cancelled);
  expect(left).toEqual([{ samples: 7 }]);
  expect(observe.mock.calls.map(([, again]) => again)).toEqual([undefined, { samples: 7 }]);
});

test('one that dies again and again is given up with the newest of it', async () => {
  const left: unknown[] = [];
  observe.mockReset().mockImplementation(async () => Promise.reject(died({ samples: left.length })));
  const on = machineProxy(
    'PC2',
    caller((details) => left.push(details)),
  );
  await expect(on.observe({ untilMs: 1 } as never)).rejects.toThrow('it died');
  expect(left.at(-1)).toEqual({ samples: left.length - 1 });
  expect(observe).toHaveBeenCalledTimes(left.length);
});
