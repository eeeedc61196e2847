// What a worker reported before it died is there for whoever asked it, also when nobody asks again.
import { ActivityFailure, CancelledFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { expect, test, vi } from 'vitest';
import { machineProxy, type Caller } from '../../../workflows/machine/proxy.ts';
import type { Hours } from '../../../workflows/windows.ts';

const observe = vi.hoisted(() => vi.fn());
const [injectFault, asked] = vi.hoisted(() => [vi.fn(), vi.fn()]);

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<typeof import('@temporalio/workflow')>()),
  patched: () => true,
  proxyActivities: (options: unknown) => {
    asked(options);
    return { observe, injectFault };
  },
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

test('a fault of a row that keeps hours lies in no queue for long, and is not asked again when the window is over', async () => {
  const ask = async (hours: Hours) => {
    asked.mockReset();
    injectFault.mockReset().mockImplementation(async () => Promise.reject(died(undefined)));
    const on = machineProxy('PC2', { ...caller(() => {}), hours: () => hours });
    await expect(on.injectFault({} as never)).rejects.toThrow('it died');
    return { times: injectFault.mock.calls.length, lies: asked.mock.calls[0]![0].scheduleToStartTimeout };
  };
  expect(await ask('closed')).toEqual({ times: 1, lies: 30_000 });
  expect(await ask('open')).toEqual({ times: 5, lies: 30_000 });
  expect(await ask('any')).toEqual({ times: 5, lies: undefined });
});

test('what only looks is asked again in such a row as well', async () => {
  observe.mockReset().mockRejectedValueOnce(died(undefined)).mockResolvedValueOnce('seen');
  const on = machineProxy('PC2', { ...caller(() => {}), hours: () => 'closed' });
  expect(await on.observe({ untilMs: 1 } as never)).toBe('seen');
});
