// How targets are asked, in a plan: what is taken, what is refused and why, and what is rendered of it.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { InvalidPlan, readPlan, readWhole } from '../../../plan/schema/read.ts';
import { isMade, type Plan, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { SoundPlan } from '../../../plan/schema/references.ts';
import { accessOn } from '../../../plan/tasks/preflight/access.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import { agentJobNames } from '../../../plan/tasks/edgehub/agent-jobs.ts';
import { edgeConfig } from '../../../plan/tasks/edgehub/config.ts';
import { measuresOf } from '../../../plan/tasks/measures.ts';
import { validateDualHub } from '../../../plan/tasks/pilots/dual-hub.ts';
import { dualHubSettings } from '../../../plan/tasks/pilots/config.ts';
import { templateIs } from '../../../plan/tasks/pilots/verdicts/preparation.ts';
import { scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { aliveTarget, healthTarget } from '../../../plan/tasks/services.ts';
import { hubTarget, reloadSpec } from '../../../plan/tasks/shared/hubs.ts';
import { warningsOf } from '../../../plan/week/warnings.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { weekPlan } from '../tasks/plan.ts';

const at = '/etc/site';
const login = (who: string) => `basicAuth: { username: week, passwordFile: ${at}/${who}.password }`;
const tls = `scheme: https\n    tlsConfig: { caFile: ${at}/ca.pem }`;

/** A plan that secures what it can; pieces of its text replaced. */
function text(...pieces: [from: string, to: string][]): string {
  const whole = `
machines:
  - { name: MainPC, address: 10.77.0.1 }
  - { name: PC2, address: 10.77.0.2 }
services:
  - kind: central-hub
    machine: MainPC
    config: /srv/prometheus.yml
    ${tls}
    pathPrefix: /prometheus
    ${login('central')}
    filesIn: /etc/prometheus/secrets
  - kind: edge-hub
    machine: PC2
    ${tls}
    pathPrefix: /edge
    webConfigFile: ${at}/edgehub/web.yml
    ${login('edge')}
  - kind: pushgateway
    machine: MainPC
    ${tls}
    webConfigFile: ${at}/push/web.yml
    ${login('push')}
  - { kind: pushgateway, machine: PC2 }
  - { kind: nats, machine: MainPC }
  - { kind: nats, machine: PC2 }
agents:
  - name: one
    machine: PC2
    config: /one.yaml
    log: /one.log
    port: 8101
    wave: 1
    ${tls}
    authorization: { credentialsFile: ${at}/agents.token }
  - { name: two, machine: PC2, config: /two.yaml, log: /two.log, port: 8102 }
  - name: three
    machine: MainPC
    config: /three.yaml
    log: /three.log
    port: 8103
    authorization: { credentialsEnv: HUBSHIFT_AGENT_TOKEN }
`;
  return pieces.reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`the plan has no ${from}`);
    return now.replace(from, to);
  }, whole);
}

const secured = (): Plan => readPlan(text(), 'plan.yaml');

/** As the packaged plan has them. */
function withSubjects(plan: Plan): Plan {
  plan.messaging.streams[0]!.publishes = ['observability.metrics.pc2', 'observability.metrics.mainpc'];
  return plan;
}

