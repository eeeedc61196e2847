// What the week costs is looked at again where it is no pass: what a neighbour does for a while is no cost of the week.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(110_000);

test('a load that is gone in the second look is not of the week', { timeout: 130_000 }, async () => {
  const plan = week1Plan(({ watch }) => Object.assign(watch, { baseline: 60_000 }));
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('measureImpact', async (_ask, usual, machine) => {
        const found = await usual();
        // The first is the baseline.
        const times = machines.asked('measureImpact').filter((call) => call.machine === machine).length;
        if (machine !== 'PC2' || times !== 2) return found;
        const cpuPercent = found.batches!.cpuPercent.map((percent: number) => percent + 40);
        return { ...found, batches: { ...found.batches!, cpuPercent } };
      });
      await until(lab, handle, ({ tasks }) => tasks.some(({ task, done }) => task === '2C' && done > 0));
      const record = (await handle.query(messages.state)).records['2B.test.impact']!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { looks: 2 } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(6 * plan.watch.baseline);
    },
    { from: '2B.test.impact' },
  );
});

test('what a container costs that did not run is not known', { timeout: 130_000 }, async () => {
  const plan = week1Plan(({ watch }) => Object.assign(watch, { baseline: 60_000 }));
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('measureImpact', async (_ask, usual, machine) => {
        const { containers, ...found } = await usual();
        const { edgehub: _stopped, ...others } = containers;
        return { ...found, containers: machine === 'PC2' ? others : containers };
      });
      await until(lab, handle, ({ status }) => status === 'failed');
      expect((await handle.query(messages.state)).records['2B.test.impact']).toMatchObject({
        verdict: 'inconclusive',
        summary: 'edgehub on PC2 did not run, so that its use is not known',
      });
    },
    { from: '2B.test.impact' },
  );
});
