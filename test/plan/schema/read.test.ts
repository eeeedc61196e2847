// Reading a plan: the project's own is valid, and every mistake is named with its line.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InvalidPlan, readPlan, readWhole } from '../../../plan/schema/read.ts';
import { SoundPlan } from '../../../plan/schema/references.ts';

const week = readFileSync(new URL('../../../plan/week1.yaml', import.meta.url), 'utf8');

/** The problems of the week's plan with one piece of its text replaced, before a week begins with it. */
function problemsWith(from: string, to: string) {
  if (!week.includes(from)) throw new Error(`plan/week1.yaml has no ${from}`);
  try {
    readWhole(week.replace(from, to), 'plan.yaml', SoundPlan);
  } catch (error) {
    if (error instanceof InvalidPlan) return error.problems;
    throw error;
  }
  return [];
}

const lineOf = (text: string, piece: string) => text.slice(0, text.indexOf(piece)).split('\n').length;

describe('plan/week1.yaml', () => {
  it('is valid, with durations in milliseconds and defaults filled in', () => {
    const plan = readPlan(week, 'plan/week1.yaml');
    expect(plan.machines[0]).toMatchObject({ name: 'MainPC', root: '/', docker: '/var/run/docker.sock' });
    expect(plan.watch.soak).toBe(86_400_000);
    expect(plan.agents.find((agent) => agent.name === 'resource_manager')?.functions).toHaveLength(2);
    expect(plan.failure.tasks).toEqual({});
  });
});

describe('a program under supervisord', () => {
  it.each(['edge:hub_agent', 'pool:pool_00', 'hub.agent', 'edge.1:hub agent', 'Größe', '_a@1'])(
    'is named as supervisorctl has it: %s',
    (program) => {
      const plan = readPlan(week.replace('program: resource_manager', `program: "${program}"`), 'plan.yaml');
      expect(plan.agents.map((agent) => agent.program)).toContain(program);
    },
  );

  it.each(['', 'a:b:c', 'a:a', ':a', 'a:', 'a: b', ' a', 'a ', '.a', '-a', '*', 'a:b*', 'a\\tb'])(
    'is not named "%s"',
    (program) => {
      expect(problemsWith('program: resource_manager', `program: "${program}"`)).toMatchObject([
        { path: 'agents[1].program' },
      ]);
    },
  );
});

