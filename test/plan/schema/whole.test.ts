// The whole of a plan: what it leaves out is filled in, from the schema or from other keys, and where it came from is told.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Plan } from '../../../plan/schema/plan.ts';
import { readPlan, readWhole } from '../../../plan/schema/read.ts';
import { SoundPlan } from '../../../plan/schema/references.ts';
import { wholeOf } from '../../../plan/schema/whole.ts';
import { metricsSubject } from '../../../plan/tasks/shared/nats.ts';
import { footprintOf } from '../../../plan/week/digest.ts';

const text = (file: string) => readFileSync(new URL(`../../../plan/${file}`, import.meta.url), 'utf8');
const week1 = readPlan(text('week1.yaml'), 'week1.yaml');
const starter = readPlan(text('starter.yaml'), 'starter.yaml');

/** What CentralHub and one pilot need, and nothing else. */
const least = {
  machines: [
    { name: 'MainPC', address: '10.0.0.1' },
    { name: 'PC2', address: '10.0.0.2' },
  ],
  services: [{ kind: 'central-hub', machine: 'MainPC', config: '/etc/prometheus/prometheus.yml' }],
  agents: [{ name: 'pilot', machine: 'PC2', config: '/a/pilot.yaml', log: '/a/pilot.log', port: 8101, wave: 1 }],
};
const read = (plan: object) => readPlan(stringify(plan), 'plan.yaml');
const service = (plan: Plan, name: string) => plan.services.find((one) => one.name === name);

describe('the short plan', () => {
  it('puts on the machines what the packaged plan puts there', () => {
    expect(starter.services).toEqual(week1.services);
    expect(starter.agents).toEqual(week1.agents);
    expect(footprintOf(starter)).toBe(footprintOf(week1));
  });

  it('is the packaged plan', () => {
    expect(starter).toEqual(week1);
  });
});

it.each(['starter.yaml', 'week1.yaml'])('%s says the switches that can do harm before anything else', (file) => {
  const plan = parse(text(file)) as object;
  const [first] = Object.keys(plan).filter((key) => !['version', 'name', 'title'].includes(key));
  expect(first).toBe('faults');
  expect(Object.keys(plan).slice(2, 5)).toContain('emergency');
  expect(plan).toMatchObject({ emergency: { automatic: true, atDeadline: 'hold' } });
});

describe('a plan that says the least', () => {
  const plan = read(least);

  it('has the services of the week, each on its machine', () => {
    expect(plan.services.map(({ kind, name, machine }) => [kind, name, machine])).toEqual([
      ['central-hub', 'centralhub', 'MainPC'],
      ['edge-hub', 'edgehub', 'PC2'],
      ['pushgateway', 'pushgateway-mainpc', 'MainPC'],
      ['pushgateway', 'pushgateway-pc2', 'PC2'],
      ['nats', 'nats-mainpc', 'MainPC'],
      ['nats', 'nats-pc2', 'PC2'],
    ]);
    expect(plan.messaging.streams[0]?.publishes).toEqual(['observability.metrics.mainpc', 'observability.metrics.pc2']);
  });

  it('breaks nothing on purpose, and undoes nothing by a clock', () => {
    expect(plan.faults.allowed).toEqual([]);
    expect(plan.emergency.atDeadline).toBe('hold');
  });

  it('is asked where CentralHub is', () => {
    expect(() => read({ ...least, services: [] })).toThrow(/services: .*central-hub, machine: .*config: /);
  });

  it('gets no services besides those that it names', () => {
    const named = [...least.services, { kind: 'edge-hub', machine: 'PC2' }];
    expect(wholeOf({ ...least, services: named }).input).toMatchObject({ services: [{}, { name: 'edgehub' }] });
    expect(() => read({ ...least, services: named })).toThrow(
      /two services of kind nats for a pair; found 0 .*found "pair" \(derived from the number of nats services\)/,
    );
  });
});

