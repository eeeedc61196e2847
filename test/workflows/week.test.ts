// The whole week with its real durations, on fake machines.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepsOf } from '../../plan/steps.ts';
import { timeSkippingLab, week1Plan, type Lab } from './harness.ts';
import { decide, until } from './people.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await timeSkippingLab();
}, 120_000);
afterAll(() => lab?.close());

test('carries out every step and check of the plan, each with a pass, and completes on a GO', { timeout: 120_000 }, async () => {
  const plan = week1Plan();
  await lab.run(plan, async ({ handle }) => {
    const seen = await until(lab, handle, ({ status, issues }) => status === 'deciding' || issues.length > 0);
    expect(seen.issues).toEqual([]);
    await decide(handle, { decision: 'go', confidencePercent: 95 });
    const state = await handle.result();
    const open = stepsOf(plan).filter((step) => state.records[step.id]?.verdict !== 'pass');
    expect(open.map((step) => `${step.id}: ${state.records[step.id]?.summary}`)).toEqual([]);
    expect(state.status).toBe('completed');
    const soak = state.records['2D.soak']!;
    expect(soak.endedAt - soak.startedAt).toBeGreaterThanOrEqual(plan.watch.soak);
    for (const record of Object.values(state.records)) expect(JSON.stringify(record).length).toBeLessThanOrEqual(512);
  });
});