describe('a mistake in a plan', () => {
  it.each([
    [
      'an unknown key',
      '    stopGrace: 10s\n    configFile: prometheus-edge.yml',
      '    stopGrace: 10s\n    confgFile: prometheus-edge.yml',
      'confgFile',
      /did you mean "configFile"\?/,
      /^services\[\d\]\.confgFile$/,
    ],
    [
      'fewer people who may approve than must',
      'gate:\n  approvals: 2',
      'gate:\n  approvals: 2\n  approvers: [Ada]',
      'approvers',
      /^at least as many people as approvals are needed, 2 \(gate\.approvals\), is wanted; found \["Ada"\]/,
      /^gate\.approvers$/,
    ],
    [
      'a person who may approve, twice',
      'gate:\n  approvals: 2',
      'gate:\n  approvals: 2\n  approvers: [Ada, Grace, " ada"]',
      'approvers',
      /^a person who is not named twice/,
      /^gate\.approvers\[2\]$/,
    ],
    [
      'a person who may approve, of whom nothing can be seen',
      'gate:\n  approvals: 2',
      'gate:\n  approvals: 2\n  approvers: [Ada, Grace, " \\u200b"]',
      'approvers',
      /^the name of a person/,
      /^gate\.approvers\[2\]$/,
    ],
    ['a duration without unit', 'soak: 24h', 'soak: 24', 'soak: 24', /a duration with a unit/, /^watch\.soak$/],
    [
      'a word that is not allowed',
      'topology: pair',
      'topology: ring',
      'topology: ring',
      /"pair"|pair/,
      /^messaging\.topology$/,
    ],
    [
      'a machine that the plan does not have',
      'name: centralhub\n    machine: MainPC',
      'name: centralhub\n    machine: Main',
      'machine: Main\n',
      /one of the plan's machines: MainPC, PC2 is wanted; found "Main"/,
      /^services\[0\]\.machine$/,
    ],
    [
      'a path with ".."',
      '/pc2/observability/data',
      '/pc2/../etc',
      '/pc2/../etc',
      /an absolute path/,
      /directories\[0\]\.path$/,
    ],
    [
      'a regular expression that is none',
      'Traceback',
      "'('",
      "'('",
      /a regular expression/,
      /^migration\.errorPatterns\[3\]$/,
    ],
    [
      'a port that is taken twice',
      'port: 8104',
      'port: 8103',
      'port: 8103\n    peer: mainpc_sentinel\n\n',
      /taken twice/,
      /^agents\[\d\]\.port$/,
    ],
    [
      'more replicas than servers',
      'replicas: 2',
      'replicas: 3',
      'replicas: 3',
      /at most 2/,
      /^messaging\.streams\[0\]\.replicas$/,
    ],
    [
      'a stream that asks for more than the servers may store',
      'replicas: 2',
      'replicas: 2\n      maxBytes: 3GiB',
      'maxBytes: 3GiB',
      /at most 2 GiB for each of 2 replicas, .* leave of nats-\w+'s jetstream.maxFileStore is wanted; found "3GiB"/,
      /^messaging\.streams\[0\]\.maxBytes$/,
    ],
    [
      'a container with less memory than Docker takes',
      '    stopGrace: 10s',
      '    stopGrace: 10s\n    resources: { memory: 5MiB }',
      'resources: { memory: 5MiB }',
      /at least 6MiB/,
      /^services\[\d\]\.resources\.memory$/,
    ],
    [
      'an arbiter topology with two servers',
      'topology: pair',
      'topology: arbiter',
      'topology: arbiter',
      /an odd number/,
      /^messaging\.topology$/,
    ],
    [
      'a hub that is not there',
      'scrapedBy: [centralhub, edgehub]',
      'scrapedBy: [centralhub, edge]',
      'scrapedBy: [centralhub, edge]',
      /one of the plan's hubs: centralhub, edgehub/,
      /scrapedBy\[1\]$/,
    ],
    [
      'leave to take over what the week does not make',
      'title:',
      'adopt: [edgehub, observability-alerts, centralhub]\ntitle:',
      'centralhub]',
      /a service or stream that the plan makes: edgehub, .*observability-metrics.* is wanted; found "centralhub"/,
      /^adopt\[2\]$/,
    ],
    [
      'a Grafana without an address',
      'kind: webhook, ',
      'kind: grafana, ',
      'kind: grafana, ',
      /Grafana's address, such as https:.* is wanted; found nothing/,
      /^notify\.channels\[5\]\.url$/,
    ],
    [
      'a Grafana with a password in its address',
      'kind: webhook, ',
      'kind: grafana, url: "https://admin:hunter2@boards", ',
      'kind: grafana, ',
      /Grafana's address, .* with no name or password in it is wanted; found "(?!.*hunter2)/,
      /^notify\.channels\[5\]\.url$/,
    ],
    [
      'a page to a channel that is not there',
      'held: [ops-critical, pagerduty, dashboard]',
      'held: [ops-critical, pager, dashboard]',
      'held: [ops-critical, pager, dashboard]',
      /one of the plan's channels: ops-alerts, .* is wanted; found "pager"/,
      /^notify\.routes\.held\[1\]$/,
    ],
    [
      'a PagerDuty that no page can be posted to',
      'kind: pagerduty, ',
      'kind: pagerduty, url: "ftp://events.pagerduty.com", ',
      'kind: pagerduty, ',
      /^where PagerDuty takes events, .*: by http or https, .* is wanted; found "ftp:/,
      /^notify\.channels\[4\]\.url$/,
    ],
    [
      'a page that is repeated without a pause',
      'remindEvery: 30m',
      'remindEvery: 30s',
      'remindEvery: 30s',
      /^a minute or more, or never, is wanted; found/,
      /^notify\.remindEvery$/,
    ],
    [
      'an escalation to a channel that is not there',
      'to: [leadership] }',
      'to: [boss] }',
      'to: [boss] }',
      /one of the plan's channels: ops-alerts, .* is wanted; found "boss"/,
      /^notify\.escalate\[0\]\.to\[0\]$/,
    ],
    [
      'a subject that its stream does not take',
      'publishes: [observability.health.cluster]',
      'publishes: [observability.state.cluster]',
      'publishes: [observability.state.cluster]',
      /a subject that the stream takes: observability\.health\.\*/,
      /^messaging\.streams\[1\]\.publishes\[0\]$/,
    ],
    [
      'a pilot without a subject of its machine',
      'publishes: [observability.metrics.mainpc, observability.metrics.pc2]',
      'publishes: [observability.metrics.mainpc]',
      'streams:',
      /ends with \.pc2, for the metrics of the pilots of PC2/,
      /^messaging\.streams$/,
    ],
    [
      'what is sent again later than a stream knows it',
      'duplicateWindow: 5m',
      'duplicateWindow: 1s',
      'duplicateWindow: 1s',
      /at least faults\.limit, 120s/,
      /^messaging\.streams\[0\]\.duplicateWindow$/,
    ],
    [
      'a file that the command does not name',
      'configFile: prometheus-edge.yml',
      'configFile: other.yml',
      'command:\n      - --config.file',
      /other\.yml \(its configFile\) in the mount/,
      /^services\[1\]\.command$/,
    ],
    [
      'a file of a server that its command does not name',
      'configFile: nats-pc2.conf',
      'configFile: nats.conf',
      'command: [-c, /etc/nats/nats-pc2.conf]',
      /nats\.conf \(its configFile\)/,
      /^services\[5\]\.command$/,
    ],
    [
      'a store that takes no stream',
      '    store: /data\n',
      '    store: /data\n    jetstream: { maxFileStore: 0B }\n',
      'jetstream: {',
      /a size above zero is wanted; found "0B"/,
      /^services\[4\]\.jetstream\.maxFileStore$/,
    ],
    [
      'a store that goes with its container',
      '    store: /data\n',
      '    store: /jetstream\n',
      'store: /jetstream',
      /a path in the mount of one of its directories/,
      /^services\[4\]\.store$/,
    ],
    [
      'a retention that is not the one of the command',
      '    retention: 5m',
      '    retention: 6m',
      '    retention: 6m',
      /5m, which its command says .*, or there 360s/,
      /^services\[1\]\.retention$/,
    ],
    [
      'a hub that does not answer at /',
      '      - --web.enable-lifecycle\n',
      '      - --web.enable-lifecycle\n      - --web.external-url=http://PC2:9100/edge\n',
      'command:\n      - --config.file',
      /no --web\.route-prefix/,
      /^services\[1\]\.command$/,
    ],
    [
      'a hub whose copies nothing tells',
      'externalLabels: { hub: edgehub }',
      'externalLabels: {}',
      'externalLabels: {}',
      /a label, such as hub: edgehub, .* is wanted; found \{\}/,
      /^services\[1\]\.externalLabels$/,
    ],
    [
      'an external label without a value',
      'externalLabels: { hub: edgehub }',
      'externalLabels: { site: north, hub: "" }',
      'externalLabels: { site: north, hub: "" }',
      /a value \(a label without one is no label\) is wanted; found ""/,
      /^services\[1\]\.externalLabels\.hub$/,
    ],
    ...['a$b', '$HOME', '${HOME}', '$$'].map((value): [string, string, string, string, RegExp, RegExp] => [
      'an external label that Prometheus 3 would expand',
      'externalLabels: { hub: edgehub }',
      `externalLabels: { hub: "${value}" }`,
      'externalLabels: {',
      /a value without "\$" \(Prometheus 3 takes it for a variable\) is wanted; found "[^"]*\$/,
      /^services\[1\]\.externalLabels\.hub$/,
    ]),
    [
      'an external label without a name',
      'externalLabels: { hub: edgehub }',
      'externalLabels: { hub: edgehub, "": x }',
      'externalLabels: {',
      /a name for each label is wanted/,
      /^services\[1\]\.externalLabels$/,
    ],
    ...['__name__', '__hub'].map((label): [string, string, string, string, RegExp, RegExp] => [
      "an external label of Prometheus' own",
      'externalLabels: { hub: edgehub }',
      `externalLabels: { ${label}: edgehub }`,
      'externalLabels: {',
      /a label that does not begin with __/,
      new RegExp(`^services\\[1\\]\\.externalLabels\\.${label}$`),
    ]),
    ...['job', 'instance', 'agent'].map((label): [string, string, string, string, RegExp, RegExp] => [
      'an external label that series have of themselves',
      'externalLabels: { hub: edgehub }',
      `externalLabels: { ${label}: edgehub }`,
      'externalLabels: {',
      new RegExp(`another label \\(series have a ${label} of their own`),
      new RegExp(`^services\\[1\\]\\.externalLabels\\.${label}$`),
    ]),
    [
      'a hub whose Alertmanagers hear too seldom of it',
      ' # agents push batches to the active hub\n',
      "\n      - --rules.alert.resend-delay=1m15s\n    alerting: { alertmanagers: [{ target: 'PC2:9093' }] }\n",
      'command:\n      - --config.file',
      /--rules\.alert\.resend-delay below 75s, in which/,
      /^services\[1\]\.command$/,
    ],
    [
      'a hub that listens elsewhere',
      '      - --web.enable-lifecycle\n',
      '      - --web.enable-lifecycle\n      - --web.listen-address=:9999\n',
      'port: { host: 9100, container: 9090 }',
      /that of :9999, where its command listens with --web\.listen-address, is wanted; found 9090/,
      /^services\[1\]\.port\.container$/,
    ],
    [
      'a hub that listens for its own container alone',
      '      - --web.enable-lifecycle\n',
      '      - --web.enable-lifecycle\n      - --web.listen-address=127.0.0.1:9090\n',
      'command:\n      - --config.file',
      /no --web\.listen-address for its own container alone/,
      /^services\[1\]\.command$/,
    ],
    [
      'a port that the command does not name',
      'port: { host: 9091, container: 9091 }',
      'port: { host: 9091, container: 9099 }',
      'port: { host: 9091, container: 9099 }',
      /9091, where it listens without --web\.listen-address/,
      /^services\[2\]\.port\.container$/,
    ],
    [
      'a hub whose samples go with its container',
      '--storage.tsdb.path=/prometheus\n',
      '--storage.tsdb.path=/prometheus2\n',
      'command:\n      - --config.file',
      /--storage\.tsdb\.path with a path in the mount/,
      /^services\[1\]\.command$/,
    ],
    [
      'a Pushgateway that keeps nothing',
      '[--persistence.file=/data/pushgateway.db, --persistence.interval=5m]',
      '[--persistence.interval=5m]',
      'command: [--persistence.interval=5m]',
      /--persistence\.file with a path in the mount/,
      /^services\[2\]\.command$/,
    ],
    [
      'a web configuration that is not mounted',
      '      - --web.enable-lifecycle\n',
      '      - --web.enable-lifecycle\n      - --web.config.file=/etc/prometheus/web.yml\n',
      'command:\n      - --config.file',
      /no --web\.config\.file, or its file as webConfigFile/,
      /^services\[1\]\.command$/,
    ],
    [
      'a port of a server that its command has otherwise',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, --port=4333]',
      'command: [-c, /etc/nats/nats-pc2.conf, --port=4333]',
      /no -p 4333, which goes before ports\.client\.container: 4222,/,
      /^services\[5\]\.command$/,
    ],
    [
      'a port that its command has twice',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, -p, "4222", -p, "4333"]',
      'command: [-c, /etc/nats/nats-pc2.conf, -p',
      /no -p 4333, which goes before ports\.client\.container: 4222,/,
      /^services\[5\]\.command$/,
    ],
    [
      'a file of a server that its command has twice',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, --config=/etc/nats/other.conf]',
      'command: [-c, /etc/nats/nats-pc2.conf, --config',
      /no -c \/etc\/nats\/other\.conf, which goes before configFile: \/etc\/nats\/nats-pc2\.conf,/,
      /^services\[5\]\.command$/,
    ],
    [
      'a server without JetStream',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, -js, --jetstream=false]',
      'command: [-c, /etc/nats/nats-pc2.conf, -js',
      /no --jetstream=false, which turns off what keeps/,
      /^services\[5\]\.command$/,
    ],
    [
      'a cluster that a command has otherwise',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, -cluster_name, other]',
      'command: [-c, /etc/nats/nats-pc2.conf, -cluster_name, other]',
      /no --cluster_name other, which goes before messaging\.cluster: resilience-cluster,/,
      /^services\[5\]\.command$/,
    ],
    [
      'a route that the week does not write',
      '[-c, /etc/nats/nats-pc2.conf]',
      '[-c, /etc/nats/nats-pc2.conf, --routes, "nats://elsewhere:6222"]',
      'command: [-c, /etc/nats/nats-pc2.conf, --routes',
      /no --routes, which goes before what the week writes into nats-pc2\.conf/,
      /^services\[5\]\.command$/,
    ],
    [
      'a fault that is lifted too early',
      '  window: 30s',
      '  window: 3m',
      'window: 3m',
      /at most faults\.limit/,
      /^faults\.window$/,
    ],
    [
      'two agents with one file',
      'config: /pc2_code/config/resource_manager.yaml',
      'config: /pc2_code/config/observability_hub.yaml',
      'config: /pc2_code/config/observability_hub.yaml\n    log: /pc2_code/logs/resource_manager',
      /no other agent of this machine/,
      /^agents\[1\]\.config$/,
    ],
    [
      'all programs of a group',
      'program: resource_manager',
      'program: "edge:*"',
      'program: "edge:*"',
      /^a single program, GROUP:NAME .* is wanted; found "edge:\*"/,
      /^agents\[1\]\.program$/,
    ],
    [
      'a program that is not named as supervisord would',
      'program: resource_manager',
      'program: edge:hub/agent',
      'program: edge:hub/agent',
      /^NAME or GROUP:NAME, as "supervisorctl status" has it; found "edge:hub\/agent"/,
      /^agents\[1\]\.program$/,
    ],
    [
      'a peer that is not there',
      'peer: pc2_sentinel',
      'peer: nobody',
      'peer: nobody',
      /the name of one of the plan's agents/,
      /^agents\[\d\]\.peer$/,
    ],
  ])('%s is named with line, path and what is allowed', (_what, from, to, at, message, path) => {
    const problems = problemsWith(from, to);
    const found = problems.find((problem) => message.test(problem.message));
    expect(found, JSON.stringify(problems)).toBeDefined();
    expect(found?.path).toMatch(path);
    if (!_what.includes('taken twice')) expect(found?.line).toBe(lineOf(week.replace(from, to), at));
  });

  it('is said of routes where the plan has no channels', () => {
    const starter = readFileSync(new URL('../../../plan/starter.yaml', import.meta.url), 'utf8');
    expect(() =>
      readPlan(`${starter}\nnotify: { channels: [], routes: { level-1: [ops-alerts] } }\n`, 'plan.yaml'),
    ).toThrow(
      'notify.routes.level-1[0]: nobody (routes: {}), since the plan has no channels, is wanted; found "ops-alerts"',
    );
  });

  it('of two kinds shows both at once', () => {
    const text = week.replace('soak: 24h', 'soak: 24').replace('topology: pair', 'topology: ring');
    expect(() => readPlan(text, 'plan.yaml')).toThrow(/topology.*\n.*soak|soak.*\n.*topology/);
  });

  it('that is missing shows the line of its block', () => {
    const [problem] = problemsWith('    port: 8101\n', '');
    expect(problem).toMatchObject({ path: 'agents[0].port', line: lineOf(week, '- name: observability_hub') });
    expect(problem?.message).toBe('expected number; found nothing');
  });

  it('of a newer version names both versions and the way out, before what that version brought', () => {
    const [problem, ...others] = problemsWith('version: 2\n', 'version: 3\nnewer: []\n');
    expect(problem).toEqual({
      line: lineOf(week, 'version: 2\n'),
      path: 'version',
      message: 'this build of hubshift reads versions 1 and 2: use the build that the plan was written for; found 3',
    });
    expect(others).toMatchObject([{ path: 'newer' }]);
  });

  it('in the YAML itself shows its line', () => {
    const problems = problemsWith('version: 2\n', 'version: [1\n');
    expect(problems[0]?.line).toBeGreaterThan(0);
    expect(problems[0]?.path).toBe('');
  });

  it('is spelt as FILE:LINE: PATH: message', () => {
    expect(() => readPlan(week.replace('soak: 24h', 'soak: 24'), 'my/plan.yaml')).toThrow(
      /^my\/plan\.yaml:\d+: watch\.soak: a duration with a unit/,
    );
  });
});

