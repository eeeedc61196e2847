// How long something counts as disturbed by the week: from when it was, and no longer than a fault may last.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { initialState } from '../../../plan/week/initial-state.ts';
import { disturbance, restarted } from '../../../workflows/watch/fault-window.ts';
import { began, plan } from '../../client/fixtures.ts';

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
