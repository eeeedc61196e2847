// What a worker reported before it died is there for whoever asked it, also when nobody asks again.
import { ActivityFailure, CancelledFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { expect, test, vi } from 'vitest';
import { Calendar } from '../../../plan/calendar/schema.ts';
import { serviceOf } from '../../../plan/schema/plan.ts';
import { initialState } from '../../../plan/week/initial-state.ts';
import { NotBegun } from '../../../workflows/machine/failures.ts';
import { machineProxy, type Caller } from '../../../workflows/machine/proxy.ts';
import { restartAndCompare } from '../../../workflows/tasks/edgehub/checks.ts';
import type { Week } from '../../../workflows/week.ts';
import { type Hours, hoursOf } from '../../../workflows/windows.ts';
import { plan as week1 } from '../../client/fixtures.ts';

const observe = vi.hoisted(() => vi.fn());
const [injectFault, asked] = vi.hoisted(() => [vi.fn(), vi.fn()]);
const hub = vi.hoisted(() => ({
  inspectContainer: vi.fn(async () => ({ startedAt: '' })),
  query: vi.fn(),
  readSequences: vi.fn(),
  restartContainer: vi.fn(async () => ({ stoppedMs: 0, startedAt: '' })),
  awaitReady: vi.fn(),
}));

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<typeof import('@temporalio/workflow')>()),
  patched: () => true,
  proxyActivities: (options: unknown) => {
    asked(options);
    return { observe, injectFault, ...hub };
  },
}));

const at = { machine: 'PC2', address: '10.0.0.2', site: 'berlin' };
const timedOut = (type: TimeoutType, details?: unknown) =>
  new ActivityFailure(
    'it died',
    'observe',
    '1',
    RetryState.TIMEOUT,
    undefined,
    new TimeoutFailure('out of time', details, type),
  );
const died = (details: unknown) => timedOut(TimeoutType.HEARTBEAT, details);
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
    at,
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
    at,
    caller((details) => left.push(details)),
  );
  await expect(on.observe({ untilMs: 1 } as never)).rejects.toThrow('it died');
  expect(left.at(-1)).toEqual({ samples: left.length - 1 });
  expect(observe).toHaveBeenCalledTimes(left.length);
});

test('a fault of a row that keeps hours lies in no queue for long, and is not asked again when the window is over', async () => {
  const ask = async (hours: () => Hours) => {
    asked.mockReset();
    injectFault.mockReset().mockImplementation(async () => Promise.reject(died(undefined)));
    const on = machineProxy(at, { ...caller(() => {}), hours });
    await expect(on.injectFault({} as never)).rejects.toThrow('it died');
    return { times: injectFault.mock.calls.length, lies: asked.mock.calls[0]![0].scheduleToStartTimeout };
  };
  expect(await ask(() => (injectFault.mock.calls.length > 0 ? 'closed' : 'open'))).toEqual({ times: 1, lies: 30_000 });
  expect(await ask(() => 'open')).toEqual({ times: 5, lies: 30_000 });
  expect(await ask(() => 'any')).toEqual({ times: 5, lies: undefined });
});

test('one that nobody takes in that time says which worker is wanted', async () => {
  injectFault.mockReset().mockRejectedValueOnce(timedOut(TimeoutType.SCHEDULE_TO_START));
  const on = machineProxy(at, { ...caller(() => {}), hours: () => 'open' });
  const told =
    'the worker of pc2 did not take injectFault within 30 s: hubshift worker --machine PC2, then hubshift retry 2D.soak';
  await expect(on.injectFault({} as never)).rejects.toThrow(new NotBegun(told));
});

test('nothing is restarted when what is asked before it waited for its worker until the window was over', async () => {
  const step = '2A.check.restart';
  const plan = { ...week1, calendar: Calendar.parse({ zone: 'UTC', disturb: 'Mon-Fri 09:00-17:00' }) };
  const startedAt = Date.parse('2026-11-27T16:00Z');
  const state = initialState({ plan, planDigest: '', run: 'r', startedBy: 'ada', startedAt, rehearsal: null });
  const week = { plan, state } as Week;
  const restart = (back: string) => {
    vi.setSystemTime(startedAt);
    hub.readSequences.mockImplementationOnce(async () => vi.setSystemTime(Date.parse(back)));
    const m = machineProxy(at, { ...caller(() => {}), step, hours: () => hoursOf(week, [step]) });
    return restartAndCompare(week, m, serviceOf(plan, 'edge-hub'));
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await expect(restart('2026-11-28T03:00Z')).rejects.toBeInstanceOf(NotBegun);
    await expect(restart('2026-11-27T16:59:30Z')).rejects.toThrow(
      'restartContainer was not asked of pc2: what goes before it took until the window left it no time; ' +
        'hubshift retry 2A.check.restart, after hubshift release 2A.check.restart --reason TEXT at any hour',
    );
    expect(hub.restartContainer).not.toHaveBeenCalled();
    expect(state.disturbances ?? {}).toEqual({});
    // It began when all of it would fit: what is asked before has taken its minute.
    await restart('2026-11-27T16:58:30Z');
    expect(hub.restartContainer).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test('what only looks is asked again in such a row as well', async () => {
  observe.mockReset().mockRejectedValueOnce(died(undefined)).mockResolvedValueOnce('seen');
  const on = machineProxy(at, { ...caller(() => {}), hours: () => 'closed' });
  expect(await on.observe({ untilMs: 1 } as never)).toBe('seen');
});

test('it is asked in the queue of its site, and told whose machine is meant', async () => {
  asked.mockReset();
  observe.mockReset().mockResolvedValue('seen');
  const ask = { untilMs: 1 };
  await machineProxy(
    at,
    caller(() => {}),
  ).observe(ask as never);
  expect(asked.mock.calls[0]![0]).toMatchObject({ taskQueue: 'hubshift.machine.pc2@berlin' });
  expect(observe).toHaveBeenCalledWith(ask, undefined, at);
});
