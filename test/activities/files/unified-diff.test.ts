// A difference for people: that a secret changed is seen, and never the secret.
import { expect, it } from 'vitest';
import { difference } from '../../../activities/files/unified-diff.ts';

const names = { before: 'original', after: 'as it is' };
const changed = (before: string, after: string) =>
  difference('hub.yml', before, after, names)
    .split('\n')
    .slice(3)
    .filter((line) => /^[+-]/.test(line));

it('shows a changed secret as two digests, and one that stayed in no line', () => {
  const lines = changed(
    'user: bob\npassword: hunter2\ntoken: abc\nport: 1\n',
    'user: bob\npassword: hunter3\ntoken: abc\nport: 2\n',
  );
  expect(lines.map((line) => line.replace(/[0-9a-f]{8}/, '…')).sort()).toEqual(
    ['-password: [secret#…]', '-port: 1', '+password: [secret#…]', '+port: 2'].sort(),
  );
  const [before, after] = lines.filter((line) => line.includes('password'));
  expect(before?.slice(1)).not.toBe(after?.slice(1));
  expect(lines.join()).not.toMatch(/hunter|token/);
});

it('shows no line of a block whose key is not among the lines that it shows', () => {
  const block = (line: string) => `tls_private_key: |\n  one\n  two\n  three\n  ${line}\n  five\n  six\nport: 1\n`;
  const shown = difference('hub.yml', block('hunter2'), block('hunter3'), names);
  expect(shown).not.toMatch(/hunter|three|five|tls_private_key/);
  expect(shown.match(/^[+-] {2}\[secret#/gm)).toHaveLength(2);
});

it('is cut after the secrets are out, whatever the file is', () => {
  const long = Array.from({ length: 400 }, (_, index) => `password${index} = hunter${index}`).join('\n');
  const shown = difference('hub.ini', '', long, names);
  expect(shown).not.toContain('hunter');
  expect(shown).toMatch(/… \d+ more characters$/);
});