describe('a command that says what the plan says', () => {
  it.each([
    ['--web.enable-lifecycle\n', '--web.enable-lifecycle\n      - --web.listen-address=0.0.0.0:9090\n'],
    [
      '--web.enable-lifecycle\n',
      '--web.enable-lifecycle\n      - --web.listen-address=127.0.0.1:9090\n      - --web.listen-address=:9090\n',
    ],
    // It has no Alertmanagers.
    ['--web.enable-lifecycle\n', '--web.enable-lifecycle\n      - --rules.alert.resend-delay=1h\n'],
    ['--storage.tsdb.path=/prometheus\n', '--storage.tsdb.path=/prometheus/tsdb\n'],
    ['--storage.tsdb.path=/prometheus\n', '--storage.tsdb.path=/prometheus/\n'],
    // In the working directory of the image, which is mounted.
    ['      - --storage.tsdb.path=/prometheus\n', ''],
    ['--storage.tsdb.path=/prometheus\n', '--storage.tsdb.path=./tsdb\n'],
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, --no_advertise]'],
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, -no_advertise=false]'],
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, -p, "4222", -sd=/data, -D]'],
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, -p, "4333", -p, "4222", -js=false, -js]'],
    // The file names a log, which goes before it.
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, -s]'],
  ])('is none too many: %j', (from, to) => {
    expect(week).toContain(from);
    expect(problemsWith(from, to)).toEqual([]);
  });
});

