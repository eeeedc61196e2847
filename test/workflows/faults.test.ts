// Faults happen only where the plan allows them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { timeSkippingLab, week1Plan, type Lab } from './harness.ts';
import { until } from './people.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await timeSkippingLab();
});
afterAll(() => lab?.close());

test('a fault that the plan does not allow is not injected, and its rows prove nothing', { timeout: 120_000 }, async () => {
  const plan = week1Plan((changed) => {
    changed.faults.allowed = ['edgehub-stop', 'partition'];
  });
  await lab.run(plan, async ({ handle, machines }) => {
    const seen = await until(lab, handle, ({ status }) => status === 'failed');
    expect(seen.issues.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['2C.resilience.node-down inconclusive', '2C.resilience.reform inconclusive', '2C.resilience.replay inconclusive']);
    expect(seen.issues[0]?.summary).toContain('does not allow nats-stop');
    expect(machines.asked('injectFault')).toEqual([]);
  });
});
