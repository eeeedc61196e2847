// After a rollback without the week the agents of this machine are asked, each by itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { healthOf } from '../../../client/local-rollback/health.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import type { Undone } from '../../../plan/week/undo.ts';
import { temporaryMachine } from '../../activities/machine.ts';
import { plan } from '../fixtures.ts';

/** An agent that answers its health with these, the last of them for ever; its port. */
async function answering(...statuses: number[]): Promise<number> {
  let asked = 0;
  const server = createServer((_, answer) => answer.writeHead(statuses[Math.min(asked++, statuses.length - 1)]!).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const restored = (target: string): Undone => ({
  entry: 1,
  step: '2D.deploy',
  kind: 'agent.restore',
  target,
  result: 'undone',
  ms: 1,
});

it('says of each how it is; one that the run had changed and that is not healthy counts', async () => {
  const ports = [await answering(503, 200), await answering(503), await answering(503), 1];
  const agents = plan.agents
    .filter(({ machine }) => machine === 'PC2')
    .map((agent, index) => ({ ...agent, port: ports[index]! }));
  const [slow, broken, bystander, gone] = agents;
  const asked: Plan = { ...plan, agents: [...agents, ...plan.agents.filter(({ machine }) => machine !== 'PC2')] };
  const { lines, unwell } = await healthOf(
    asked,
    await temporaryMachine(),
    [restored(slow!.program!), restored(broken!.program!)],
    4_000,
  );
  expect(unwell).toEqual([broken!.name]);
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(new RegExp(`^  healthy +${slow!.name}$`));
  expect(lines[1]).toMatch(new RegExp(`^  unwell +${broken!.name} +its health answers 503$`));
  expect(lines[2]).toMatch(
    new RegExp(`^  unwell +${bystander!.name} +its health answers 503 \\(the run has not changed it\\)$`),
  );
  expect(lines[3]).toMatch(new RegExp(`^  unwell +${gone!.name} .*got no answer`));
});

it('one whose login this shell lacks is unknown, and not waited for', async () => {
  const port = await answering(200);
  const asked: Plan = {
    ...plan,
    agents: plan.agents
      .filter(({ name }) => name === 'resource_manager')
      .map((agent) => ({ ...agent, port, authorization: { credentialsEnv: 'HUBSHIFT_TEST_LACKING' } })),
  };
  const [agent] = asked.agents;
  const found = await healthOf(asked, await temporaryMachine(), [restored(agent!.program!)], 60_000);
  expect(found).toMatchObject({ unwell: [], unseen: [{ name: agent!.name, wants: ['HUBSHIFT_TEST_LACKING'] }] });
  expect(found.lines[0]).toMatch(/^ {2}unknown +resource_manager +.*credentialsEnv names HUBSHIFT_TEST_LACKING/);
});
