// How long something counts as disturbed by the week: from when it was, and no longer than a fault may last.
import { ActivityFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { initialState } from '../../../plan/week/initial-state.ts';
import { disturbance, restarted, withFault } from '../../../workflows/watch/fault-window.ts';
import type { Week } from '../../../workflows/week.ts';
import { began, plan } from '../../client/fixtures.ts';

vi.mock('@temporalio/workflow', async (original) => {
  const runs = (_timeoutMs: number, work: () => unknown) => work();
  const scope = { nonCancellable: (work: () => unknown) => work(), withTimeout: runs };
  return { ...(await original<typeof import('@temporalio/workflow')>()), CancellationScope: scope };
});

const minute = 60_000;
const week = () => ({
  plan,
  state: initialState({ plan, planDigest: '', run: 'run', startedBy: '', startedAt: began, rehearsal: null }),
});

beforeEach(() => void vi.useFakeTimers({ now: began }));
afterEach(() => void vi.useRealTimers());

it('is over when it is ready again', () => {
  const { state } = week();
  const { begins, over } = disturbance({ plan, state }, 'edgehub');
  begins(began + 5);
  vi.setSystemTime(began + minute);
  over();
  expect(state.disturbances).toEqual({ edgehub: [[began + 5, began + minute]] });
});

it('does not excuse the hours in which a worker is away that should lift the fault, which the machine does itself', () => {
  const { state } = week();
  const { begins, over } = disturbance({ plan, state }, 'edgehub');
  begins();
  vi.setSystemTime(began + 180 * minute);
  over();
  expect(state.disturbances).toEqual({ edgehub: [[began, began + plan.faults.limit + minute]] });
});

it('begins, for what is restarted, with its stop: not before the machine was asked, and not while a worker is away', async () => {
  const edge = { name: 'edgehub', stopGrace: 30_000 };
  const begun: (number | undefined)[] = [];
  const begins = (at?: number) => void begun.push(at);
  const restart = (tookMs: number) => ({
    restartContainer: async () => {
      vi.setSystemTime(Date.now() + tookMs);
      return { stoppedMs: 500, startedAt: '' };
    },
  });
  await restarted(restart(2_000), edge, 'run', begins);
  vi.setSystemTime(began);
  await restarted(restart(180 * minute), edge, 'run', begins);
  expect(begun).toEqual([began, began + 180 * minute - 500 - edge.stopGrace]);
});

/** The worker dies ten seconds later, in the middle of what it was asked. */
const dies = async (): Promise<never> => {
  vi.setSystemTime(Date.now() + 10_000);
  const cause = new TimeoutFailure('no heartbeat', undefined, TimeoutType.HEARTBEAT);
  throw new ActivityFailure('it died', 'restartContainer', '1', RetryState.TIMEOUT, undefined, cause);
};
const latest = began + plan.faults.limit + minute;

it('is excused for what a worker did not live to tell of, which ends by itself', async () => {
  const { state } = week();
  const { begins, over } = disturbance({ plan, state }, 'edgehub');
  const edge = { name: 'edgehub', stopGrace: 30_000 };
  await expect(restarted({ restartContainer: dies }, edge, 'run', begins)).rejects.toThrow('it died');
  over();
  expect(state.disturbances).toEqual({ edgehub: [[began, latest]] });
});

it.each([
  { of: 'lifted by the worker that comes back', liftFault: async () => {}, to: began + 10_000 },
  { of: 'left to the machine by one that stays away', liftFault: dies, to: latest },
])('is excused for a fault that nobody saw injected, $of', async ({ liftFault, to }) => {
  const { state } = week();
  const { begins, over } = disturbance({ plan, state }, 'edgehub');
  const on = { injectFault: dies, liftFault } as never;
  const change = { run: 'run', step: '2D.failover.stop' };
  const fault = { kind: 'container-kill', container: 'edgehub' } as const;
  const work = async () => {};
  await expect(withFault({ plan } as Week, on, change, fault, begins, work)).rejects.toThrow('it died');
  over();
  expect(state.disturbances).toEqual({ edgehub: [[began, to]] });
});

it('is not excused for a fault that was not asked for', async () => {
  const { state } = week();
  const { begins, over } = disturbance({ plan, state }, 'edgehub');
  const on = { injectFault: () => Promise.reject(new Error('not asked')), liftFault: dies } as never;
  const fault = { kind: 'container-kill', container: 'edgehub' } as const;
  await expect(
    withFault({ plan } as Week, on, { run: 'run', step: 'row' }, fault, begins, async () => {}),
  ).rejects.toThrow('not asked');
  over();
  expect(state.disturbances).toEqual({});
});
