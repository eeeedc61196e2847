// An agent among the targets of a hub: known by where it is scraped.
import { expect, it } from 'vitest';
import type { Target } from '../../../../plan/machine-api/prometheus.ts';
import type { Agent } from '../../../../plan/schema/agent.ts';
import { scrapesAgents } from '../../../../plan/tasks/pushgateways/verdicts.ts';
import { seenIn } from '../../../../plan/tasks/shared/targets.ts';

const agent = { name: 'one', machine: 'PC2', port: 8101 } as Agent;
const target = (more: Partial<Target>): Target => ({ job: 'j', instance: 'i', health: 'up', lastError: '', ...more });
const seen = (...targets: Target[]) => seenIn('hub', agent, { targets, waitedMs: 125_000 });

it('is there under any labels, and by its instance where a worker of before tells no more', () => {
  expect(seen(target({ address: 'PC2:8101' }))).toEqual({ agent: 'one', hub: 'hub', isThere: true });
  expect(seen(target({ instance: 'PC2:8101' }))).toMatchObject({ isThere: true });
  // A worker leaves the place out where the instance says it, whatever its case.
  expect(seen(target({ instance: 'pc2:8101' }))).toMatchObject({ isThere: true });
});

it('is not there by a name that another target has', () => {
  expect(seen(target({ instance: 'PC2:8101', address: 'elsewhere:1' }))).toMatchObject({
    isThere: false,
    why: 'it scrapes nothing at PC2:8101',
  });
});

it('that is down is told with its labels, for how long it was waited, and what the hub says', () => {
  const down = target({ address: 'PC2:8101', health: 'down', lastError: 'no Content-Type' });
  expect(seen(down)).toMatchObject({ why: 'its target j i is down after 2m 5s: no Content-Type' });
  expect(seen(down, target({ job: 'k', address: 'PC2:8101' }))).toMatchObject({ isThere: true });
});

it('is scraped as before by whoever knows it by other labels', () => {
  const relabelled = [target({ instance: 'agent one', address: 'PC2:8101' })];
  expect(scrapesAgents(['PC2:8101'])([{ hub: 'hub', targets: relabelled }])).toMatchObject({ verdict: 'pass' });
  const lower = [{ hub: 'hub', targets: [target({ instance: 'pc2:8101' })] }];
  expect(scrapesAgents(['PC2:8101'], undefined, () => ['PC2:8101'])(lower)).toMatchObject({
    verdict: 'pass',
    summary: 'hub scrapes 1 agents',
  });
});