describe('a plan that secures its targets', () => {
  it('asks each by its URL, and names files and variables, never a secret', () => {
    const plan = secured();
    const tlsConfig = { caFile: `${at}/ca.pem` };
    expect(hubTarget(serviceOf(plan, 'central-hub'), '/-/ready')).toEqual({
      url: 'https://MainPC:9000/prometheus/-/ready',
      tlsConfig,
      basicAuth: { username: 'week', passwordFile: `${at}/central.password` },
    });
    expect(plan.services.map((service) => [healthTarget(service), aliveTarget(service)].map(urlIn))).toEqual([
      ['https://MainPC:9000/prometheus/-/ready', 'https://MainPC:9000/prometheus/-/ready'],
      ['https://PC2:9100/edge/-/ready', 'https://PC2:9100/edge/-/ready'],
      ['https://MainPC:9091/-/ready', 'https://MainPC:9091/-/ready'],
      ['http://PC2:9091/-/ready', 'http://PC2:9091/-/ready'],
      ['http://MainPC:8222/healthz', 'http://MainPC:8222/varz'],
      ['http://PC2:8223/healthz', 'http://PC2:8223/varz'],
    ]);
    const { outside, urls } = measuresOf(plan, 'MainPC', 'run');
    expect(outside).toMatchObject({
      one: { url: 'https://PC2:8101/health', authorization: {} },
      two: expect.any(String),
    });
    expect(urls['three']).toMatchObject({ url: { authorization: { credentialsEnv: 'HUBSHIFT_AGENT_TOKEN' } } });
    expect(reloadSpec(serviceOf(plan, 'central-hub')).url).toMatchObject({ url: 'https://MainPC:9000/prometheus' });
  });

  it('tells EdgeHub how it asks CentralHub, itself and agents, those that are asked alike in one job', () => {
    const plan = secured();
    const { remote_write, scrape_configs } = parse(edgeConfig(plan));
    expect(remote_write[0]).toMatchObject({
      url: 'https://MainPC:9000/prometheus/api/v1/write',
      tls_config: { ca_file: `${at}/ca.pem` },
      basic_auth: { username: 'week', password_file: `${at}/central.password` },
    });
    expect(scrape_configs).toEqual([
      {
        job_name: 'edgehub',
        scheme: 'https',
        metrics_path: '/edge/metrics',
        tls_config: { ca_file: `${at}/ca.pem`, server_name: 'PC2' },
        basic_auth: { username: 'week', password_file: `${at}/edge.password` },
        static_configs: [{ targets: ['localhost:9090'] }],
      },
      {
        job_name: 'agents',
        metrics_path: '/metrics',
        scheme: 'https',
        tls_config: { ca_file: `${at}/ca.pem` },
        authorization: { credentials_file: `${at}/agents.token` },
        static_configs: [{ targets: ['PC2:8101'] }],
      },
      { job_name: 'agents-2', metrics_path: '/metrics', static_configs: [{ targets: ['PC2:8102'] }] },
    ]);
    expect(agentJobNames(plan)).toEqual(['agents', 'agents-2']);
  });

  it('tells CentralHub of a Pushgateway with files where it sees them, in text that can be edited and read again', () => {
    const plan = secured();
    const jobs = scrapeJobs(plan, 'centralhub');
    expect(jobs[0]).toEqual({
      job_name: 'pushgateway-mainpc',
      honor_labels: true,
      scheme: 'https',
      tls_config: { ca_file: '/etc/prometheus/secrets/ca.pem' },
      basic_auth: { username: 'week', password_file: '/etc/prometheus/secrets/push.password' },
      static_configs: [{ targets: ['MainPC:9091'] }],
    });
    const edited = applyEdit('# theirs\nscrape_configs:\n  - job_name: theirs\n', { kind: 'scrape-jobs', jobs });
    expect(parse(edited).scrape_configs).toEqual([{ job_name: 'theirs' }, ...jobs]);
  });

  it('mounts what EdgeHub reads, read-only and at its own path, and the directory of a web configuration whole', () => {
    const plan = secured();
    const bindsOf = (name: string) =>
      containerSpec(
        plan,
        plan.services.filter(isMade).find((service) => service.name === name)!,
        'image',
      ).binds.filter(({ readOnly }) => readOnly);
    const mounted = (...paths: string[]) => paths.map((path) => ({ host: path, container: path, readOnly: true }));
    expect(bindsOf('edgehub')).toEqual(
      mounted(`${at}/edgehub`, `${at}/ca.pem`, `${at}/central.password`, `${at}/edge.password`, `${at}/agents.token`),
    );
    expect(bindsOf('pushgateway-mainpc')).toEqual(mounted(`${at}/push`));
    expect(bindsOf('pushgateway-pc2')).toEqual([]);
    expect(serviceOf(plan, 'edge-hub').command).toEqual(
      expect.arrayContaining([`--web.config.file=${at}/edgehub/web.yml`, '--web.external-url=https://PC2:9100/edge']),
    );
    expect(servicesOf(plan, 'pushgateway')[0]!.command).toContain(`--web.config.file=${at}/push/web.yml`);
  });

  it.each([1, 2])('mounts a file once that has two spellings, in a plan of version %i', (version) => {
    const spelled = text([`{ caFile: ${at}/ca.pem }`, `{ caFile: /etc/.//site/ca.pem }`]);
    const plan = readPlan(`version: ${version}\n${spelled}`, 'plan.yaml');
    const { binds } = containerSpec(plan, serviceOf(plan, 'edge-hub'), 'image');
    expect(binds.filter(({ container }) => container.endsWith('ca.pem'))).toEqual([
      { host: `${at}/ca.pem`, container: `${at}/ca.pem`, readOnly: true },
    ]);
  });

  it('gives pilots URLs alone, and the judge of them knows these', () => {
    const plan = withSubjects(secured());
    const settings = dualHubSettings(plan, plan.agents[0]!);
    expect(settings).toMatchObject({
      hub_endpoints: {
        primary: 'https://PC2:9100/edge',
        fallback: 'https://MainPC:9000/prometheus',
        pushgateway: 'http://PC2:9091',
      },
      environment: { OBS_HUB_URL: 'https://PC2:9100/edge' },
    });
    const found = [{ agent: 'one', machine: 'PC2', text: JSON.stringify(settings) }];
    expect(settings).not.toHaveProperty('hub_access');
    expect(templateIs(plan)(found)).toMatchObject({ verdict: 'pass' });
    expect(templateIs(weekPlan())(found)).toMatchObject({ verdict: 'fail' });
  });

  it('tells pilots how hubs are asked where it says so, by files, and the judge and the validator look at it', () => {
    const plan = withSubjects(secured());
    plan.migration.access = { via: 'yaml' };
    const { hub_access: access, ...others } = dualHubSettings(plan, plan.agents[0]!);
    expect(access).toEqual({
      primary_ca_file: `${at}/ca.pem`,
      primary_username: 'week',
      primary_password_file: `${at}/edge.password`,
      fallback_ca_file: `${at}/ca.pem`,
      fallback_username: 'week',
      fallback_password_file: `${at}/central.password`,
    });
    const judge = (told: object) =>
      templateIs(plan)([{ agent: 'one', machine: 'PC2', text: JSON.stringify({ ...others, hub_access: told }) }]);
    expect(judge(access!)).toMatchObject({ verdict: 'pass' });
    expect(judge({ ...access, fallback_password_file: '/other' })).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/hub_access\.fallback_password_file is "\/other"; \/etc\/site\/central/),
    });
    const file = applyEdit('agent: one\n', { kind: 'dual-hub', settings: dualHubSettings(plan, plan.agents[0]!) });
    expect(validateDualHub(file, ['hub_access'])).toMatchObject({ ok: true });
    expect(
      validateDualHub(file.replace('primary_username: week', 'primary_username: 5'), ['hub_access']),
    ).toMatchObject({
      ok: false,
      message: expect.stringContaining('hub_access.primary_username: a text is wanted'),
    });
    expect(validateDualHub(`${file}  of_its_own: 1\n`, ['hub_access'])).toMatchObject({ ok: true });
    const plain = weekPlan();
    plain.migration.access = { via: 'yaml' };
    expect(dualHubSettings(plain, plain.agents[0]!)).not.toHaveProperty('hub_access');
  });

  it('adds to a block hub_access of the agent, or replaces in it; where it is not told, that is its own', () => {
    const plan = withSubjects(secured());
    const own = 'agent: one\nhub_access:\n  primary_username: of before # theirs\n  retries: 3\n';
    const edited = (of: Plan, text: string) =>
      applyEdit(text, { kind: 'dual-hub', settings: dualHubSettings(of, of.agents[0]!) });
    for (const theirs of [own, 'agent: one\nhub_access: [a, b]\n', 'agent: one\nhub_access: plain\n']) {
      const without = edited(plan, theirs);
      expect(without.startsWith(theirs)).toBe(true);
      expect(validateDualHub(without)).toMatchObject({ ok: true });
    }
    plan.migration.access = { via: 'yaml' };
    const file = edited(plan, own);
    expect(parse(file).hub_access).toMatchObject({
      primary_username: 'week',
      retries: 3,
      fallback_password_file: `${at}/central.password`,
    });
    expect(file).toContain('# theirs');
    expect(validateDualHub(file, ['hub_access'])).toMatchObject({ ok: true });
  });

  it('may have beside a web configuration what its container reads anyway, and authorities', () => {
    const beside = (file: string) => [`${at}/${file}`, `${at}/edgehub/${file}`] as [string, string];
    for (const file of ['ca.pem', 'central.password', 'edge.password', 'agents.token'])
      expect(() => readWhole(text(beside(file)), 'plan.yaml')).not.toThrow();
  });

  it('wants of each machine what its worker and its containers read', () => {
    const main = accessOn(secured(), 'MainPC')!;
    const asked = main.logins.flatMap(({ targets, credentials }) =>
      targets.map(({ url, isThere }) => [url, isThere, Object.keys(credentials)]),
    );
    expect(asked).toEqual([
      ['https://MainPC:9000/prometheus/-/ready', true, ['tlsConfig', 'basicAuth']],
      ['https://PC2:9100/edge/-/ready', false, ['tlsConfig', 'basicAuth']],
      ['https://MainPC:9091/-/ready', false, ['tlsConfig', 'basicAuth']],
      ['http://MainPC:8103/health', true, ['authorization']],
      ['https://PC2:8101/health', true, ['tlsConfig', 'authorization']],
    ]);
    expect(main.mounted).toEqual([]);
    const secrets = '/etc/prometheus/secrets';
    expect(main.seen).toEqual([{ container: 'centralhub', files: [`${secrets}/ca.pem`, `${secrets}/push.password`] }]);
    expect(main.web).toEqual([
      {
        path: `${at}/push/web.yml`,
        container: 'pushgateway-mainpc',
        user: '65534:65534',
        scheme: 'https',
        username: 'week',
        name: 'MainPC',
        tlsConfig: { caFile: `${at}/ca.pem` },
      },
    ]);
    expect(accessOn(secured(), 'PC2')!.mounted.map(({ path }) => path)).toContain(`${at}/central.password`);
    expect(accessOn(weekPlan(), 'PC2')).toBeUndefined();
  });

  it('wants a pilot tried from every machine, each that is asked alike by itself, and its files by whoever it runs as', () => {
    const plan = secured();
    plan.machines = ['MainPC', 'PC2', 'PC3', 'PC4', 'PC5', 'PC6'].map((name, index) => ({
      ...plan.machines[0]!,
      name,
      address: `10.77.0.${index + 1}`,
    }));
    plan.migration.access = { via: 'yaml' };
    const [one] = plan.agents;
    plan.agents.push({ ...one!, name: 'four', program: 'four', port: 8104 });
    for (const { name } of plan.machines) {
      const [urls] = accessOn(plan, name)!.logins.flatMap(({ targets, credentials }) =>
        credentials.authorization?.credentialsFile ? [targets.map(({ url }) => url)] : [],
      );
      expect(urls).toEqual(['https://PC2:8101/health', 'https://PC2:8104/health']);
    }
    const files = [`${at}/ca.pem`, `${at}/edge.password`, `${at}/central.password`];
    expect(accessOn(plan, 'PC2')!.read).toEqual(['one', 'four'].map((program) => ({ program, files })));
    expect(accessOn(plan, 'MainPC')!.read).toEqual([]);
    // A container sees what is mounted.
    Object.assign(one!, { runs: 'docker', container: 'agent-one' });
    const of = accessOn(plan, 'PC2')!;
    expect([of.seen, of.read]).toEqual([[{ container: 'agent-one', files }], [{ program: 'four', files }]]);
  });
});

