// A week with an arbiter, the last of its list: what its tests of resilience are about, and that they can fail.
import { expect, test } from 'vitest';
import { type Plan, servicesOf } from '../../plan/schema/plan.ts';
import { week1Plan } from './harness.ts';
import { but, weekOfSabotages, type Sabotage } from './sabotage.ts';
import { useServer } from './server.ts';

const lab = useServer();
const witness = '10.77.0.3';

function arbiterPlan(): Plan {
  const plan = week1Plan();
  const main = servicesOf(plan, 'nats').find(({ machine }) => machine === 'MainPC')!;
  plan.machines.push({ ...plan.machines[0]!, name: 'Witness', address: witness });
  plan.services.push({ ...main, name: 'nats-arbiter', machine: 'Witness' });
  plan.messaging.topology = 'arbiter';
  for (const stream of plan.messaging.streams) stream.replicas = 3;
  return plan;
}

const idle = (ms: number) => but('publish', { longestStallMs: ms });
const sabotages: Record<string, Sabotage[]> = {
  '2C.resilience.node-down': [
    { what: 'writes stall', broken: idle(60_000), expect: 'fail', says: /stalled 60000 ms although a quorum was left/ },
  ],
  '2C.resilience.partition-local': [
    {
      what: 'who is cut off still reaches the arbiter',
      broken: {
        probeTcp: async ({ targets: [to] }, usual, machine) =>
          (await usual()).map((probe) => ({ ...probe, connected: machine === 'PC2' && to?.address === witness })),
      },
      expect: 'inconclusive',
      says: /could still talk: from PC2/,
    },
    {
      what: 'no write is acknowledged for as long as the cut lasts, which is shorter than an election may take',
      broken: idle(9_999),
      expect: 'inconclusive',
      says: /no write was acknowledged in the \d+ ms of the fault: make faults\.window longer/,
    },
    { what: 'writes stall', broken: idle(60_000), expect: 'fail', says: /nats-main: writes stalled 60000 ms/ },
  ],
  '2C.messaging.order': [
    {
      what: 'the server beside EdgeHub has not what it should',
      broken: but('readStream', { sequences: [] }, (_ask, machine) => machine === 'PC2'),
      expect: 'fail',
      says: /nats-main to nats-pc2: .* messages are missing/,
    },
  ],
};

test('rows of resilience are about the server beside EdgeHub, and can fail', { timeout: 300_000 }, async () => {
  const plan = arbiterPlan();
  // A cut that is shorter than an election may take.
  plan.faults.window = 2_000;
  const state = await weekOfSabotages(lab, plan, sabotages);
  expect(state.records['preflight.topology']?.summary).toMatch(/3 JetStream voters, quorum 2: survives the loss of 1/);
  expect(state.records['2C.resilience.partition-local']?.summary).toMatch(/and writes at nats-main/);
});