describe('what a service leaves out', () => {
  const withEdge = (edge: object) => {
    const others = starter.services
      .filter(({ kind }) => kind === 'nats' || kind === 'pushgateway')
      .map(({ kind, machine }) => ({ kind, machine }));
    return read({ ...least, services: [...least.services, { kind: 'edge-hub', machine: 'PC2', ...edge }, ...others] });
  };

  it('follows from its base, its retention and its file', () => {
    expect(service(withEdge({ base: '/srv/edge', retention: '10m', configFile: 'own.yml' }), 'edgehub')).toMatchObject({
      directories: [{ path: '/srv/edge/data' }, { path: '/srv/edge/config' }, { path: '/srv/edge/logs' }],
      command: expect.arrayContaining(['--config.file=/etc/prometheus/own.yml', '--storage.tsdb.retention.time=10m']),
    });
  });

  it('follows from its command, where that is given', () => {
    const command = [
      '--config.file=/etc/prometheus/mine.yml',
      '--storage.tsdb.path=/prometheus',
      '--storage.tsdb.retention.time=1h',
    ];
    expect(service(withEdge({ command }), 'edgehub')).toMatchObject({
      configFile: 'mine.yml',
      retention: 3_600_000,
      command,
    });
  });

  it('listens where the port inside says, where that is not its own', () => {
    const hub = service(withEdge({ port: { container: 9690 } }), 'edgehub');
    expect(hub).toMatchObject({
      port: { host: 9100, container: 9690 },
      command: expect.arrayContaining(['--web.listen-address=:9690']),
    });
  });

  it('is below its own name, where another of its kind is on the machine', () => {
    const plan = read({
      ...least,
      services: [
        ...least.services,
        { kind: 'edge-hub', machine: 'PC2' },
        { kind: 'pushgateway', machine: 'PC2' },
        { kind: 'nats', machine: 'PC2' },
        { kind: 'nats', machine: 'PC2', name: 'nats-b' },
        { kind: 'nats', machine: 'MainPC' },
      ],
    });
    expect(plan.services.slice(3)).toMatchObject([
      { base: '/pc2/nats', ports: { client: { host: 4222 } } },
      { base: '/pc2/nats-b', ports: { client: { host: 4223 } } },
      { base: '/mainpc/nats', ports: { client: { host: 4224 } } },
    ]);
    expect(plan.messaging).toMatchObject({ topology: 'arbiter', streams: [{ replicas: 3 }, {}, {}] });
  });
});

describe('what an agent leaves out', () => {
  const agent = (given: object) =>
    read({ ...least, agents: [{ name: 'pilot', machine: 'PC2', port: 8101, wave: 1, ...given }] }).agents[0];

  it('is beside the directory of its configuration, by its name', () => {
    expect(agent({ config: '/srv/config/any.yaml' })).toMatchObject({
      log: '/srv/logs/pilot.log',
      acks: '/srv/logs/pilot.acks.jsonl',
    });
    expect(agent({ config: '/srv/config/any.yaml', acks: '/var/acks' })).toMatchObject({ acks: '/var/acks' });
  });

  it('is nothing where it says its log: such a plan has meant that there are no acks', () => {
    expect(agent({ config: '/srv/config/any.yaml', log: '/srv/any.log' })).not.toHaveProperty('acks');
  });

  it('is not guessed of a file elsewhere', () => {
    expect(() => agent({ config: '/etc/pilot.yaml' })).toThrow(
      /agents\[0\]\.log: an absolute path is wanted; found nothing/,
    );
  });
});

describe('what stands in what is derived', () => {
  const edge = (given: object) => {
    const services = starter.services.map(({ kind, name, machine, ...rest }) => ({
      kind,
      name,
      machine,
      ...(kind === 'central-hub' && 'config' in rest && { config: rest.config }),
      ...(kind === 'edge-hub' && given),
    }));
    return service(read({ ...least, services }), 'edgehub');
  };

  it('is a retention as Prometheus spells it, which has no fractions', () => {
    expect(edge({ retention: '2.5h' })).toMatchObject({
      retention: 9_000_000,
      command: expect.arrayContaining(['--storage.tsdb.retention.time=9000s']),
    });
  });

  it('is a directory as Docker spells it, whatever the base ends with', () => {
    expect(edge({ base: '/srv/edge/' })).toMatchObject({ directories: [{ path: '/srv/edge/data' }, {}, {}] });
  });

  it('is what a NATS command calls its file, by each spelling of the flag', () => {
    for (const command of [
      ['--config', '/etc/nats/own.conf'],
      ['--config=/etc/nats/own.conf'],
      ['-c', '/etc/nats/own.conf'],
    ]) {
      const services = [
        ...least.services,
        { kind: 'edge-hub', machine: 'PC2' },
        { kind: 'pushgateway', machine: 'PC2' },
      ];
      const servers = ['MainPC', 'PC2'].map((machine) => ({ kind: 'nats', machine, command }));
      expect(service(read({ ...least, services: [...services, ...servers] }), 'nats-pc2')).toMatchObject({
        configFile: 'own.conf',
      });
    }
  });
});

describe('machines of other names and numbers', () => {
  it('may have dots in their names: pilots publish where a stream takes it', () => {
    const plan = read({
      machines: [
        { name: 'Main.example.org', address: '10.0.0.1' },
        { name: 'pc2.example.org', address: 'fd00::2' },
      ],
      services: [{ ...least.services[0], machine: 'Main.example.org' }],
      agents: [{ ...least.agents[0], machine: 'pc2.example.org' }],
    });
    expect(metricsSubject(plan, 'pc2.example.org')).toBe('observability.metrics.pc2.example.org');
  });

  it.each([
    [3, 3],
    [4, 3],
    [5, 5],
  ])('%i have a cluster of %i', (count, servers) => {
    const more = Array.from({ length: count - 2 }, (_, index) => ({
      name: `PC${index + 3}`,
      address: `10.0.0.${index + 3}`,
    }));
    const plan = read({ ...least, machines: [...least.machines, ...more] });
    expect(plan.services.filter(({ kind }) => kind === 'nats')).toHaveLength(servers);
  });
});

