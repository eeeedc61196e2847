// What a plan can't mean is refused before a week begins, though each of its lines is right by itself.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readWhole } from '../../../plan/schema/read.ts';
import { CheckedPlan, SoundPlan } from '../../../plan/schema/references.ts';
import { overlap } from '../../../plan/tasks/messaging/subjects.ts';

const text = readFileSync(new URL('../../../plan/week1.yaml', import.meta.url), 'utf8');

type Raw = any;
const service = (plan: Raw, name: string): Raw => plan.services.find((one: Raw) => one.name === name);

/** The packaged plan with something changed, as `validate` reads it. */
function read(change: (plan: Raw) => void, wanted: typeof CheckedPlan = SoundPlan) {
  const plan: Raw = parse(text);
  change(plan);
  return () => readWhole(stringify(plan), 'plan.yaml', wanted);
}

const cases: [what: string, change: (plan: Raw) => void, says: RegExp][] = [
  [
    'a pilot that EdgeHub does not scrape',
    ({ agents }) => Object.assign(agents[1], { machine: 'MainPC', peer: 'pc2_sentinel' }),
    /agents\[1\]\.machine: PC2, where edgehub is/,
  ],
  [
    'less time for a scrape than there is between two',
    (plan) => Object.assign(service(plan, 'edgehub'), { scrapeWithin: '5s' }),
    /scrapeWithin: at least its scrapeInterval, 15s/,
  ],
  [
    'metrics that are fresh for less than there is between two',
    ({ migration }) => Object.assign(migration, { freshWithin: '5s' }),
    /migration\.freshWithin: at least the scrapeInterval of edgehub/,
  ],
  [
    'two Pushgateways with the same test metric for one hub',
    (plan) => Object.assign(service(plan, 'pushgateway-pc2'), { test: service(plan, 'pushgateway-main').test }),
    /test: a metric, job or instance that differs from that of pushgateway-main: centralhub scrapes both/,
  ],
  [
    'rules in the file of the configuration',
    (plan) => Object.assign(service(plan, 'edgehub'), { rulesFile: 'prometheus-edge.yml' }),
    /rulesFile: another file than its configFile/,
  ],
  [
    'an EdgeHub that takes no writes',
    (plan) => service(plan, 'edgehub').command.pop(),
    /command: --web\.enable-remote-write-receiver in it/,
  ],
  ...[
    '--config.file=/etc/prometheus/other.yml',
    '--storage.tsdb.retention.time=5m',
    '--web.enable-lifecycle',
    '--storage.tsdb.path=/prometheus',
  ].map((flag): (typeof cases)[number] => [
    `an EdgeHub with ${flag} beside the same flag`,
    (plan) => service(plan, 'edgehub').command.unshift(flag),
    new RegExp(`command: ${flag.split('=')[0]} once`),
  ]),
  [
    'a Pushgateway with a flag twice',
    (plan) =>
      Object.assign(service(plan, 'pushgateway-pc2'), {
        command: ['--persistence.file=/data/x', '--persistence.file=/data/x'],
      }),
    /command: --persistence\.file once/,
  ],
  [
    'two scrape jobs of one name',
    (plan) => Object.assign(service(plan, 'pushgateway-pc2'), { name: 'agents' }),
    /services\[3\]\.name: a name that no other scrape job of edgehub has: edgehub, agents, agents/,
  ],
  [
    'two directories in one place',
    (plan) => Object.assign(service(plan, 'edgehub').directories[2], { mount: '/prometheus/' }),
    /directories\[2\]\.mount: one that no other directory of this service has/,
  ],
  [
    'a service in the directory of another',
    (plan) => Object.assign(service(plan, 'pushgateway-pc2'), { base: '/pc2/observability/push' }),
    /base: a directory apart from \/pc2\/observability/,
  ],
  [
    'two ports of one number in a container',
    (plan) => Object.assign(service(plan, 'nats-pc2').ports.monitor, { container: 4222 }),
    /ports that differ inside its container/,
  ],
  [
    'a log of NATS that goes with the container',
    (plan) => Object.assign(service(plan, 'nats-pc2'), { logFile: '/tmp/nats.log' }),
    /logFile: a path in the mount of one of its directories/,
  ],
  [
    'subjects that two streams take',
    ({ messaging }) => messaging.streams[1].subjects.push('observability.>'),
    /streams\[1\]\.subjects\[1\]: a subject of this stream alone: observability\.metrics\.\* is that of observability-metrics/,
  ],
  [
    "subjects of the week's own messages",
    ({ messaging }) => messaging.streams[2].subjects.push('hubshift.*.x.y'),
    /hubshift\.measure\.> is that of the week's own messages/,
  ],
  [
    'a name that NATS does not take',
    ({ messaging }) => Object.assign(messaging.streams[0], { consumers: ['of.central'] }),
    /consumers\[0\]: a name without "\."/,
  ],
  [
    'a consumer twice',
    ({ messaging }) => Object.assign(messaging.streams[0], { consumers: ['one', 'one'] }),
    /consumers\[1\]: a name that no other consumer of the stream has/,
  ],
  [
    'messages that are gone before they are known as doubles',
    ({ messaging }) => Object.assign(messaging.streams[0], { maxAge: '3m' }),
    /maxAge: at least its duplicateWindow, 300s/,
  ],
  [
    'health on a subject of no stream',
    ({ messaging }) => Object.assign(messaging, { healthSubject: 'elsewhere.health' }),
    /messaging\.healthSubject: one of a stream's publishes/,
  ],
  [
    'a fallback that shows as the primary',
    ({ migration }) => Object.assign(migration.contract.activeHub, { fallback: 'primary' }),
    /activeHub: a primary that is neither its fallback nor its central/,
  ],
  [
    'an agent that is its own peer',
    ({ agents }) => Object.assign(agents[1], { peer: agents[1].name }),
    /another agent/,
  ],
  [
    'one file for two things of an agent',
    ({ agents }) => Object.assign(agents[1], { acks: agents[1].log }),
    /agents\[1\]: different files for config, log and acks/,
  ],
  [
    'two agents with one program',
    ({ agents }) => Object.assign(agents[2], { program: agents[1].program ?? agents[1].name }),
    /agents\[2\]\.program: one that no other agent of this machine has/,
  ],
  [
    'two agents with one configuration, spelled in two ways',
    ({ agents }) => Object.assign(agents[2], { config: agents[1].config.replaceAll('/', '/.//') }),
    /agents\[2\]\.config: one that no other agent of this machine has/,
  ],
  [
    'a log that is the configuration of another agent',
    ({ agents }) => Object.assign(agents[2], { log: agents[1].config }),
    /agents\[2\]\.log: one that no other agent of this machine has/,
  ],
  [
    'acks that are the log of another agent',
    ({ agents }) => Object.assign(agents[3], { acks: agents[1].log }),
    /agents\[3\]\.acks: one that no other agent of this machine has/,
  ],
  ...['.new', '.backup'].map((end): (typeof cases)[number] => [
    `a configuration that the week writes for another agent, ${end}`,
    ({ agents }) => Object.assign(agents[0], { config: `${agents[1].config}${end}` }),
    /agents\[1\]\.config: a file of its own \(the week puts .* beside the configuration of /,
  ]),
  [
    'a log that the week writes as its configuration',
    ({ agents }) => Object.assign(agents[1], { log: `${agents[1].config}.new` }),
    /agents\[1\]\.config: a file of its own \(the week puts /,
  ],
  [
    'a window without a sample',
    ({ watch }) => Object.assign(watch, { observation: '5s' }),
    /watch\.observation: at least watch\.sampleInterval, 15s/,
  ],
  [
    'an aim beyond its limit',
    ({ limits }) => Object.assign(limits.failover, { target: '9s' }),
    /limits\.failover\.target: at most its limit/,
  ],
  [
    "a machine of pilots with no subject but another's",
    (plan) => {
      const [, pc2] = plan.machines;
      const edge = pc2.name;
      plan.machines.push({ ...pc2, name: `lab.${edge}`, address: '10.77.0.9' });
      const [metrics] = plan.messaging.streams;
      metrics.subjects = ['observability.metrics.>'];
      metrics.publishes = ['observability.metrics.mainpc', `observability.metrics.lab.${edge.toLowerCase()}`];
    },
    /messaging\.streams: a subject in a stream's publishes that ends with \.pc2, for the metrics of the pilots of PC2/,
  ],
  [
    'a pilot whose deployment is called as a check of another',
    (plan) => callPilots(plan, 'edge', 'edge.health'),
    /agents\[\d\]\.name: another name, since 2D\.deploy\.edge\.health would be the id of two rows, .* of edge and .* of edge\.health,/,
  ],
  [
    'a pilot whose new file is called as the deployment of another',
    (plan) => callPilots(plan, 'deploy', 'new'),
    /since 2D\.deploy\.new would be the id of two rows, .* of deploy and .* of new,/,
  ],
  [
    'a NATS server that is called as a check of all',
    (plan) => Object.assign(service(plan, 'nats-pc2'), { name: 'nats-valid' }),
    /services\[\d\]\.name: another name, since 2C\.config\.valid would be the id of two rows/,
  ],
  [
    'a stream that is called as what an undo leaves',
    ({ messaging }) => {
      messaging.streams[1].name = 'observability-undo';
    },
    /messaging\.streams\[1\]\.name: another name, since 2C\.streams\.undo would be the id of two rows/,
  ],
  [
    'a stream that is called as a check of all',
    ({ messaging }) => {
      messaging.streams[2].name = 'observability-order';
    },
    /messaging\.streams\[2\]\.name: another name, since 2C\.messaging\.order would be the id of two rows, .* of observability-order/,
  ],
];

/** The first of them as an agent of no special kind, which has the most checks. */
function callPilots({ agents }: Raw, ...called: string[]): void {
  const pilots = agents.filter(({ wave }: Raw) => wave !== undefined);
  called.forEach((name, index) => {
    for (const agent of agents) if (agent.peer === pilots[index].name) agent.peer = name;
    const { name: program, config, log, acks } = pilots[index];
    Object.assign(pilots[index], { name, kind: 'observability_hub', program, config, log, acks });
  });
}

it.each(cases)('%s', (_, change, says) => {
  expect(read(change)).toThrow(says);
});

it.each(cases)('%s: a week that runs finds its plan all the same, and so does a plan of version 1', (_, change) => {
  expect(read(change, CheckedPlan)).not.toThrow();
  expect(read((plan) => (Object.assign(plan, { version: 1 }), change(plan)))).not.toThrow();
});

it('an EdgeHub may have several of what it takes several of', () => {
  const flags = [
    '--enable-feature=a',
    '--enable-feature=b',
    '--web.listen-address=:9090',
    '--web.listen-address=:9091',
  ];
  expect(read((plan) => service(plan, 'edgehub').command.unshift(...flags))).not.toThrow();
});

it('subjects overlap where something may be published that both take', () => {
  const both = (one: string, other: string) => overlap(one.split('.'), other.split('.'));
  const of = ['a.b', 'a.*', '*.b', 'a.>', '>', 'a.*.c', 'a.b.c'];
  expect(of.filter((subject) => both(subject, 'a.b'))).toEqual(['a.b', 'a.*', '*.b', 'a.>', '>']);
  expect(of.filter((subject) => both('a.*.c', subject))).toEqual(['a.>', '>', 'a.*.c', 'a.b.c']);
  expect(both('a', 'a.>')).toBe(false);
});
