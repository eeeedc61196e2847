// The whole week on a plan that secures its hubs, Pushgateways and agents: nothing is asked of them without a login, and no ask has a secret.
import { expect, test } from 'vitest';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { week1Plan } from './harness.ts';
import { decide, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(160_000);

/** URLs in what was asked that stand alone; those that agents are told are none that the week asks. */
function alone(ask: unknown): string[] {
  if (typeof ask === 'string') return /^https?:\/\//.test(ask) ? [ask] : [];
  if (ask === null || typeof ask !== 'object') return [];
  if ('basicAuth' in ask || 'credentials' in ask || 'settings' in ask) return [];
  return Object.values(ask).flatMap(alone);
}

test('asks each with what it wants, from every machine', { timeout: 180_000 }, async () => {
  const secured = { scheme: 'https' as const, basicAuth: { username: 'week', passwordFile: '/etc/site/password' } };
  const plan = week1Plan(({ services, agents }) => {
    for (const service of services) if (service.kind !== 'nats') Object.assign(service, secured, { pathPrefix: '/at' });
    for (const agent of agents) Object.assign(agent, secured);
  });
  await lab.run(plan, async ({ handle, machines }) => {
    const seen = await until(lab, handle, ({ status, issues }) => status === 'deciding' || issues.length > 0);
    expect(seen.issues).toEqual([]);
    await decide(handle, { decision: 'go', confidencePercent: 95 });
    const state = await handle.result();
    const open = stepsOf(plan).filter((step) => state.records[step.id]?.verdict !== 'pass');
    expect(open.map((step) => `${step.id}: ${state.records[step.id]?.summary}`)).toEqual([]);
    // NATS servers are asked at their monitor port.
    const asked = machines.calls.flatMap(({ verb, ask }) => alone(ask).map((url) => `${verb} ${url}`));
    expect([...new Set(asked)].filter((one) => !/:822[23](\/|$)/.test(one))).toEqual([]);
    const all = JSON.stringify(machines.calls);
    for (const url of [
      'https://MainPC:9000/at',
      'https://PC2:9100/at',
      'https://PC2:9091/at',
      'https://PC2:8101/health',
    ])
      expect(all).toContain(`"${url}`);
  });
});
