import { afterAll, beforeAll, test } from 'vitest';
import { timeSkippingLab, week1Plan, type Lab } from './harness.ts';
import { until } from './people.ts';
let lab: Lab;
beforeAll(async () => { lab = await timeSkippingLab(); }, 120_000);
afterAll(() => lab?.close());
test('probe', { timeout: 120_000 }, async () => {
  const plan = week1Plan();
  await lab.run(plan, async ({ handle, machines }) => {
    const t0 = Date.now(); const s0 = await lab.env.currentTimeMs();
    let last = ''; let polls = 0; let n0 = 0;
    await until(lab, handle, (seen) => {
      polls += 1;
      const now = seen.running.map((r) => r.id).join();
      if (now !== last) { console.log('real', Date.now() - t0, 'server', seen.at - s0, 'polls', polls, 'acts', machines.calls.length - n0, now); last = now; polls = 0; n0 = machines.calls.length; }
      return seen.status === 'deciding';
    });
    console.log('end', Date.now() - t0, 'n', machines.calls.length);
    const h = await handle.fetchHistory();
    console.log('events', h.events?.length);
  });
});
