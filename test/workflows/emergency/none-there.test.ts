// Level 3 after a power cut of all machines: none is there at the deadline, and they come back one after the other.
import { CancelledFailure } from '@temporalio/common';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Undoing } from '../../../plan/week/state.ts';
import { unlessLeft } from '../../../workflows/emergency/without.ts';
import type { Week } from '../../../workflows/week.ts';
import { good } from '../../plan/evidence/good-week.ts';

/** As the workflow's, on the clock of the test. */
vi.mock(import('@temporalio/workflow'), async (original) => {
  class Scope {
    private give: (error: Error) => void = () => undefined;
    private readonly given = new Promise<never>((_, reject) => (this.give = reject));
    run = (work: () => Promise<unknown>) => Promise.race([work(), this.given]);
    cancel = () => this.give(new CancelledFailure('left'));
  }
  const condition = (holds: () => boolean, withinMs = Infinity) =>
    new Promise<boolean>((resolve) => {
      const until = Date.now() + withinMs;
      const look = () => {
        if (holds()) resolve(true);
        else if (Date.now() >= until) resolve(false);
        else setTimeout(look, 1_000);
      };
      look();
    });
  return { ...((await original()) as object), CancellationScope: Scope, condition } as never;
});

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const { plan } = good();
const { machineDeadline } = plan.emergency;
const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

/** Each machine is undone as soon as it is there. */
function levelThree(machines: string[], waitsAgain = true) {
  const missing = new Set(machines);
  const undone: string[] = [];
  const week = {
    plan: { ...plan, machines: machines.map((name) => ({ name })) },
    waiting: () => [],
    isMissing: (machine: string) => missing.has(machine),
    publish: () => undefined,
  } as unknown as Week;
  const undoing: Undoing = { phase: 'soak', since: Date.now(), undone: {}, actions: [] };
  const leaving = { week, undoing, levelThreeAt: Date.now(), canBeLeft: true, ofThisRun: true, waitsAgain };
  for (const machine of machines)
    void unlessLeft(leaving, [machine], async () => {
      while (missing.has(machine)) await new Promise((resolve) => setTimeout(resolve, 1_000));
      undone.push(machine);
    });
  return {
    undone,
    left: () => Object.keys(undoing.without ?? {}),
    comes: (machine: string) => missing.delete(machine),
  };
}

test('the others have as long again from the first that comes, and are left then', async () => {
  const { undone, left, comes } = levelThree(['A', 'B', 'C']);
  await minutes(machineDeadline / 60_000 + 5);
  expect(left()).toEqual([]);
  comes('A');
  await minutes(1);
  expect([undone, left()]).toEqual([['A'], []]);
  comes('B');
  await minutes(1);
  expect([undone, left()]).toEqual([['A', 'B'], []]);
  await minutes(machineDeadline / 60_000 - 3);
  expect(left()).toEqual([]);
  await minutes(2);
  expect(left()).toEqual(['C']);
});

test('in a history of before the first has them left at once', async () => {
  const { undone, left, comes } = levelThree(['A', 'B'], false);
  await minutes(machineDeadline / 60_000 + 5);
  comes('A');
  await minutes(1);
  expect([undone, left()]).toEqual([['A'], ['B']]);
});
