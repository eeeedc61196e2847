// What each machine measures: its own, those of up to three others from outside, and the cluster.
import { expect, test } from 'vitest';
import { measuresOf, withClusters } from '../../../plan/tasks/measures.ts';
import { plan } from '../../client/fixtures.ts';

const names = (all: Record<string, unknown> | undefined) => Object.keys(all ?? {}).sort();
const of = (machine: string) =>
  [...plan.services, ...plan.agents].filter((one) => one.machine === machine).map(({ name }) => name);

test('services and agents are looked at by their own machine and by the other', () => {
  const { urls, outside } = measuresOf(plan, 'MainPC', 'run');
  expect(names(urls)).toEqual(of('MainPC').sort());
  expect(names(outside)).toEqual(of('PC2').sort());
});

test('of many machines three look at each', () => {
  const machines = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...plan.machines[0]!, name }));
  const agents = machines.map(({ name }) => ({ ...plan.agents[0]!, name: `agent-${name}`, machine: name }));
  const many = { ...plan, machines, agents, services: [] };
  const seen = machines.flatMap(({ name }) => names(measuresOf(many, name, 'run').outside));
  for (const { name, machine } of agents) {
    expect(seen.filter((one) => one === name)).toHaveLength(3);
    expect(names(measuresOf(many, machine, 'run').outside)).not.toContain(name);
  }
});

test('the cluster is looked at from each of its machines, with routes to a majority, and goes with its members', () => {
  for (const { name } of plan.machines) {
    const [asked] = Object.entries(measuresOf(plan, name, 'run').clusters ?? {});
    expect(asked).toMatchObject([
      `cluster ${plan.messaging.cluster}`,
      { routes: 1, streams: plan.messaging.streams.map((stream) => stream.name) },
    ]);
  }
  expect(withClusters(plan, ['nats-pc2'])).toEqual(['nats-pc2', `cluster ${plan.messaging.cluster}`]);
  expect(withClusters(plan, ['edgehub'])).toEqual(['edgehub']);
});