describe('a plan that contradicts itself', () => {
  it.each([
    ['duplicateWindow: 5m', 'duplicateWindow: 90s'],
    ['log: /pc2_code/logs/resource_manager.log', 'log: /pc2_code/logs/observability_hub.log'],
    ['    retention: 5m', '    retention: 6m'],
    ['container: 9090', 'container: 9091'],
    ['  window: 30s', '  window: 3m'],
    ['--storage.tsdb.path=/prometheus\n', '--storage.tsdb.path=/prometheus2\n'],
    ['[-c, /etc/nats/nats-pc2.conf]', '[-c, /etc/nats/nats-pc2.conf, -p, "4333"]'],
    ['externalLabels: { hub: edgehub }', 'externalLabels: {}'],
    [/^ {4}wave: \d+\n/gm, ''],
  ])('begins no week, but one can be looked at, undone and ended: %s', (from, to) => {
    const changed = week.replace(from, to);
    expect(changed).not.toBe(week);
    expect(() => readWhole(changed, 'plan.yaml', SoundPlan)).toThrow(InvalidPlan);
    expect(() => readPlan(changed, 'plan.yaml')).not.toThrow();
    // As valid as it was.
    const first = changed.replace('version: 2', 'version: 1');
    expect(() => readWhole(first, 'plan.yaml', SoundPlan)).not.toThrow();
  });
});
