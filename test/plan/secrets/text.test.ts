// No secret stays in a text, whatever the text is: logs, errors, command lines, settings. And all else stays.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamedSecret } from '../../../plan/secrets/named.ts';
import { redact } from '../../../plan/secrets/redact.ts';
import { redacted } from '../../../plan/secrets/text.ts';
import { holds } from '../../property.ts';
import { otherNames, secret, secretNames, withoutMarks, wordCharacter } from './secrets.ts';

const mark = () => '[secret#0]';
const hide = (text: string) => redacted(text, mark);

describe('a name', () => {
  it.each(secretNames)('%s is that of a secret', (name) => expect(isNamedSecret(name)).toBe(true));
  it.each(otherNames)('%s is not', (name) => expect(isNamedSecret(name)).toBe(false));
});

it.each([
  ['password: hunter2', 'password: [secret#0]'],
  ['-password: hunter2', '-password: [secret#0]'],
  ['+  aws_secret_access_key = AK/abc+def # old', '+  aws_secret_access_key = [secret#0]'],
  ['# password: hunter2', '# password: [secret#0]'],
  ['{"password":"a \\" b","user":"bob"}', '{"password":"[secret#0]","user":"bob"}'],
  ['{\\"password\\":\\"hunter2\\",\\"user\\":\\"bob\\"}', '{\\"password\\":\\"[secret#0]\\",\\"user\\":\\"bob\\"}'],
  ["{'password': 'it''s', 'user': 'bob'}", "{'password': '[secret#0]', 'user': 'bob'}"],
  ['12:00 ERROR login password=hunter2 user=bob', '12:00 ERROR login password=[secret#0] user=bob'],
  ['12:00 ERROR wrong passphrase: correct horse: battery', '12:00 ERROR wrong passphrase: [secret#0]'],
  ['agent --password hunter2 --verbose', 'agent --password [secret#0] --verbose'],
  ['agent --password=hunter2 --verbose', 'agent --password=[secret#0] --verbose'],
  ['["agent", "--token", "hunter2", "x"]', '["agent", "--token", "[secret#0]", "x"]'],
  ['curl -u bob:hunter2 http://PC2', 'curl -u bob:[secret#0] http://PC2'],
  ['Authorization: Bearer abc.def', 'Authorization: [secret#0]'],
  ['sent "Bearer abc.def-1" and got 401', 'sent "Bearer [secret#0]" and got 401'],
  [
    'GET https://bob:p@ss@PC2:80/x?token=hunter2&a=b: no answer',
    'GET https://bob:[secret#0]@PC2:80/x?token=[secret#0]&a=b: no answer',
  ],
  ['nats://sometoken@PC2:4222', 'nats://[secret#0]@PC2:4222'],
  ['postgres://bob:a/b@PC2/db', 'postgres://bob:[secret#0]@PC2/db'],
  ['POST https://hooks.slack.com/services/T0/B0/x', 'POST https://hooks.slack.com/[secret#0]'],
  ['<password>hunter2</password>', '<password>[secret#0]</password>'],
  ['{"name": "DB_PASSWORD", "value": "hunter2"}', '{"name": "DB_PASSWORD", "value": "[secret#0]"}'],
  ['password: |\n  one\n\n  two\nuser: bob', 'password: |\n  [secret#0]\n\n  [secret#0]\nuser: bob'],
  ['+ password: |\n+   one\n  user: bob', '+ password: |\n+   [secret#0]\n  user: bob'],
  ['tokens:\n- one\n- two\nuser: bob', 'tokens:\n- [secret#0]\n- [secret#0]\nuser: bob'],
  ['credentials:\n  a: one\n  b: true\nuser: bob', 'credentials:\n  [secret#0]\n  b: true\nuser: bob'],
  ['a -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- b', 'a [secret#0] b'],
  ['a -----BEGIN PRIVATE KEY-----\nMIIB, and cut o', 'a [secret#0]'],
  ['admin_password: 12345', 'admin_password: [secret#0]'],
  ['password: ${DB:-hunter2}', 'password: [secret#0]'],
  ['password: $hunter2', 'password: [secret#0]'],
  ['secret:12345', 'secret:[secret#0]'],
  ['{"token_set":true,"password":"hunter2","n":1}', '{"token_set":true,"password":"[secret#0]","n":1}'],
  ['said "password=\\"cut o', 'said "password=\\"[secret#0]'],
  ['["curl", "-u", "bob:hunter2", "x"]', '["curl", "-u", "bob:[secret#0]", "x"]'],
  ['curl --user=bob:hunter2 http://PC2', 'curl --user=bob:[secret#0] http://PC2'],
  ['curl -ubob:hunter2 http://PC2', 'curl -ubob:[secret#0] http://PC2'],
  ['docker login -u bob -p hunter2 hub:5000', 'docker login -u bob -p [secret#0] hub:5000'],
  ['sshpass -p hunter2 ssh PC2 -p 2222', 'sshpass -p [secret#0] ssh PC2 -p 2222'],
  ['mysqldump -h db -phunter2 hub', 'mysqldump -h db -p[secret#0] hub'],
  ['redis-cli -h db -a hunter2 ping', 'redis-cli -h db -a [secret#0] ping'],
  ['DSN bob:hunter2@tcp(db:3306)/hub', 'DSN bob:[secret#0]@tcp(db:3306)/hub'],
  ['"https:\\/\\/bob:hunter2@PC2\\/"', '"https:\\/\\/bob:[secret#0]@PC2\\/"'],
  ['nats://PC1:4222,nats://bob:hunter2@PC2:4222', 'nats://PC1:4222,nats://bob:[secret#0]@PC2:4222'],
  [
    'https://api.telegram.org/bot123456:AAhunter2-hunter2_hunter2-hunter2AAA/x',
    'https://api.telegram.org/bot[secret#0]/x',
  ],
  ['bob:$2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'bob:[secret#0]'],
  [
    "variable reference for '2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234' on line 1 can not be found",
    "variable reference for '[secret#0]' on line 1 can not be found",
  ],
  ['bob:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/', 'bob:[secret#0]'],
  ['sent glsa_abcdefghijklmnopqrstuv_012345 there', 'sent [secret#0] there'],
  [
    '\u001b[36mpassword\u001b[0m=hunter2 \u001b[36muser\u001b[0m=bob',
    '\u001b[36mpassword\u001b[0m=[secret#0] \u001b[36muser\u001b[0m=bob',
  ],
  ['password[0]=hunter2', 'password[0]=[secret#0]'],
  ['password -> hunter2', 'password -> [secret#0]'],
  ['<add key="DbPassword" value="hunter2"/>', '<add key="DbPassword" value="[secret#0]"/>'],
  ['password = """\nhunter2\n""" # end\nuser = 1', 'password = """\n[secret#0]\n""" # end\nuser = 1'],
  ['tokens = [\n"hunter2",\n"b" ]\nuser = 1', 'tokens = [secret#0]\n[secret#0]\n[secret#0]\nuser = 1'],
  ['password=hunter2\\\nhunter2\nuser=1', 'password=[secret#0]\n[secret#0]\nuser=1'],
  ['requirepass hunter2', 'requirepass [secret#0]'],
  ['+masterauth "hunter" # of the other', '+masterauth "[secret#0]" # of the other'],
  ['password hunter2', 'password [secret#0]'],
  ["password 'hunter two' was refused", "password '[secret#0]' was refused"],
  ['machine PC2 login bob password hunter2', 'machine PC2 login bob password [secret#0]'],
  ['db.password hunter', 'db.password [secret#0]'],
  ['ENV DB_PASSWORD hunter', 'ENV DB_PASSWORD [secret#0]'],
  ['set AWS_SECRET_ACCESS_KEY hunter', 'set AWS_SECRET_ACCESS_KEY [secret#0]'],
  ["ALTER USER bob IDENTIFIED BY 'hunter'", "ALTER USER bob IDENTIFIED BY '[secret#0]'"],
  ['the secret is hunter2hunter2hunter2', 'the secret is [secret#0]'],
  ['PC2:5432:hub:bob:hunter2', 'PC2:5432:hub:bob:[secret#0]'],
  ['nats -s bob:hunter@PC2 pub', 'nats -s bob:[secret#0]@PC2 pub'],
  ['no answer of bob:hunter@PC2:4222', 'no answer of bob:[secret#0]@PC2:4222'],
  ['//bob:hunter2@PC2/share', '//bob:[secret#0]@PC2/share'],
  ['jdbc:oracle:thin:bob/hunter2@PC2:1521:hub', 'jdbc:oracle:thin:bob/[secret#0]@PC2:1521:hub'],
  ['to=https%3A%2F%2Fbob%3Ahunter2%40PC2%2F', 'to=https%3A%2F%2Fbob%3A[secret#0]%40PC2%2F'],
  ['to=https%3A%2F%2Fbob%3Ahunte', 'to=https%3A%2F%2Fbob%3A[secret#0]'],
  ['to=https%253A%252F%252Fbob%253Ahunter2%2540PC2', 'to=https%253A%252F%252Fbob%253A[secret#0]%2540PC2'],
  ['mongodb+srv://bob:hunter2@PC2/hub', 'mongodb+srv://bob:[secret#0]@PC2/hub'],
  ['curl --proxy-user bob:hunter2 http://PC2', 'curl --proxy-user bob:[secret#0] http://PC2'],
  ['mongosh -u bob -p hunter2 hub', 'mongosh -u bob -p [secret#0] hub'],
  ['mosquitto_pub -u bob -P hunter2 -t hub', 'mosquitto_pub -u bob -P [secret#0] -t hub'],
  ['smbclient -U bob%hunter2 //PC2/x', 'smbclient -U bob%[secret#0] //PC2/x'],
  ['sent Bearer hunterhunterhunterhunter', 'sent Bearer [secret#0]'],
  ['-----BEGIN NATS USER JWT-----\nMIIB\n------END NATS USER JWT------', '[secret#0]-'],
  ['.dockerconfigjson: hunter2', '.dockerconfigjson: [secret#0]'],
  ['-----BEGIN PGP PRIVATE KEY BLOCK-----\nMIIB\n-----END PGP PRIVATE KEY BLOCK-----', '[secret#0]'],
])('%j becomes %j', (text, shown) => {
  expect(hide(text)).toBe(shown);
  expect(hide(shown)).toBe(shown);
});

it.each([
  'GET http://token-service:9100/health got no answer: connect ECONNREFUSED 127.0.0.1:9100',
  'token-service:9100',
  'ssh://git@PC2/plan.git',
  'mail to ops@example.net about http://PC2:9100/x',
  '/pc2/secrets:/etc/secrets:ro',
  'password_file: /etc/hub/password',
  'password: ***',
  'password: ""',
  'tls_enabled: true, token: null',
  'it wants a username and password, in [supervisorctl]',
  'HUBSHIFT_SLACK_OPS is not set where the control worker runs',
  'if (token == null) std::token::parse()',
  'key: abc',
  'PWD=/home/bob',
  'see http://PC2:9100. And (http://PC2:9100), "http://PC2:9100"',
  'no answer of http://PC2:9100.',
  '(http://PC2:9100)',
  'http://PC2:9100?mail=a@b and http://PC2:9100?x=1',
  'nats://PC1:4222,nats://PC2:4222',
  'up{instance="token-service:9100"} is 0: token-service:9100 is down',
  'http://webhook-relay:9100/health',
  'ssh://root@PC2',
  'tokenBucket: 5',
  'token_ttl: 1h',
  'max_tokens=4096',
  'password_min_length: 8',
  'password_file: password.txt',
  'token_file = secrets/token',
  'password_file: ${CREDENTIALS_DIRECTORY}/password',
  'credentials: /etc/nats/hub.creds',
  'password changed',
  'wrong password for user bob',
  'password authentication failed for user "bob"',
  'invalid token at position 5',
  "SyntaxError: Unexpected token '<' in JSON",
  'secret "hub-tls" not found',
  'tests pass 5 fail 0',
  'pass: 5, fail: 3',
  'webhook_agent: no answer of http://PC2:9100',
  'token-server:latest',
  'image: registry:5000/ops/vault-token:1.2',
  'nats@sha256:1234, token-server:latest@sha256:1234',
  '12:00 secrets-manager: started',
  'token-refresher.service: Main process exited',
  'secret-sync[1234]: done',
  'tokens_per_second: 5.5',
  'total_tokens: 12',
  'token_errors: 3',
  'keyspace: hub',
  'primary_key: id',
  'to=https%3A%2F%2FPC2%3A9100',
  'fd00:77:0:0:1',
  'aa:22:cc:dd:ee:ff',
  'mailto:bob@PC2.example.net, user:bob@example.net',
  'tls_key: /etc/hub/tls.key',
  'password: ${DB_PASSWORD}',
])('%j stays', (text) => expect(hide(text)).toBe(text));

/** Every way to write a setting that a log, an error or a file of an agent may have, and of what its value may be. */
const syntaxes: [syntax: (name: string, value: string) => string, alphabet?: string][] = [
  [(name, value) => `${name}: ${value}`],
  [(name, value) => `  - ${name}: ${value}`],
  [(name, value) => `12:00:01 WARN can't connect, ${name}: ${value}`],
  [(name, value) => `${name} = ${value}`],
  [(name, value) => `+${name}=${value}`],
  [(name, value) => `;${name}=${value}`],
  [(name, value) => `export ${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`],
  [(name, value) => `a=1 ${name}=${value} b=2`, wordCharacter],
  [(name, value) => `a=1 ${name}=${JSON.stringify(value)} b=2`],
  [(name, value) => JSON.stringify({ a: 1, [name]: value, b: 2 })],
  [(name, value) => JSON.stringify({ log: JSON.stringify({ [name]: value, b: 2 }) })],
  [(name, value) => JSON.stringify({ log: JSON.stringify({ log: JSON.stringify({ [name]: value, b: 2 }) }) })],
  [(name, value) => `{'${name}': '${value.replaceAll(/['\\]/g, '\\$&')}', 'b': 2}`],
  [(name, value) => `agent --${name} ${value} -v`, wordCharacter],
  [(name, value) => `agent --${name}=${value} -v`, wordCharacter],
  [(name, value) => JSON.stringify(['agent', `--${name}`, value, '-v']), wordCharacter],
  [(name, value) => `${name} ${value}`, wordCharacter],
  [(name, value) => `+  ${name} "${value}" # old`, `${wordCharacter} #:,=&;|/'`],
  [(name, value) => `ENV ${name} ${value}`, wordCharacter],
  [(name, value) => `docker run -e ${name}=${value} hub`, wordCharacter],
  [(name, value) => `authorization { user: bob, ${name}: "${value}" }`, `${wordCharacter} #:,=&;|/'`],
  [(name, value) => `[db]\n"${name}" = ${JSON.stringify(value)}\nport = 1`],
  [(name, value) => `${name} = '''\n${value}\n'''\nport = 1`, `${wordCharacter} #:,=&;|/"`],
  [(name, value) => `to=${encodeURIComponent(`https://bob:${encodeURIComponent(value)}@PC2/${name}`)}`],
  [(name, value) => `nats -s bob:${value}@PC2 pub ${name} x`, wordCharacter],
  [(name, value) => `GET http://PC2/x?a=1&${name}=${encodeURIComponent(value)}&b=2 answered 500`],
  [(name, value) => `GET http://bob:${encodeURIComponent(value)}@PC2/x answered 500 (${name})`],
  [(name, value) => `${name}: |\n  ${value}\n\n  ${value}`],
  [(name, value) => `${name}:\n  a: ${value}\n  b: ${value}`],
  [(name, value) => `${name}:\n- ${value}\n- ${value}`],
];

/** What of a secret must not be seen: any four characters of it in a row. */
function piecesOf(secret: string): string[] {
  const inner = secret.replaceAll(/[^\w]+/g, ' ').split(' ');
  return [secret, ...inner].filter((piece) => piece.length >= 4);
}

function written(names: string[]): Arbitrary<{ text: string; secret: string }> {
  return fc
    .constantFrom(...syntaxes)
    .chain(([syntax, alphabet]) =>
      fc
        .tuple(fc.constantFrom(...names), secret(alphabet))
        .map(([name, value]) => ({ text: syntax(name, value), secret: value })),
    );
}

it('hides any secret in any syntax, does so once, and tells two from one', { timeout: 60_000 }, () => {
  holds(
    fc.property(written(secretNames), ({ text, secret: hidden }) => {
      const shown = redact(text);
      for (const piece of piecesOf(hidden)) expect(withoutMarks(shown)).not.toContain(piece);
      expect(shown).toMatch(/\[secret#[0-9a-f]{8}\]/);
      expect(redact(shown)).toBe(shown);
      expect(redact(text)).toBe(shown);
      expect(redact(text.replaceAll('Zq', 'Zr'))).not.toBe(shown);
    }),
    3_000,
  );
});

it('changes nothing where no name is that of a secret: the negative control', { timeout: 60_000 }, () => {
  holds(
    fc.property(written(otherNames), ({ text }) => {
      // A password in an address is one under every name, also where what is behind it was cut off.
      fc.pre(!/:\/\/[^/]*[:@]|:[^\s:]+@|%3A.*%40/.test(text));
      expect(redact(text)).toBe(text);
    }),
    3_000,
  );
});

it('cut anywhere, a text still hides what is left of the secret', { timeout: 60_000 }, () => {
  holds(
    fc.property(written(secretNames), fc.double({ min: 0, max: 1, noNaN: true }), ({ text, secret: hidden }, part) => {
      const cut = text.slice(0, 1 + Math.floor(part * (text.length - 1)));
      for (const piece of piecesOf(hidden)) expect(withoutMarks(redact(cut))).not.toContain(piece);
    }),
    500,
  );
});

it('finds no secret in what good weeks of earlier builds recorded', () => {
  const recorded = join(import.meta.dirname, '../../fixtures/compat/week');
  const files = readdirSync(recorded).filter((file) => /^(?:report|snapshot)-.*\.json\.gz$/.test(file));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    const data: unknown = JSON.parse(gunzipSync(readFileSync(join(recorded, file))).toString());
    expect(redact(data), file).toEqual(data);
  }
});

/** Texts on which a careless pattern goes back and forth, of any length. */
const hostile: [what: string, of: (length: number) => string][] = [
  [
    'a name without a value',
    (n) => `password${'a'.repeat(300 * n)}${'='.repeat(n)}${' '.repeat(50 * n)}${'"\\'.repeat(20 * n)}x`,
  ],
  ['a line of dashes', (n) => '-'.repeat(50 * n) + ' token'],
  ['names as values', (n) => 'password='.repeat(2 * n)],
  ['a text in quotes that does not end', (n) => `{"token":"${'ab'.repeat(200 * n)}`],
  ['a URL of colons', (n) => `https://${'a:'.repeat(20 * n)}`],
  ['a number of dots', (n) => `token_ttl: ${'1.'.repeat(50 * n)}`],
  ['users without a password', (n) => `login ${'-u a:'.repeat(20 * n)}@`],
];

it.each(hostile)('takes time for %s as it is long, and not as its square', { timeout: 60_000 }, (_, of) => {
  const cpuMs = (text: string) => {
    const began = process.cpuUsage();
    hide(text);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  };
  const least = (length: number) => Math.min(...Array.from({ length: 4 }, () => cpuMs(of(length))));
  const [short, long] = [least(250), least(8 * 250)];
  // Eight times as long: 8 times the time, and 64 times for a square. Less than 1 ms is as good as nothing.
  expect(long).toBeLessThan(24 * Math.max(short, 1));
});