describe('people are warned', () => {
  it('of logins that everybody on the way can read, and of pilots that are told none', () => {
    expect(warningsOf(secured())).toEqual(
      expect.arrayContaining([
        'three is asked by http with a login: whoever is on the way can read it',
        'centralhub, edgehub, pushgateway-mainpc are asked with a login or certificates, and pilots are not told them (migration.access): each must have them itself',
      ]),
    );
    const told = secured();
    told.migration.access = { via: 'yaml' };
    expect(warningsOf(told).filter((warning) => warning.includes('migration.access'))).toEqual([]);
    expect(warningsOf(weekPlan()).filter((warning) => /login/.test(warning))).toEqual([]);
  });
});

function urlIn(target: string | { url: string }): string {
  return typeof target === 'string' ? target : target.url;
}

describe('is refused', () => {
  it.each<[string, [from: string, to: string][], RegExp]>([
    [
      'TLS by http',
      [[`${tls}\n    pathPrefix: /prometheus`, `tlsConfig: { caFile: ${at}/ca.pem }`]],
      /services\[0\]\.tlsConfig: scheme: https beside it/,
    ],
    [
      'two logins',
      [[login('central'), `${login('central')}\n    authorization: { credentialsFile: ${at}/x }`]],
      /services\[0\]\.authorization: no basicAuth beside it/,
    ],
    [
      'a login without a secret',
      [[login('central'), 'basicAuth: { username: week }']],
      /basicAuth\.passwordFile: a file, or passwordEnv in the place of it, is wanted; found nothing/,
    ],
    [
      'a password in the plan',
      [[login('central'), 'basicAuth: { username: week, password: hunter2 }']],
      /basicAuth\.password: unknown key; allowed: username, passwordFile, passwordEnv/,
    ],
    [
      'a name that ends where HTTP has the password begin',
      [[login('central'), `basicAuth: { username: 'site:week', passwordFile: ${at}/x }`]],
      /services\[0\]\.basicAuth\.username: a name without ":", behind which HTTP has the password.*; found "site:…"/,
    ],
    [
      'a name with the end of a line',
      [[login('central'), `basicAuth: { username: "week\\n", passwordFile: ${at}/x }`]],
      /services\[0\]\.basicAuth\.username: a name without ":"/,
    ],
    [
      'a certificate without its key',
      [[`{ caFile: ${at}/ca.pem }`, `{ certFile: ${at}/x }`]],
      /tlsConfig\.keyFile: the key of certFile, or neither of them, is wanted; found nothing/,
    ],
    [
      'a variable that a hub would need',
      [[`passwordFile: ${at}/central.password`, 'passwordEnv: HUBSHIFT_CENTRAL']],
      /services\[0\]\.basicAuth: a file \(passwordFile\) in the place of HUBSHIFT_CENTRAL: edgehub asks it too.* \(a hub asks every service/,
    ],
    [
      'a variable for an agent beside EdgeHub',
      [[`credentialsFile: ${at}/agents.token`, 'credentialsEnv: HUBSHIFT_AGENT_TOKEN']],
      /agents\[0\]\.authorization: a file \(credentialsFile\)/,
    ],
    [
      'a file that an undo removes',
      [[`${at}/central.password`, '/pc2/observability/central.password']],
      /services\[0\]: files outside of \/pc2\/observability, which an undo of edgehub removes/,
    ],
    ...['/pc2/observability/', '/pc2//observability/./'].map((base): [string, [string, string][], RegExp] => [
      `a file that an undo removes, below ${base}`,
      [
        ['pathPrefix: /edge', `pathPrefix: /edge\n    base: ${base}`],
        [`${at}/central.password`, '/pc2/observability/central.password'],
      ],
      /services\[0\]: files outside of \/pc2\/\/?observability\/(\.\/)?, which an undo of edgehub removes/,
    ]),
    [
      'a file below a mount',
      [[`${at}/central.password`, '/etc/prometheus/central.password']],
      /services\[0\]: files outside of \/etc\/prometheus, where edgehub has a directory of its own/,
    ],
    [
      "a web configuration beside the product's own settings",
      [[`${at}/edgehub/web.yml`, '/etc/hubshift/web.yml']],
      /services\[1\]\.webConfigFile: a file in a directory of its own/,
    ],
    ...[
      '/etc//web.yml',
      '/etc/./web.yml',
      '/web.yml',
      '/var/lib/web.yml',
      '/var/lib/hubshift/hub/web.yml',
      '/etc/site/hub/',
      '/etc/ssl/web.yml',
      '/etc/ssl/private/web.yml',
      '/etc/pki/tls/certs/web.yml',
      '/etc/letsencrypt/live/site/web.yml',
      '/root/web.yml',
      '/var/lib/docker/volumes/web.yml',
      '/proc/1/web.yml',
    ].map((path): [string, [string, string][], RegExp] => [
      `a web configuration ${path}`,
      [[`${at}/edgehub/web.yml`, path]],
      /services\[1\]\.webConfigFile: a file in a directory of its own, such as .* the whole directory is mounted/,
    ]),
    ...[
      ['central.password', 'centralhub'],
      ['edge.password', 'edgehub'],
      ['agents.token', 'one'],
    ].map(([file, whose]): [string, [string, string][], RegExp] => [
      `a web configuration beside ${file}`,
      [[`${at}/${file}`, `${at}//push/${file}`]],
      new RegExp(
        `services\\[2\\]\\.webConfigFile: a file in a directory without /etc/site//?push/${file}, a secret of ${whose}: .* pushgateway-mainpc could read it`,
      ),
    ]),
    [
      'an EdgeHub that can not answer by https',
      [[`webConfigFile: ${at}/edgehub/web.yml`, '']],
      /services\[1\]\.scheme: a webConfigFile with its tls_server_config, by which edgehub answers/,
    ],
    [
      'a login that an EdgeHub without a web configuration does not ask for',
      [[`webConfigFile: ${at}/edgehub/web.yml`, '']],
      /services\[1\]\.basicAuth: a webConfigFile with its basic_auth_users, without which edgehub answers anybody/,
    ],
    [
      'a token for an EdgeHub, which knows none',
      [
        [
          `webConfigFile: ${at}/edgehub/web.yml`,
          `webConfigFile: ${at}/edgehub/web.yml\n    authorization: { credentialsFile: ${at}/t }`,
        ],
      ],
      /services\[1\]\.authorization: basicAuth: what the week makes knows users with passwords/,
    ],
    [
      'a prefix that ends with a slash',
      [['pathPrefix: /edge', 'pathPrefix: /edge/']],
      /a path that begins with "\/" and does not end with it/,
    ],
    [
      'a command without the prefix',
      [
        [
          `pathPrefix: /edge`,
          'pathPrefix: /edge\n    command: [--config.file=/etc/prometheus/prometheus-edge.yml, --storage.tsdb.retention.time=5m]',
        ],
      ],
      /services\[1\]\.command: \/edge \(its pathPrefix\) by --web\.route-prefix/,
    ],
    [
      'a command without the web configuration',
      [[`webConfigFile: ${at}/push/web.yml`, `webConfigFile: ${at}/push/web.yml\n    command: []`]],
      /services\[2\]\.command: --web\.config\.file=\/etc\/site\/push\/web\.yml/,
    ],
    [
      'files that CentralHub could not tell from each other',
      [
        [
          'kind: pushgateway, machine: PC2',
          `kind: pushgateway, machine: PC2, basicAuth: { username: a, passwordFile: ${at}/other/push.password }`,
        ],
      ],
      /services\[0\]\.filesIn: files of different names.*end alike/,
    ],
  ])('%s', (_, pieces, message) => {
    const read = () => readWhole(text(...pieces), 'plan.yaml', SoundPlan);
    expect(read).toThrow(InvalidPlan);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/hunter2/);
    // No plan of before has these keys.
    expect(() => readWhole(`version: 1\n${text(...pieces)}`, 'plan.yaml', SoundPlan)).toThrow(message);
  });

  it('no secret of a container itself, however a plan of version 1 spells it', () => {
    const read = (own: string, central: string) => {
      const pieces: [string, string][] = [
        [`${at}/push.password`, own],
        [`${at}/central.password`, central],
      ];
      return () => readWhole(`version: 1\n${text(...pieces)}`, 'plan.yaml', SoundPlan);
    };
    const [plain, other] = [`${at}/push/a.password`, `${at}/.//push/a.password`];
    expect(read(plain, other)).not.toThrow();
    expect(read(other, plain)).not.toThrow();
    expect(read(plain, `${at}/.//push/b.password`)).toThrow(/b\.password, a secret of centralhub/);
  });

  it('nothing of a plan of version 1 that has none of these keys', () => {
    const flag = [
      'kind: pushgateway, machine: PC2',
      'kind: pushgateway, machine: PC2, command: [--web.config.file=/x/y/web.yml]',
    ];
    const first = `version: 1\n${text(flag as [string, string])}`;
    expect(() => readWhole(first, 'plan.yaml', SoundPlan)).not.toThrow();
    const second = () => readWhole(text(flag as [string, string]), 'plan.yaml', SoundPlan);
    expect(second).toThrow(/services\[3\]\.command: no --web\.config\.file, or its file as webConfigFile/);
  });
});
