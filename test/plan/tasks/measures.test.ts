// What each machine measures: its own, those of up to three others from outside, the cluster, and the hubs that it asks a query and a write.
import { expect, it } from 'vitest';
import { measuresOf, withClusters } from '../../../plan/tasks/measures.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { plan } from '../../client/fixtures.ts';

const names = (all: Record<string, unknown> | undefined) => Object.keys(all ?? {}).sort();
const of = (machine: string) =>
  [...plan.services, ...plan.agents].filter((one) => one.machine === machine).map(({ name }) => name);
const timedBy = (of: Plan, machine: string) => measuresOf(of, machine, 'run').timed;

it('asks each hub from the machine before its own', () => {
  expect(timedBy(plan, 'MainPC')).toEqual({
    urls: { 'edgehub query': 'http://PC2:9100/api/v1/query?query=count(up)' },
    writes: { 'edgehub write': 'http://PC2:9100' },
  });
  expect(timedBy(plan, 'PC2')).toEqual({
    urls: { 'centralhub query': 'http://MainPC:9000/api/v1/query?query=count(up)' },
    writes: { 'centralhub write': 'http://MainPC:9000' },
  });
  expect(Object.values(measuresOf(plan, 'PC2', 'run').urls).filter(({ timed }) => timed)).toEqual([]);
});

it('has every hub asked once, however many machines there are', () => {
  for (const more of [0, 1, 2, 3]) {
    const others = Array.from({ length: more }, (_, index) => ({ ...plan.machines[0]!, name: `other-${index}` }));
    const of = { ...plan, machines: [...plan.machines, ...others] };
    const asked = of.machines.flatMap(({ name }) => Object.keys(timedBy(of, name)!.writes));
    expect(asked.sort()).toEqual(['centralhub write', 'edgehub write']);
  }
});

it('counts CentralHub among what costs, and the link', () => {
  expect(measuresOf(plan, 'MainPC', 'run')).toMatchObject({ link: true });
  expect(measuresOf(plan, 'MainPC', 'run').containers).toContain('centralhub');
});

it('goes on as it began in a week of an earlier build', () => {
  const { baseline: _none, ...watch } = plan.watch;
  const asked = measuresOf({ ...plan, watch } as Plan, 'MainPC', 'run');
  expect(asked).not.toHaveProperty('timed');
  expect(asked).not.toHaveProperty('link');
  expect(asked.containers).not.toContain('centralhub');
  expect(asked.urls['centralhub']).toMatchObject({ timed: true });
});

it('services and agents are looked at by their own machine and by the other', () => {
  const { urls, outside } = measuresOf(plan, 'MainPC', 'run');
  expect(names(urls)).toEqual(of('MainPC').sort());
  expect(names(outside)).toEqual(of('PC2').sort());
});

it('of many machines three look at each', () => {
  const machines = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...plan.machines[0]!, name }));
  const agents = machines.map(({ name }) => ({ ...plan.agents[0]!, name: `agent-${name}`, machine: name }));
  const many = { ...plan, machines, agents, services: [] };
  const seen = machines.flatMap(({ name }) => names(measuresOf(many, name, 'run').outside));
  for (const { name, machine } of agents) {
    expect(seen.filter((one) => one === name)).toHaveLength(3);
    expect(names(measuresOf(many, machine, 'run').outside)).not.toContain(name);
  }
});

it('the cluster is looked at from each of its machines, with routes to a majority, and goes with its members', () => {
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
