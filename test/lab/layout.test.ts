// Everything of the lab follows from the machines' names.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostsText, labMachines } from '../../lab/layout.ts';
import { derivePlan } from '../../lab/lab.ts';

test('every machine has its own address, namespace, bridge and files', () => {
  const machines = labMachines(['Alpha', 'Beta-2', 'gamma']);

  for (const key of [
    'id',
    'address',
    'dockerBridge',
    'dockerSocket',
    'root',
    'state',
    'supervisorConfig',
    'supervisorSocket',
    'workerLog',
  ] as const) {
    expect(new Set(machines.map((machine) => machine[key])).size, key).toBe(3);
  }
  expect(machines.map(({ id, address }) => `${id} ${address}`)).toEqual([
    'alpha 10.77.0.1',
    'beta-2 10.77.0.2',
    'gamma 10.77.0.3',
  ]);
});

test('machines see each other by the names of the plan', () => {
  const hosts = hostsText(labMachines(['Alpha', 'Beta-2']));

  expect(hosts.split('\n')).toEqual(
    expect.arrayContaining(['127.0.0.1 localhost', '10.77.0.1 Alpha', '10.77.0.2 Beta-2']),
  );
});

test("the lab's plan has the lab's addresses and paths, and keeps every comment and all else", () => {
  const text =
    '# the week\nname: x\nmachines:\n  # first\n  - name: Alpha\n    address: 192.0.2.1 # office\n  - { name: Beta, address: 192.0.2.2 }\nwatch: { log: 5m }\n';

  const derived = derivePlan(text, labMachines(['Alpha', 'Beta']));

  expect(parse(derived).machines[0]).toEqual({
    name: 'Alpha',
    address: '10.77.0.1',
    root: '/var/lib/hubshift-lab/machines/alpha/root',
    docker: '/var/lib/hubshift-lab/machines/alpha/docker.sock',
    supervisor: '/var/lib/hubshift-lab/machines/alpha/supervisord.conf',
    state: '/var/lib/hubshift-lab/machines/alpha/state',
  });
  expect(parse(derived).machines[1].address).toBe('10.77.0.2');
  for (const kept of ['# the week', '# first', '# office', 'watch: { log: 5m }']) expect(derived).toContain(kept);
});

test('a machine of the lab listens where the lab has it, whatever addresses the plan names', () => {
  const listens = (said: string) =>
    parse(derivePlan(`machines: [{ name: Alpha, address: 192.0.2.1, listen: ${said} }]\n`, labMachines(['Alpha'])))
      .machines[0].listen;

  expect(['[192.0.2.1, 198.51.100.7]', 'address', 'every-interface'].map(listens)).toEqual([
    'address',
    'address',
    'every-interface',
  ]);
});
