// How NATS is secured, in a plan: what is taken, what is refused and why, and what servers, the week and pilots are told.
import { describe, expect, it } from 'vitest';
import { readPlan, readWhole } from '../../../plan/schema/read.ts';
import { SoundPlan } from '../../../plan/schema/references.ts';
import { type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { accessOn } from '../../../plan/tasks/preflight/access.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import { desiredStateOf } from '../../../plan/tasks/desired-state.ts';
import { measuresOf } from '../../../plan/tasks/measures.ts';
import { natsConfig } from '../../../plan/tasks/messaging/config.ts';
import { permissionsOf } from '../../../plan/tasks/messaging/permissions.ts';
import { wrongSecrets } from '../../../plan/tasks/shared/secrets-file.ts';
import { dualHubSettings } from '../../../plan/tasks/pilots/config.ts';
import { validateDualHub } from '../../../plan/tasks/pilots/dual-hub.ts';
import { templateIs } from '../../../plan/tasks/pilots/verdicts/preparation.ts';
import { natsTarget } from '../../../plan/tasks/shared/nats.ts';
import { digestOf, footprintOf } from '../../../plan/week/digest.ts';
import { warningsOf } from '../../../plan/week/warnings.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { weekPlan } from '../tasks/plan.ts';

const at = '/etc/site/nats';
const weekKey = 'U'.padEnd(56, 'A');
const tls = `tls: { caFile: ${at}/ca.pem, certFile: ${at}/server.pem, keyFile: ${at}/server.key }`;
const week = `week: { nkey: { publicKey: ${weekKey}, seedFile: ${at}/week.seed } }`;
const agents = `agents: { basicAuth: { username: pilots, passwordFile: ${at}/agents.password } }`;
const whole = [tls, `users: { ${week}, ${agents} }`, 'encryption: aes', `secretsFile: ${at}/secrets.conf`];

function text(lines: string[]): string {
  return `
machines:
  - { name: MainPC, address: 10.77.0.1 }
  - { name: PC2, address: 10.77.0.2 }
services:
  - { kind: central-hub, machine: MainPC, config: /srv/prometheus.yml }
agents:
  - { name: one, machine: PC2, config: /one.yaml, log: /one.log, port: 8101, wave: 1 }
messaging:
${lines.map((line) => `  ${line}\n`).join('')}`;
}

const secured = (lines = whole): Plan => readPlan(text(lines), 'plan.yaml');
const [main, pc2] = [0, 1].map((index) => (plan: Plan) => servicesOf(plan, 'nats')[index]!) as [
  (plan: Plan) => ReturnType<typeof servicesOf<'nats'>>[0],
  (plan: Plan) => ReturnType<typeof servicesOf<'nats'>>[0],
];

describe('a plan that secures NATS', () => {
  it('tells the servers certificates, users and a cipher, and has a secret nowhere', () => {
    const plan = secured();
    const config = natsConfig(plan, pc2(plan));
    const certificates = `  cert_file: "${at}/server.pem"\n  key_file: "${at}/server.key"\n  ca_file: "${at}/ca.pem"\n`;
    expect(config).toContain(`\ninclude "..${at.replace('/etc', '/../etc')}/secrets.conf"\nserver_name`);
    expect(config).toContain(`\ntls {\n${certificates}`);
    expect(config).toContain(`\n  tls {\n${certificates.replaceAll('  ', '    ')}`);
    expect(config).toContain('  cipher: aes\n  key: $jetstream_key\n}');
    expect(config).toContain(`\n  "resilience-cluster" {\n    jetstream: enabled\n`);
    expect(config).toContain(`nkey: "${weekKey}"`);
    expect(config).toContain('user: "pilots"\n        password: $agents_password\n');
    expect(config).not.toContain('seed');
  });

  it('names the account as it says', () => {
    const plan = secured([...whole, 'account: site']);
    expect(natsConfig(plan, main(plan))).toContain('\n  "site" {\n');
  });

  it('lets agents publish what pilots are told to, hear what answers them, and nothing else', () => {
    const plan = secured();
    const { agents: may, week: mayWeek } = permissionsOf(plan);
    const { nats } = dualHubSettings(plan, plan.agents[0]!);
    expect(may).toEqual({ publish: [nats.health_subject, nats.metrics_subject], subscribe: ['_INBOX.>'] });
    expect(mayWeek.subscribe.filter((subject) => subject.startsWith('_INBOX.'))).toEqual([]);
  });

  it('lets the week do with its own streams what it does, and neither make nor delete one that it adopts', () => {
    const plan = secured();
    const streams = plan.messaging.streams.map(({ name }) => name);
    const of = (verb: string) => permissionsOf(plan).week.publish.filter((subject) => subject.includes(`.${verb}.`));
    expect(of('STREAM.CREATE')).toEqual(streams.map((name) => `$JS.API.STREAM.CREATE.${name}`));
    expect(of('STREAM.DELETE')).toEqual(streams.map((name) => `$JS.API.STREAM.DELETE.${name}`));
    plan.adopt = [streams[1]!];
    for (const verb of ['STREAM.CREATE', 'STREAM.DELETE']) expect(of(verb).join()).not.toContain(streams[1]);
    expect(of('STREAM.INFO').join()).toContain(streams[1]);
    expect(permissionsOf(plan).week.publish).not.toContain('>');
  });

  it('has the week connect by TLS as its own user, wherever it asks', () => {
    const plan = secured();
    const target = {
      url: 'tls://PC2:4223',
      caFile: `${at}/ca.pem`,
      nkey: { publicKey: weekKey, seedFile: `${at}/week.seed` },
    };
    expect(natsTarget(plan, pc2(plan))).toEqual(target);
    const { messages, clusters } = measuresOf(plan, 'PC2', 'run');
    expect([messages.server, ...Object.values(clusters ?? {}).map(({ server }) => server)]).toEqual([target, target]);
    const streams = desiredStateOf(plan, () => '').filter(({ what }) => what === 'stream');
    expect(streams).toContainEqual(expect.objectContaining({ server: { ...target, url: 'tls://MainPC:4222' } }));
  });

  it('mounts what the servers read, read-only, at its own path', () => {
    const plan = secured();
    const files = ['ca.pem', 'server.pem', 'server.key', 'secrets.conf'].map((name) => `${at}/${name}`);
    const binds = containerSpec(plan, main(plan), 'image').binds.filter(({ readOnly }) => readOnly);
    expect(binds).toEqual(files.map((path) => ({ host: path, container: path, readOnly: true })));
  });

  it('tells pilots a URL, and what they connect with where it says so; the judge and the validator look at it', () => {
    const plan = secured();
    expect(dualHubSettings(plan, plan.agents[0]!)).not.toHaveProperty('nats_access');
    plan.migration.access = { via: 'yaml' };
    const settings = dualHubSettings(plan, plan.agents[0]!);
    expect(settings.nats.nats_url).toBe('tls://PC2:4223');
    expect(settings.nats_access).toEqual({
      ca_file: `${at}/ca.pem`,
      username: 'pilots',
      password_file: `${at}/agents.password`,
    });
    const judged = (changed: object) =>
      templateIs(plan)([{ agent: 'one', machine: 'PC2', text: JSON.stringify({ ...settings, ...changed }) }]);
    expect(judged({})).toMatchObject({ verdict: 'pass' });
    expect(judged({ nats_access: { ...settings.nats_access, ca_file: '/other' } })).toMatchObject({ verdict: 'fail' });
    expect(judged({ nats: { ...settings.nats, nats_url: 'nats://PC2:4223' } })).toMatchObject({ verdict: 'fail' });
    const file = applyEdit('agent: one\n', { kind: 'dual-hub', settings });
    expect(validateDualHub(file, ['nats_access'])).toMatchObject({ ok: true });
    expect(validateDualHub(file.replace('username: pilots', 'username: 5'), ['nats_access'])).toMatchObject({
      ok: false,
    });
  });

  it('has preflight look at the certificates and secrets of a server, and at the files of who connects', () => {
    const plan = secured();
    expect(accessOn(plan, 'MainPC')!.nats).toMatchObject({
      certificates: [{ server: main(plan).name, machine: 'MainPC', others: ['PC2'], keyFile: `${at}/server.key` }],
      secrets: { path: `${at}/secrets.conf`, wanted: { jetstream_key: 'key', agents_password: 'hash' } },
      users: [{ whose: 'week' }],
    });
    expect(accessOn(plan, 'PC2')!.nats!.users.map(({ whose }) => whose)).toEqual(['week', 'agents']);
    expect(accessOn(plan, 'PC2')!.mounted).toContainEqual({
      path: `${at}/server.key`,
      container: pc2(plan).name,
      user: '0:0',
    });
  });
});

it('a plan that secures nothing of it is as it was', () => {
  const plan = weekPlan();
  expect(natsConfig(plan, main(plan))).not.toMatch(/tls|include|accounts|cipher/);
  expect(natsTarget(plan, main(plan))).toBe('nats://MainPC:4222');
  // As it has been since the first level 3 that is on record of this plan.
  const { machines, services, agents: pilots, messaging } = plan;
  const known = {
    machines: machines.map(({ name }) => name),
    services,
    agents: pilots.map(({ name, machine, program, config, wave }) => ({ name, machine, program, config, wave })),
    streams: messaging.streams,
  };
  expect(footprintOf(plan)).toBe(digestOf(known));
  expect(footprintOf(secured())).not.toBe(footprintOf(secured(['cluster: resilience-cluster'])));
  expect(accessOn(plan, 'PC2')).toBeUndefined();
});

describe('is refused', () => {
  const replaced = (from: string, to: string) => whole.map((line) => line.replace(from, to));
  it.each<[string, string[], RegExp]>([
    [
      'encryption without a key',
      whole.slice(0, 3),
      /messaging\.secretsFile: a file with jetstream_key and agents_password/,
    ],
    ['a file of secrets that nobody reads', [`secretsFile: ${at}/x`], /messaging\.secretsFile: no file/],
    ['an account of nobody', ['account: site'], /messaging\.account: no account, or users of it/],
    ['a user without a login', replaced(week, 'week: {}'), /users\.week\.nkey: an nkey, or basicAuth/],
    ['a seed in the place of a public key', replaced(weekKey, `S${weekKey}`), /publicKey: the public key of a user/],
    [
      'a public key without its seed',
      replaced(`, seedFile: ${at}/week.seed`, ''),
      /nkey\.seedFile: a file, or seedEnv/,
    ],
    [
      'a variable for agents',
      replaced(`passwordFile: ${at}/agents.password`, 'passwordEnv: NATS_PASSWORD'),
      /users\.agents: a file in the place of NATS_PASSWORD/,
    ],
    [
      'one user for both',
      replaced(agents, agents.replace(/basicAuth.*/, `nkey: { publicKey: ${weekKey}, seedFile: /x } }`)),
      /users\.agents: another user than the week's/,
    ],
    ['half of the users', replaced(`, ${agents}`, ''), /users\.agents/],
    ['a certificate without its key', replaced(`, keyFile: ${at}/server.key`, ''), /tls\.keyFile/],
    [
      'a file that an undo removes',
      replaced(`${at}/week.seed`, '/pc2/nats/week.seed'),
      /messaging: files outside of \/pc2\/nats/,
    ],
    [
      'a file below a mount',
      replaced(`${at}/server.key`, '/etc/nats/server.key'),
      /messaging: files outside of \/etc\/nats/,
    ],
    ['a password in the plan', replaced('username: pilots', 'username: pilots, password: hunter2'), /unknown key/],
  ])('%s', (_, lines, reason) => {
    const read = () => readWhole(text(lines), 'plan.yaml', SoundPlan);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/hunter2/);
  });

  it('an adopted stream whose account is not said', () => {
    const adopting = (lines: string[]) => readPlan(`${text(lines)}adopt: [observability-health]\n`, 'plan.yaml');
    expect(() => adopting(whole)).toThrow(
      /messaging\.account: the account that observability-health, which is adopted/,
    );
    expect(adopting([...whole, 'account: site']).messaging.account).toBe('site');
  });

  it('users of a plan of version 1 that has no password for them', () => {
    expect(() => readPlan(`version: 1\n${text(whole.slice(0, 2))}`, 'plan.yaml')).toThrow(/messaging\.secretsFile/);
  });
});

