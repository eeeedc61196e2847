// What is kept of those whom the week must not disturb.
import { expect, it } from 'vitest';
import { serviceOf } from '../../plan/schema/plan.ts';
import type { On } from '../../workflows/tasks/contract.ts';
import { bystandersOf } from '../../workflows/tasks/shared/asks.ts';
import { weekPlan } from '../plan/tasks/plan.ts';

it('is when CentralHub was started, and its restart policy, which is no business of the week', async () => {
  const plan = weekPlan();
  const its = { startedAt: '2026-11-20T10:00:00Z', restartPolicy: 'unless-stopped' };
  const on = () => ({
    programStatus: async () => ({ pid: 7 }),
    inspectContainer: async ({ name }: { name: string }) => (name === serviceOf(plan, 'central-hub').name ? its : {}),
  });
  expect(await bystandersOf(on as unknown as On, plan)).toMatchObject({
    centralStartedAt: its.startedAt,
    centralRestart: its.restartPolicy,
  });
});
