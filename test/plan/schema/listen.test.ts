// Where a plan has the week publish what it makes: what it says, what that means, and what is refused.
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { listensAt } from '../../../plan/schema/listen.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { type InvalidPlan, readPlan } from '../../../plan/schema/read.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import { makesOn } from '../../../plan/tasks/makes.ts';
import { publishedAt, publishingWarnings } from '../../../plan/tasks/publishing.ts';
import { footprintOf } from '../../../plan/week/digest.ts';
import { weekPlan } from '../tasks/plan.ts';

const machines = [
  { name: 'MainPC', address: '10.0.0.1' },
  { name: 'PC2', address: 'fd00::2' },
];

const said = (listen: unknown, ofMachine?: unknown): string => {
  const [first, second] = machines;
  const plan = { listen, machines: [{ ...first, listen: ofMachine }, second] };
  try {
    readPlan(stringify({ ...least, ...plan }), 'plan.yaml');
    return 'nothing';
  } catch (error) {
    return (error as InvalidPlan).message;
  }
};
const least = {
  services: [{ kind: 'central-hub', machine: 'MainPC', config: '/etc/prometheus/prometheus.yml' }],
  agents: [{ name: 'pilot', machine: 'PC2', config: '/a/pilot.yaml', log: '/a/pilot.log', port: 8101, wave: 1 }],
};

/** The packaged plan, which says "address". */
const withListen = (listen: Plan['listen'], ofPC2?: Plan['machines'][number]['listen']): Plan => {
  const plan = weekPlan();
  return {
    ...plan,
    listen,
    machines: plan.machines.map((machine) => (machine.name === 'PC2' ? { ...machine, listen: ofPC2 } : machine)),
  };
};

describe('a machine publishes', () => {
  it.each<[string, Parameters<typeof listensAt>[0], (string[] | undefined)[]]>([
    ['on every interface, where nobody says it', { machines }, [undefined, undefined]],
    ['on every interface, where that is said', { listen: 'every-interface', machines }, [undefined, undefined]],
    [
      'at its address and the loopback of that family',
      { listen: 'address', machines },
      [
        ['10.0.0.1', '127.0.0.1'],
        ['fd00::2', '::1'],
      ],
    ],
    [
      'as it says itself, whatever the plan says',
      {
        listen: 'address',
        machines: [
          { ...machines[0]!, listen: ['192.0.2.7'] },
          { ...machines[1]!, listen: 'every-interface' },
        ],
      },
      [['192.0.2.7'], undefined],
    ],
    [
      'once at an address that is its loopback',
      { listen: 'address', machines: [{ name: 'MainPC', address: '127.0.0.1' }] },
      [['127.0.0.1'], undefined],
    ],
  ])('%s', (_, plan, addresses) => {
    expect(machines.map(({ name }) => listensAt(plan, name))).toEqual(addresses);
  });
});

describe('a plan is refused', () => {
  it.each<[string, unknown, unknown, RegExp | string]>([
    [
      'with none of the words',
      'localhost',
      undefined,
      /^plan\.yaml:\d+: listen: address or every-interface; a list of/,
    ],
    [
      'with the addresses of a machine for all',
      ['10.0.0.1'],
      undefined,
      /listen: .* its machine's \(machines\[\]\.listen\)/,
    ],
    [
      'with a name',
      undefined,
      ['MainPC'],
      /machines\[0\]\.listen: address, every-interface or a list of .* found \["MainPC"\]/,
    ],
    ['with an empty list', undefined, [], /machines\[0\]\.listen: at least one address; found/],
    [
      'with all addresses as one',
      undefined,
      ['10.0.0.1', '0.0.0.0'],
      /listen\[1\]: an address; every one of them is "listen: every-i/,
    ],
    ['with those of IPv6 as one', undefined, ['0::0'], /listen\[0\]: an address; every one of them/],
    [
      'with one that is there twice',
      undefined,
      ['fd00::1', 'FD00:0::1'],
      /listen\[1\]: an address that is not there twice/,
    ],
    ['with all of IPv4 as those of IPv6', undefined, ['::ffff:0.0.0.0'], /listen\[0\]: an address; every one of them/],
    [
      'with one as that of IPv6',
      undefined,
      ['10.0.0.1', '::ffff:a00:1'],
      /listen\[1\]: an address that is not there twice/,
    ],
    ['but not with addresses of both families', undefined, ['10.0.0.1', 'fd00::1', '127.0.1.1'], 'nothing'],
  ])('%s', (_, listen, ofMachine, message) => expect(said(listen, ofMachine)).toMatch(message));
});

it('an address of two machines is refused, however it is spelt', () => {
  const [first, second] = machines;
  const plan = { ...least, machines: [{ ...first, address: 'FD00:0::2' }, second] };
  expect(() => readPlan(stringify(plan), 'plan.yaml')).toThrow(
    /machines\[1\]\.address: an address that no other machine has/,
  );
});

describe('what it changes', () => {
  const edgehub = (plan: Plan) =>
    containerSpec(
      plan,
      plan.services.find((one) => one.name === 'edgehub') as Parameters<typeof containerSpec>[1],
      'i',
    );

  it('is in the specification of a container, and nothing of one where nobody says it', () => {
    expect(edgehub(withListen('address')).listen).toEqual(['10.77.0.2', '127.0.0.1']);
    for (const plan of [withListen(undefined), withListen('every-interface')])
      expect(edgehub(plan)).not.toHaveProperty('listen');
  });

  it('is no other way back: a level 3 on record counts as before', () => {
    expect(footprintOf(withListen(undefined))).toBe(footprintOf(withListen('address')));
  });

  it('is looked at before the week where something is made', () => {
    const plan = withListen('address');
    const nothingOnPC2 = { ...plan, services: plan.services.filter(({ machine }) => machine !== 'PC2') };
    expect(makesOn(plan, 'PC2', 'r').addresses).toEqual(['10.77.0.2', '127.0.0.1']);
    expect(publishedAt(nothingOnPC2, 'PC2')).toBeUndefined();
    expect(makesOn(withListen(undefined), 'PC2', 'r')).not.toHaveProperty('addresses');
  });
});

describe('people are told', () => {
  const monitoring = /^no login is wanted at MainPC:8222 \(nats-main\), PC2:8223 \(nats-pc2\): whoever reaches it/;

  it('what it means that a plan does not say it, by the machines', () => {
    const [open, monitors] = publishingWarnings(withListen(undefined));
    expect(open).toMatch(
      /^what the week makes on MainPC, PC2 is published on every interface, past .*"listen: address"/,
    );
    expect(monitors).toMatch(monitoring);
    expect(publishingWarnings(withListen(undefined, 'address'))[0]).toMatch(/^what the week makes on MainPC is/);
  });

  it('who reaches a port that knows no login, wherever it listens', () => {
    for (const listen of ['address', 'every-interface'] as const)
      expect(publishingWarnings(withListen(listen))).toEqual([expect.stringMatching(monitoring)]);
    expect(publishingWarnings(withListen('address', ['127.0.0.1']))).toEqual([
      expect.stringMatching(/^no login is wanted at MainPC:8222 \(nats-main\): /),
    ]);
  });
});