it('people are warned of users without TLS, and of pilots that are told none', () => {
  const told = (plan: Plan) =>
    warningsOf(plan).filter((warning) => warning.includes('NATS') || warning.includes('messaging'));
  expect(told(secured())).toEqual([expect.stringContaining('pilots are not told them (migration.access)')]);
  const open = secured(whole.slice(1));
  open.migration.access = { via: 'yaml' };
  expect(told(open)).toEqual([expect.stringContaining('whoever reaches a cluster port can join as a server')]);
  expect(told(weekPlan())).toEqual([]);
});

describe('the file that the servers include', () => {
  const wanted = { jetstream_key: 'key', week_password: 'hash' } as const;
  const hash = `$2y$11$${'a'.repeat(53)}`;
  const good = `# of this site\njetstream_key: "k3y"\n\nweek_password = "${hash}"\n`;
  it('is well with what is asked of it', () => {
    expect(wrongSecrets(good, wanted)).toBeUndefined();
    expect(wrongSecrets(good.replaceAll('\n', ' \n'), wanted)).toBeUndefined();
  });
  it.each<[string, string, RegExp]>([
    ['a value that is not quoted', good.replaceAll('"', ''), /^its line 2 is not NAME: "VALUE"$/],
    ['one that is missing', good.replace(/jet.*/, ''), /^it has no jetstream_key$/],
    ['one that is empty', good.replace('k3y', ''), /^it has no jetstream_key$/],
    ['one that nobody asks for', `${good}agents_password: "x"\n`, /^its line 5 sets what no server asks for/],
    ['a password as it is', good.replace(hash, 'hunter2'), /^its week_password is no bcrypt hash/],
  ])('is wrong with %s, which is told without a value', (_, content, reason) => {
    expect(wrongSecrets(content, wanted)).toMatch(reason);
    expect(wrongSecrets(content, wanted)).not.toMatch(/k3y|hunter2/);
  });
});
