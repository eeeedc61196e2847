// What differs between two plans: what they mean, not how they are written.
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { changesBetween } from '../../../plan/schema/changes.ts';
import { readWhole } from '../../../plan/schema/read.ts';
import { planText } from '../../client/fixtures.ts';

const changes = (one: string, other: string) =>
  changesBetween(readWhole(one, 'one.yaml'), readWhole(other, 'other.yaml')).map(({ path, change, from, to }) => ({
    path,
    change,
    from,
    to,
  }));
/** The packaged plan, written by a machine after something was changed. */
function edited(change: (plan: any) => void): string {
  const plan: unknown = parse(planText);
  change(plan);
  return stringify(plan, { aliasDuplicateObjects: false });
}

it('is nothing where the same is said in other words, in another order, in another version, or left out', () => {
  const other = edited((plan) => {
    plan.watch.log = '300s';
    delete plan.watch.soak;
    plan.agents.reverse();
    plan.services.reverse();
    plan.messaging.streams.reverse();
  });
  expect(changes(planText, other)).toEqual([]);
  const said = edited((plan) => {
    Object.assign(plan.migration.failover, { probeInterval: '1s', probeTimeout: '1s', batchTimeout: '1s' });
  });
  expect(changes(said, said.replace('version: 2', 'version: 1'))).toEqual([]);
});

it('goes by name: what is new stands whole, and shifts nothing', () => {
  const other = edited((plan) => {
    plan.agents.shift();
    plan.agents[0].port = 8199;
    plan.messaging.streams.unshift({ name: 'extra', subjects: ['extra.one'] });
  });
  expect(changes(planText, other)).toEqual([
    { path: 'agents[observability_hub]', change: 'removed', from: expect.objectContaining({ port: 8101 }) },
    { path: 'agents[resource_manager].port', change: 'changed', from: 8102, to: 8199 },
    { path: 'messaging.streams[extra]', change: 'added', to: expect.objectContaining({ maxAge: '24h' }) },
  ]);
});

it('has what follows from a change as well', () => {
  const other = edited((plan) => {
    const edge = plan.services.find(({ kind }: { kind: string }) => kind === 'edge-hub');
    for (const key of ['base', 'directories']) delete edge[key];
    edge.base = '/srv/edge';
  });
  expect(changes(planText, other).map(({ path }) => path)).toEqual([
    'services[edgehub].base',
    ...['data', 'config', 'logs'].map((name) => `services[edgehub].directories[/pc2/observability/${name}]`),
    ...['data', 'config', 'logs'].map((name) => `services[edgehub].directories[/srv/edge/${name}]`),
  ]);
});

it('shows values as they are written', () => {
  const other = planText.replace('soak: 24h', 'soak: 12h').replace('holdBefore: []', 'holdBefore: [2C]');
  expect(changes(planText, other)).toEqual([
    { path: 'watch.soak', change: 'changed', from: '24h', to: '12h' },
    { path: 'holdBefore', change: 'changed', from: [], to: ['2C'] },
  ]);
});