describe('notices of a plan', () => {
  it('keep the escalation of week 1 with its channels', () => {
    expect(read({ ...least, notify: { remindEvery: '1h' } }).notify).toEqual({
      ...starter.notify,
      remindEvery: 3_600_000,
    });
  });

  it('go to the channels that it has', () => {
    const channels = [
      { name: 'team', kind: 'slack', secret: 'TEAM' },
      { name: 'duty', kind: 'pagerduty', secret: 'DUTY' },
    ];
    expect(read({ ...least, notify: { channels } }).notify).toMatchObject({
      routes: { 'level-1': ['team'], 'level-3': ['team', 'duty'], held: ['team', 'duty'], result: ['team'] },
      escalate: [],
    });
    expect(read({ ...least, notify: { channels: [] } }).notify.routes).toEqual({});
  });
});

describe('a plan without what the week cannot do without', () => {
  it.each([
    ['a pilot', { agents: [{ ...least.agents[0], wave: undefined }] }, /agents: at least one agent with a wave/],
    ['an agent beside EdgeHub', { agents: [{ ...least.agents[0], machine: 'MainPC' }] }, /a machine with agents/],
    [
      'a Pushgateway',
      {
        services: starter.services
          .filter(({ kind }) => kind !== 'pushgateway')
          .map(({ kind, name, machine }) => ({
            kind,
            name,
            machine,
            ...(kind === 'central-hub' && { config: '/c.yml' }),
          })),
      },
      /a pushgateway/,
    ],
  ])('%s, begins no week', (_, change, says) => {
    expect(() => readWhole(stringify({ ...least, ...change }), 'plan.yaml', SoundPlan)).toThrow(says);
  });
});

describe('where a value came from', () => {
  const { origins } = wholeOf({ ...least, version: 1, watch: { soak: '1h' } });

  it.each([
    ['plan', ['watch', 'soak']],
    ['plan', ['agents', 0, 'port']],
    ['default', ['watch', 'log']],
    ['default', ['limits', 'failover', 'limit']],
    ['derived from name', ['agents', 0, 'program']],
    ['derived from machines', ['services', 1, 'machine']],
    ['derived from base', ['services', 1, 'directories', 2, 'path']],
    ['version 1', ['notify', 'channels']],
  ])('is %s, for %j', (origin, path) => {
    expect(origins.at(path)).toBe(origin);
  });
});

it('leaves what has not the form of a plan for the schema to refuse', () => {
  for (const odd of [
    null,
    'text',
    [],
    { services: 'none' },
    { services: [1], machines: {} },
    { agents: [null], messaging: { streams: [1] } },
  ])
    expect(() => read(odd as object)).toThrow(/plan\.yaml:1/);
});

describe('an absolute path', () => {
  const keys = ['config', 'log', 'acks', 'base', 'mount', 'store', 'logFile', 'root', 'state', 'passwordFile'];
  const spelled = ({ machines, services, agents, ...others }: typeof least, as: (path: string) => string) => ({
    ...others,
    ...(JSON.parse(JSON.stringify({ machines, services, agents }), (key, value: unknown) =>
      keys.includes(key) && value !== '/' ? as(String(value)) : value,
    ) as object),
  });
  const login = { basicAuth: { username: 'week', passwordFile: '/etc/site/password' } };
  const plain = {
    ...(parse(text('week1.yaml')) as object),
    machines: least.machines.map((machine) => ({ ...machine, root: '/srv/root', state: '/srv/state' })),
  } as unknown as typeof least;
  Object.assign(plain.agents[0]!, login);

  it.each<[how: string, as: (path: string) => string]>([
    ['slashes beside each other', (path) => path.replaceAll('/', '//')],
    ['the directory itself', (path) => path.replaceAll('/', '/./')],
    ['both', (path) => `/${path.replaceAll('/', '/.//')}`],
  ])('is the same with %s, and as it is written in a plan of version 1', (_, as) => {
    expect(read(spelled(plain, as))).toEqual(read(plain));
    const one = { ...plain, version: 1 };
    expect(read(spelled(one, as))).not.toEqual(read(one));
    expect(read(spelled(one, as)).agents[0]!.config).toBe(as(plain.agents[0]!.config));
  });

  it('says by a slash at its end that it is a directory', () => {
    const [agent] = least.agents;
    for (const end of ['/', '//', '/.'])
      expect(read({ ...least, agents: [{ ...agent, config: `/a/config${end}` }] }).agents[0]!.config).toBe(
        '/a/config/',
      );
  });

  it('with ".." in it is refused as before', () => {
    expect(() => read(spelled(plain, (path) => `${path}/../x`))).toThrow('an absolute path without ".."');
  });
});
