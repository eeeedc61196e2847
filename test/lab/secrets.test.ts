// The scan finds a secret in each form in which it could get away, and none where there is none.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leaksIn, secretsIn } from '../long/secrets.ts';

const password = 'p+ss/w"rd-of-this-lab';
const key = ['MHcCAQEEIBkL1MDX0vGm1dVkn4g2nxf8', 'oAoGCCqGSM49AwEHoUQDQgAEsecretpart'];

function secrets() {
  const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'hub.password'), `${password}\n`);
  writeFileSync(
    join(directory, 'ca.pem'),
    '-----BEGIN CERTIFICATE-----\nMIIBfoundeverywhere\n-----END CERTIFICATE-----\n',
  );
  writeFileSync(
    join(directory, 'hub.key'),
    `-----BEGIN PRIVATE KEY-----\n${key.join('\n')}\n-----END PRIVATE KEY-----\n`,
  );
  writeFileSync(join(directory, 'web.yml'), `basic_auth_users: { week: $2y$05$${'h'.repeat(53)} }\n`);
  writeFileSync(join(directory, 'nats.conf'), 'jetstream_key: "a-key-of-this-lab"\n');
  return secretsIn(directory);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['as it is', `url: https://week:${password}@hub`],
  ['as a login', `authorization: Basic ${base64(`week:${password}`)}`],
  ['in a payload', base64(JSON.stringify({ refused: password }))],
  ['in a payload, one further', base64(JSON.stringify({ refuses: password }))],
  ['in a payload, two further', base64(JSON.stringify({ refusal_: password }))],
  ['percent-encoded', `?password=${encodeURIComponent(password)}`],
  ['in JSON', JSON.stringify({ password })],
  ['for URLs', Buffer.from(`week:${password}`).toString('base64url')],
])('%s', (_, text) => {
  expect(leaksIn([{ where: 'a log', text: Buffer.from(`before ${text} after`) }], secrets())).toEqual([
    'a log: has hub.password',
  ]);
});

test('a key by its own line, the hash of a password, and what NATS includes', () => {
  const found = (text: string) => leaksIn([{ where: 'it', text: Buffer.from(text) }], secrets());
  expect(found(key[1]!)).toEqual(['it: has hub.key']);
  expect(found(`$2y$05$${'h'.repeat(53)}`)).toEqual(['it: has web.yml']);
  expect(found('key: a-key-of-this-lab')).toEqual(['it: has nats.conf']);
});

test('a name, a certificate and the path of a file are none', () => {
  const text = 'week hub.password /site/hub.key MIIBfoundeverywhere p+ss/w';
  expect(leaksIn([{ where: 'a log', text: Buffer.from(text) }], secrets())).toEqual([]);
});
