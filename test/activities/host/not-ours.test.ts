// What would be refused in a step, days later: told before the first change, as the step says it.
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { looksAt } from '../../../activities/host/not-ours.ts';
import type { Makes } from '../../../plan/machine-api/host.ts';
import { makesOn } from '../../../plan/tasks/makes.ts';
import { change, machine, spec, type Machine } from '../docker/toy-machine.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';

const none: Makes = { run: change.run, containers: [], directories: [], jobs: [], streams: [] };

/** What each look says, by what it looks at; "fine" where it refuses nothing. */
async function looked({ host, ledger }: Machine, makes: Partial<Makes>): Promise<Record<string, unknown>> {
  const looks = looksAt(host, ledger, { ...none, ...makes });
  const said = await Promise.all(
    looks.map(async ({ what, look }) => [what, await look().then(() => 'fine', refusalOf)] as const),
  );
  return Object.fromEntries(said);
}
const refusalOf = ({ type, message }: Error & { type?: string }) => `${type}: ${message}`;

async function listening(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

it('names who holds a port, and not the container that is to publish it', async () => {
  const here = await machine();
  const port = await listening();
  expect(await looked(here, { ports: [{ port, container: 'edgehub' }] })).toMatchObject({
    [`port ${port}`]: expect.stringMatching(
      new RegExp(
        `^ForeignPort: port ${port} on PC2 is held by node \\(pid ${process.pid}\\): stop it, or give edgehub another`,
      ),
    ),
  });
  await here.containers.deployContainer({ change, spec });
  expect(await looked(here, { ports: [{ port: 9100, container: 'edgehub' }] })).toMatchObject({ 'port 9100': 'fine' });
  expect(await looked(here, { ports: [{ port: 9100, container: 'another' }] })).toMatchObject({
    'port 9100': expect.stringContaining('is held by container edgehub'),
  });
});

it('names a directory that is there and belongs to another user; one that is to be made is fine', async () => {
  const here = await machine();
  await mkdir(here.host.path('/pc2/data'), { recursive: true });
  const owner = '65534:65533';
  const owners = ['/pc2/data', '/pc2/none'].map((path) => ({ path, owner }));
  expect(await looked(here, { owners })).toMatchObject({
    'owner of /pc2/data': expect.stringMatching(/^ForeignDirectory: .*must belong to 65534:65533.*chown -R/),
    'owner of /pc2/none': 'fine',
  });
  const own = `${process.getuid!()}:${process.getgid!()}`;
  expect(await looked(here, { owners: [{ path: '/pc2/data', owner: own }] })).toMatchObject({
    'owner of /pc2/data': 'fine',
  });
});

it('names an address that the machine has not, and looks at ports only where the week publishes', async () => {
  const here = await machine();
  const config = { HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '10.0.0.7', HostPort: '9100' }] } } };
  here.toy.containers.set('theirs', { id: 'theirs', status: 'running', config });
  const ports = [{ port: 9100, container: 'edgehub' }];
  expect(await looked(here, { ports, addresses: ['127.0.0.1'] })).toEqual({
    'the ledger': 'fine',
    'listening at 127.0.0.1': 'fine',
    'port 9100': 'fine',
  });
  expect(await looked(here, { ports, addresses: ['192.0.2.1', '10.0.0.7'] })).toMatchObject({
    'listening at 192.0.2.1, 10.0.0.7': expect.stringMatching(/^AddressMissing: PC2 can't listen at 192\.0\.2\.1/),
    'port 9100': expect.stringMatching(/^ForeignPort: port 9100 on PC2 is held by container theirs/),
  });
});

it('names a container that is to be taken over and would be gone by it', async () => {
  const here = await machine();
  const adopted = { containers: ['edgehub'], streams: [] };
  expect(await looked(here, { adopted })).toMatchObject({ 'container edgehub, taken over': 'fine' });
  const config = { Image: 'theirs:1', HostConfig: { AutoRemove: true } };
  here.toy.containers.set('edgehub', { id: 'theirs', status: 'running', config });
  expect(await looked(here, { adopted })).toMatchObject({
    'container edgehub, taken over': expect.stringMatching(/^ForeignContainer: .* started with --rm/),
  });
});

it('names a run whose changes stand, and writes nothing', async () => {
  const here = await machine();
  expect(await looked(here, {})).toEqual({ 'the ledger': 'fine' });
  expect(await here.ledger.runs()).toEqual([]);
  await here.containers.deployContainer({ change: { ...change, run: 'week-0' }, spec });
  expect(await looked(here, {})).toEqual({
    'the ledger': expect.stringMatching(/^LedgerOpen: .*1 changes of run week-0/),
  });
  expect(await looked(here, { run: 'week-0' })).toEqual({ 'the ledger': 'fine' });
});

it('is asked of each machine: its ports, its directories, what it takes over', () => {
  const plan = { ...weekPlan(), adopt: ['edgehub', 'observability-alerts'] };
  const makes = plan.machines.map(({ name }) => makesOn(plan, name, 'week-1'));
  expect(makes.map(({ ports = [] }) => ports.map(({ container, port }) => `${container} ${port}`))).toEqual([
    ['pushgateway-main 9091', 'nats-main 4222', 'nats-main 8222', 'nats-main 6222'],
    ['edgehub 9100', 'pushgateway-pc2 9091', 'nats-pc2 4223', 'nats-pc2 8223', 'nats-pc2 6223'],
  ]);
  expect(makes.flatMap(({ owners = [] }) => owners).length).toBeGreaterThan(3);
  expect(makes.flatMap(({ adopted }) => adopted!.containers)).toEqual(['edgehub']);
  expect(makes.flatMap(({ adopted }) => adopted!.streams)).toMatchObject([
    { name: 'observability-alerts', consumers: ['observability-alerts-monitor'] },
  ]);
});
