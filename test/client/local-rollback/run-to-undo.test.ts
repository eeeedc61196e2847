// Which run level 3 is about: one that was named, that of the week, or that of the ledger; never a guess between two.
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../activities/ledger/runs.ts';
import { runToUndo } from '../../../client/local-rollback/run-to-undo.ts';
import type { PlanFile } from '../../../client/plan-file.ts';
import { plan, planText } from '../fixtures.ts';

const planFile: PlanFile = { file: '/etc/hubshift/plan.yaml', text: planText, digest: 'd1', plan };
const week = { plan: plan.name, run: 'week-2', planDigest: 'd1', status: 'running' as const };
const ran = (run: string, change: Partial<RunSummary> = {}): RunSummary => ({
  run,
  plan: plan.name,
  state: 'open',
  entries: 3,
  live: 3,
  ...change,
});
const onPC2 = (...runs: RunSummary[]) => ({ machine: 'PC2', runs });
type Known = Parameters<typeof runToUndo>[2];
const chosen = (known: Partial<Known>, named?: string) =>
  runToUndo(planFile, named, { week: null, why: 'nobody listens', here: null, ...known });

describe('the run', () => {
  it.each<[string, Partial<Known>, string | undefined, string]>([
    ['that of the week, with no ledger here', { week }, undefined, 'week-2'],
    ['that of the week, also before it has changed anything here', { week, here: onPC2() }, undefined, 'week-2'],
    ['that of the week, past a kept one', { week, here: onPC2(ran('week-1', { state: 'kept' })) }, undefined, 'week-2'],
    ['that of the ledger, where the week can not be asked', { here: onPC2(ran('week-1')) }, undefined, 'week-1'],
    ['the one that was named, though another runs', { week, here: onPC2(ran('week-1')) }, 'week-1', 'week-1'],
    ['the one that was named, of another text', { week: { ...week, planDigest: 'd2' } }, 'week-2', 'week-2'],
    ['a completed one that was named', { week: { ...week, status: 'completed' } }, 'week-2', 'week-2'],
  ])('is %s', (_, known, named, run) => {
    expect(chosen(known, named)).toBe(run);
  });

  it.each<[string, Partial<Known>, string | undefined, RegExp]>([
    [
      'the plan has another text',
      { week: { ...week, planDigest: 'd2' } },
      undefined,
      /^Refused: .*another text.*--run week-2/,
    ],
    [
      'the week is completed',
      { week: { ...week, status: 'completed' } },
      undefined,
      /completed, and .* kept.*--run week-2/,
    ],
    [
      'the ledger has changes of another',
      { week, here: onPC2(ran('week-1')) },
      undefined,
      /--run week-1 or --run week-2/,
    ],
    [
      'the ledger has it of another plan',
      { here: onPC2(ran('week-1', { plan: 'other' })) },
      undefined,
      /is of the plan other.*--run week-1/,
    ],
    ['nobody knows the one that was named', { week, here: onPC2(ran('week-1')) }, 'week-9', /PC2 has no run week-9/],
    ['there is none', { here: onPC2() }, undefined, /PC2 is empty: no week has begun here \(nobody listens\)/],
  ])('is refused where %s', (_, known, named, why) => {
    expect(() => chosen(known, named)).toThrow(why);
  });
});
