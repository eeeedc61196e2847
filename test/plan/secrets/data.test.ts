// What a machine says without its secrets is still compared with what the plan wants.
import { expect, it } from 'vitest';
import { redacted } from '../../../plan/secrets/text.ts';
import { redactedData, sameButSecrets } from '../../../plan/secrets/data.ts';
import { redact, redactJson } from '../../../plan/secrets/redact.ts';
import { containerDiffers } from '../../../plan/tasks/difference.ts';
import { asSpecified } from '../../../plan/tasks/shared/container.ts';

const command = ['--web.external-url=https://bob:hunter2@PC2/', '--token', 'hunter2', '--port', '1'];
const spec = {
  name: 'hub',
  image: 'sha256:1',
  restart: 'always' as const,
  ports: [],
  binds: [],
  command,
  extraHosts: {},
  stopGraceMs: 1,
};
const state = (said: string[]) => ({
  exists: true,
  ours: true,
  running: true,
  status: 'running',
  image: 'sha256:1',
  specDigest: 'digest',
  restartPolicy: 'always',
  published: [],
  ports: [],
  binds: [],
  command: said,
  startedAt: '',
  pid: 1,
  restarts: 0,
});
const deployed = { id: 'id', action: 'created' as const, specDigest: 'digest' };
const image = { image: 'hub', id: 'sha256:1', digest: null, pulled: false };

it('a program of a group that is named like a secret is known by its name', () => {
  const found = { restarted: ['program auth:hub_agent'], targets: { 'program auth:hub_agent': { up: 1 } } };
  expect(redact(found)).toEqual(found);
});

it.each([
  ['as it is', command, true],
  ['without its secrets', redact(command), true],
  ['with another flag', redact([...command.slice(0, -1), '2']), false],
  ['without a secret that is wanted', ['--web.external-url=https://PC2/', ...command.slice(1)], false],
])('a command %s', (_, said, same) => {
  expect(sameButSecrets(said, command)).toBe(same);
  expect(asSpecified(spec)({ deployed, state: state(said) }).verdict).toBe(same ? 'pass' : 'fail');
  const desired = { what: 'container' as const, machine: 'PC2', target: 'hub', image: 'hub', spec };
  expect(containerDiffers(desired, state(said), image).change).toBe(same ? 'none' : 'replace');
});

it('an image that is named like a secret is compared by its tag', () => {
  const wanted = { ...spec, image: 'vault-token:2' };
  const desired = { what: 'container' as const, machine: 'PC2', target: 'hub', image: wanted.image, spec: wanted };
  const is = redact({ ...state(command), image: 'vault-token:1' });
  expect(containerDiffers(desired, is, null).found).toBe('differs in image');
  expect(containerDiffers(desired, { ...is, image: wanted.image }, null).change).toBe('none');
});

it('of data only texts change, and what follows a flag', () => {
  const data = { a: [1, null, true, 'x'], token: 'not looked at', b: { c: undefined } };
  expect(redactedData(data, () => '…')).toEqual(data);
  expect(redactedData(['--password', '--quiet', '--secret', 'x'], () => '…')).toEqual([
    '--password',
    '--quiet',
    '--secret',
    '…',
  ]);
  expect(redacted('--password --quiet', () => '…')).toBe('--password --quiet');
});

it.each([
  [
    ['curl', '-u', 'bob:hunter2', '-p', '80'],
    ['curl', '-u', 'bob:…', '-p', '80'],
  ],
  [
    ['sshpass', '-p', 'hunter2', 'ssh', 'PC2'],
    ['sshpass', '-p', '…', 'ssh', 'PC2'],
  ],
  [
    ['docker', 'login', '-u', 'bob', '-p', 'hunter2'],
    ['docker', 'login', '-u', 'bob', '-p', '…'],
  ],
  [
    ['nats-server', '-p', '4222', '-u', '1000:1000'],
    ['nats-server', '-p', '4222', '-u', '1000:1000'],
  ],
])('of %j it shows %j', (command, shown) => expect(redactedData(command, () => '…')).toEqual(shown));

it('knows a secret of an agent by its key, its flag, or the name beside it', () => {
  const secret = expect.stringMatching(/^\[secret#\w{8}\]$/);
  expect(
    redactJson({
      token: ['hunter2', { a: 5 }],
      args: ['--password', 'hunter2', '--port', '80'],
      env: [
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'PORT', value: '80' },
      ],
      user: 'bob',
      tokenBucket: 5,
    }),
  ).toEqual({
    token: [secret, { a: secret }],
    args: ['--password', secret, '--port', '80'],
    env: [
      { name: 'DB_PASSWORD', value: secret },
      { name: 'PORT', value: '80' },
    ],
    user: 'bob',
    tokenBucket: 5,
  });
});
