// No secret stays in a file, however its YAML is written; what is no secret does, on the line where it was.
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { redactFile } from '../../../plan/secrets/redact.ts';
import { redactedFile } from '../../../plan/secrets/yaml.ts';
import { otherNames, randomFrom, secretNames, wordCharacter, type Random } from './random.ts';

const hide = (text: string) => redactedFile(text, () => '[secret#0]');

it('knows a secret as YAML means it', () => {
  const file = `
# password: hunter2
shared: &shared hunter2
"pass\\u0077ord": 'hunter2'
? passphrase
: hunter2
db: { host: PC2, password: *shared, options: [a, b] }
tls_private_key: |-
  hunter2 one

  hunter2 two
long_token: hunter2 one
  hunter2 two
authorization:
  - hunter2
  - { user: hunter2 }
env:
  - { name: DB_PASSWORD, value: hunter2 }
  - name: DB_HOST
    value: PC2
args: [--token, hunter2, --port, 9100]
password_file: /etc/hub/password
password: true
config.yaml: |
  # of another program
  user: bob
  passphrase: |
    hunter2
  tokens:
  - hunter2
  - hunter2
script: >-
  export DB_PASS=hunter2
  port=80
---
basic_auth_password: "hunter2 \\
  hunter2"
`;
  expect(hide(file)).toBe(`
# password: [secret#0]
shared: &shared [secret#0]
"pass\\u0077ord": [secret#0]
? passphrase
: [secret#0]
db: { host: PC2, password: [secret#0], options: [a, b] }
tls_private_key: |-
  [secret#0]

  [secret#0]
long_token: [secret#0]
  
authorization:
  - [secret#0]
  - { user: [secret#0] }
env:
  - { name: DB_PASSWORD, value: [secret#0] }
  - name: DB_HOST
    value: PC2
args: [--token, [secret#0], --port, 9100]
password_file: /etc/hub/password
password: true
config.yaml: |
  # of another program
  user: bob
  passphrase: |
    [secret#0]
  tokens:
  - [secret#0]
  - [secret#0]
script: >-
  export DB_PASS=[secret#0]
  port=80
---
basic_auth_password: [secret#0]
  
`);
});

it('hides an anchor that stands for itself, and what is no YAML any more', () => {
  expect(hide('tokens: &a\n  x: *a\n  y: hunter2\n')).not.toContain('hunter2');
  expect(hide('a: [1\npassword: hunter2\nb: }\n  passphrase: |\n   hunter2\n')).not.toContain('hunter2');
  expect(hide('[hub]\npassword = hunter2\n  hunter2\nuser = bob\n')).toBe(
    '[hub]\npassword = [secret#0]\n  [secret#0]\nuser = bob\n',
  );
});

/** A document with secrets and others in it, each told by its own letters. */
function documentOf(random: Random, secrets: string[], others: string[], depth = 0): unknown {
  const leaf = (isSecret: boolean): unknown => {
    const text = Array.from({ length: 1 + random.below(3) }, () => random.secret(`${wordCharacter}  :#'"{}-`)).join(
      random.of(['\n', '\n\n', ' ', '\n  ']),
    );
    if (!isSecret) return (others.push(`other${others.length}x`), others.at(-1));
    secrets.push(...text.split(/\s*\n\s*/));
    return text;
  };
  const node = (isSecret: boolean): unknown => {
    switch (random.below(depth > 2 ? 1 : 4)) {
      case 1:
        return Array.from({ length: 1 + random.below(3) }, () => leaf(isSecret));
      case 2:
        return isSecret ? { a: leaf(true), b: [leaf(true)] } : documentOf(random, secrets, others, depth + 1);
      default:
        return leaf(isSecret);
    }
  };
  const names = Array.from({ length: 1 + random.below(5) }, () => random.of([secretNames, otherNames]));
  return Object.fromEntries(names.map((of) => [random.of(of), node(of === secretNames)]));
}

/** Written in any style: in blocks or brackets, quotes, folded, with anchors, comments, CRLF and a mark of byte order. */
function spelt(random: Random, data: unknown): string {
  const text = stringify(data, {
    indent: random.of([2, 3, 4]),
    collectionStyle: random.of(['any', 'block', 'flow']),
    defaultStringType: random.of(['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED']),
    defaultKeyType: random.of(['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE']),
    lineWidth: random.of([0, 20, 80]),
    blockQuote: random.of([true, false, 'literal', 'folded']),
    doubleQuotedMinMultiLineLength: random.of([1, 40]),
  });
  const marked = random.of(['', '\uFEFF', '---\n', '# hub\n']) + text + random.of(['', '---\nuser: bob\n', '# end\n']);
  return random.of([marked, marked.replaceAll('\n', '\r\n')]);
}

/** Its beginning may be folded. */
const secretIn = /Z(\\\r?\n\s*)?q/;

it('hides every secret of a random file, in any style, and nothing but secrets', { timeout: 60_000 }, () => {
  const random = randomFrom();
  for (let turn = 0; turn < 800; turn += 1) {
    const [secrets, others]: [string[], string[]] = [[], []];
    const text = spelt(random, documentOf(random, secrets, others));
    // A fault of the library that writes it: no YAML any more.
    if (text.includes('undefined')) continue;
    const shown = redactFile(text);
    const hint = `SEED=${random.seed}, turn ${turn}:\n${text}\n→\n${shown}`;
    expect(shown, hint).not.toMatch(/Zq|qZ/);
    for (const secret of secrets.flatMap((one) => one.split(/\W+/)).filter((piece) => piece.length >= 5))
      expect(shown, hint).not.toContain(secret);
    expect(shown.split('\n').length, hint).toBe(text.split('\n').length);
    expect(redactFile(shown), hint).toBe(shown);
    expect(text === shown, hint).toBe(!secretIn.test(text));
    // A name that came twice has the later value.
    for (const other of others.filter((one) => text.includes(one)))
      expect(shown.includes(other) || onLineOfSecret(text, other), hint).toBe(true);
  }
});

/** A line in brackets may go with the secret that is on it. */
function onLineOfSecret(text: string, other: string): boolean {
  return text.split('\n').some((line) => line.includes(other) && line.includes('Zq'));
}

it('takes the name from the key and not from the file: the negative control', () => {
  const random = randomFrom();
  for (let turn = 0; turn < 300; turn += 1) {
    const others: string[] = [];
    const text = spelt(random, { user: documentOf(random, [], others) });
    const renamed = secretNames.reduce((left, name) => left.replaceAll(name, 'user'), text);
    for (const other of others.filter((one) => text.includes(one)))
      expect(redactFile(renamed), `SEED=${random.seed}, turn ${turn}:\n${renamed}`).toContain(other);
  }
});
