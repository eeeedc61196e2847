// No secret stays in a file, however its YAML is written; what is no secret does, on the line where it was.
import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { redactFile } from '../../../plan/secrets/redact.ts';
import { redactedFile } from '../../../plan/secrets/yaml.ts';
import { holds } from '../../property.ts';
import { otherNames, secret, secretNames, withoutMarks, wordCharacter } from './secrets.ts';

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

interface Value {
  data: unknown;
  secrets: string[];
  others: string[];
}

const combined = <T>(values: Value[], data: (of: unknown[]) => T) => ({
  data: data(values.map((value) => value.data)),
  secrets: values.flatMap(({ secrets }) => secrets),
  others: values.flatMap(({ others }) => others),
});

const hidden: Arbitrary<Value> = fc
  .tuple(
    fc.array(secret(`${wordCharacter}  :#'"{}-`), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('\n', '\n\n', ' ', '\n  '),
  )
  .map(([lines, between]) => lines.join(between))
  .map((text) => ({ data: text, secrets: text.split(/\s*\n\s*/), others: [] }));

const shown: Arbitrary<Value> = fc
  .nat({ max: 999_999 })
  .map((n) => `other${n}x`)
  .map((text) => ({ data: text, secrets: [], others: [text] }));

const listOf = (leaf: Arbitrary<Value>): Arbitrary<Value> =>
  fc.array(leaf, { minLength: 1, maxLength: 3 }).map((items) => combined(items, (of) => of));

/** A document with secrets and others in it, each told by its own letters. */
function documentOf(names: string[], depth = 0): Arbitrary<Value> {
  const ofSecret = fc.oneof(
    hidden,
    ...(depth > 2
      ? []
      : [listOf(hidden), fc.tuple(hidden, hidden).map((both) => combined(both, ([a, b]) => ({ a, b: [b] })))]),
  );
  const ofOther = fc.oneof(shown, ...(depth > 2 ? [] : [listOf(shown), documentOf(names, depth + 1)]));
  const entry = fc.oneof(
    fc.tuple(fc.constantFrom(...names), ofSecret),
    fc.tuple(fc.constantFrom(...otherNames), ofOther),
  );
  return fc.uniqueArray(entry, { selector: ([name]) => name, minLength: 1, maxLength: 5 }).map((entries) =>
    combined(
      entries.map(([, value]) => value),
      (of) => Object.fromEntries(entries.map(([name], index) => [name, of[index]])),
    ),
  );
}

/** In blocks or brackets, quotes, folded, with anchors, comments, CRLF and a mark of byte order. */
const style = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
  defaultStringType: fc.constantFrom(
    ...(['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const),
  ),
  defaultKeyType: fc.constantFrom(...(['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const)),
  lineWidth: fc.constantFrom(0, 20, 80),
  blockQuote: fc.constantFrom(true, false, 'literal' as const, 'folded' as const),
  doubleQuotedMinMultiLineLength: fc.constantFrom(1, 40),
});
const around = fc.record({
  head: fc.constantFrom('', '\uFEFF', '---\n', '# hub\n'),
  end: fc.constantFrom('', '---\nuser: bob\n', '# end\n'),
  eol: fc.constantFrom('\n', '\r\n'),
});

/** Written in any style. A file that the library wrote wrong, so that it is no YAML any more, is none. */
const spelt = (document: Arbitrary<Value>) =>
  fc
    .tuple(document, style, around)
    .map(([{ data, ...told }, how, { head, end, eol }]) => ({
      text: `${head}${stringify(data, how)}${end}`.replaceAll('\n', eol),
      ...told,
    }))
    .filter(({ text }) => !text.includes('undefined'));

it('hides every secret of a random file, in any style, and nothing but secrets', { timeout: 60_000 }, () => {
  holds(
    fc.property(spelt(documentOf(secretNames)), ({ text, secrets, others }) => {
      const redacted = redactFile(text);
      expect(redacted).not.toMatch(/Zq|qZ/);
      const shown = withoutMarks(redacted);
      for (const one of secrets.flatMap((all) => all.split(/\W+/)).filter((piece) => piece.length >= 5))
        expect(shown).not.toContain(one);
      expect(redacted.split('\n').length).toBe(text.split('\n').length);
      expect(redactFile(redacted)).toBe(redacted);
      expect(text === redacted).toBe(!secretIn.test(text));
      for (const other of others) expect(redacted.includes(other) || onLineOfSecret(text, other)).toBe(true);
    }),
    800,
  );
});

/** Its beginning may be folded. */
const secretIn = /Z(\\\r?\n\s*)?q/;

/** A line in brackets may go with the secret that is on it. */
function onLineOfSecret(text: string, other: string): boolean {
  return text.split('\n').some((line) => line.includes(other) && line.includes('Zq'));
}

it('takes the name from the key and not from the value: the negative control', { timeout: 60_000 }, () => {
  holds(
    fc.property(spelt(documentOf(['owner', 'host', 'title'])), ({ text }) => {
      expect(redactFile(text)).toBe(text);
    }),
    300,
  );
});
