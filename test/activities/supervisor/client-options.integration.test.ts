import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { clientOptions } from '../../../activities/supervisor/client-options.ts';
import { holdsAsync } from '../../property.ts';
import { temporaryMachine } from '../machine.ts';
import { configurations, environment } from './configurations.ts';
import { supervisorctl } from './supervised.ts';

type Taken = [serverurl: string, username: string | null, password: string | null] | null;

/** Those that supervisor's own code takes, with the Python that supervisorctl itself runs with. */
async function real(files: string[]): Promise<Taken[]> {
  const python = readFileSync(supervisorctl, 'utf8').split('\n')[0]!.replace('#!', '').trim().split(' ');
  const script = join(import.meta.dirname, 'real-options.py');
  const { stdout } = await execa(python[0]!, [...python.slice(1), script, ...files], {
    env: { ...environment, LC_ALL: 'C.UTF-8' },
    timeout: 30_000,
    stdin: 'ignore',
  });
  return stdout.split('\n').map((line) => JSON.parse(line) as Taken);
}

async function ours(file: string): Promise<Taken> {
  const options = await clientOptions(file).catch(() => null);
  return options && [options.serverurl, options.username ?? null, options.password ?? null];
}

async function filesWith(texts: string[]): Promise<string[]> {
  const directory = join((await temporaryMachine()).state, '..');
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return texts.map((text, index) => {
    const file = join(directory, `${index}.conf`);
    writeFileSync(file, text);
    return file;
  });
}

it('the configurations of the quick test are taken so by the real supervisorctl', async () => {
  const files = await filesWith(configurations.map(([, text]) => text));
  const found = await real(files);
  expect(found).toEqual(
    configurations.map(([, , taken], index) =>
      taken === 'refused'
        ? null
        : [taken.serverurl.replace('HERE', join(files[index]!, '..')), taken.username ?? null, taken.password ?? null],
    ),
  );
});

const word = fc.constantFrom(
  'a',
  'b#c',
  'b;c',
  '#',
  ';',
  'ü',
  '\u2028',
  '=',
  ':',
  '%%',
  '%!',
  '%(ENV_HUBSHIFT_TEST)s',
  '%(here)s',
  '"x"',
  '[',
  ']',
);
const space = fc.constantFrom('', '', '', ' ', ' ', '  ', '\t', '\u000b', '\u001c', '\u0085', '\ufeff');
const key = fc.constantFrom('username', 'password', 'Password', 'serverurl', 'files');
const line = fc.oneof(
  fc.constantFrom('[supervisorctl]', '[include]', '[DEFAULT]', '[supervisorctl', '', '; note', '  # note', 'alone'),
  fc
    .tuple(
      space,
      key,
      space,
      fc.constantFrom('=', ':'),
      fc.array(fc.tuple(space, word)),
      fc.constantFrom('', ' ;x', '#'),
    )
    .map(([before, name, after, sign, words, end]) => [before, name, after, sign, ...words.flat(), end].join('')),
  fc.tuple(space, word).map((parts) => parts.join('')),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => ['[supervisorctl]', ...lines].join(end));

it('any configuration is taken as the real supervisorctl takes it', async () => {
  await holdsAsync(
    fc.asyncProperty(fc.array(text, { minLength: 100, maxLength: 100 }), async (texts) => {
      const files = await filesWith(texts);
      expect(await Promise.all(files.map(ours))).toEqual(await real(files));
    }),
    3,
  );
});
