// The file in which a section stands, among those that supervisord reads.
import { mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { replace } from '../../../activities/agents/environment.ts';
import type { Host } from '../../../activities/context/host.ts';
import { fileIfAny, fileWith } from '../../../activities/supervisor/section-file.ts';
import { temporaryMachine } from '../machine.ts';

const section = '[program:hub]\ncommand=/bin/hub\n';

async function machine(main: string, files: Record<string, string>): Promise<{ host: Host; at(name: string): string }> {
  const host = await temporaryMachine();
  const at = (name: string) => join(dirname(host.supervisorConfig), name);
  await writeFile(host.supervisorConfig, main);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), text);
  }
  return { host, at };
}

it.each([
  ['a pattern beside it', 'files = conf.d/*.conf', 'conf.d/hub.conf'],
  ['its own directory by name', 'files = %(here)s/more/h?b.ini', 'more/hub.ini'],
  ['several, on two lines', 'files = other.ini\n  conf.d/[a-h]*.conf ; and more', 'conf.d/hub.conf'],
  ['one by its whole name', 'files: programs/hub conf.d/none.conf', 'programs/hub'],
])('is found by %s', async (_, include, name) => {
  const { host, at } = await machine(`[include]\n${include}\n`, {
    [name]: section,
    'conf.d/.hidden.conf': section,
    'conf.d/hub.conf.bak': section,
  });
  expect((await fileWith(host, 'program:hub')).path).toBe(at(name));
});

it('is the main file, where it stands there', async () => {
  const { host } = await machine(`${section}[include]\nfiles=conf.d/*.conf\n`, {});
  expect((await fileWith(host, 'program:hub')).path).toBe(host.supervisorConfig);
});

it.each([
  ['it is nowhere', '[include]\nfiles=conf.d/*\n', {}, 'has a [program:hub]'],
  ['two have it', `${section}[include]\nfiles=conf.d/*\n`, { 'conf.d/a': section }, 'both have a [program:hub]'],
  ['directories go by a pattern', '[include]\nfiles=*/hub.conf\n', { 'a/hub.conf': section }, 'name each of them'],
  [
    'another file of the include is none of supervisord',
    '[include]\nfiles=conf.d/*\n',
    { 'conf.d/hub': section, 'conf.d/other.conf': 'geheim\n' },
    /^\S+\/conf\.d\/other\.conf: line 1 stands before the first \[section\]$/,
  ],
] as const)('is refused where %s', async (_, main, files, why) => {
  const { host } = await machine(main, files);
  await expect(fileWith(host, 'program:hub')).rejects.toThrow(why);
});

it('is where a link leads to, and is replaced there', async () => {
  const { host, at } = await machine('[include]\nfiles=conf.d/*.conf\n', {
    'app/hub.conf': section,
    'conf.d/x.conf': '',
  });
  await symlink('../app/hub.conf', at('conf.d/hub.conf'));
  const found = await fileWith(host, 'program:hub');
  expect(found.path).toBe(at('app/hub.conf'));
  await replace(host, found, `${section}startsecs=1\n`);
  expect(await readFile(at('app/hub.conf'), 'utf8')).toBe(`${section}startsecs=1\n`);
  expect(await readlink(at('conf.d/hub.conf'))).toBe('../app/hub.conf');
});

it('is found by what it includes, beside the name of the main file and not beside what that is a link to', async () => {
  const { host, at } = await machine('', {
    'app/main.conf': '[include]\nfiles=conf.d/*.conf\n',
    'conf.d/hub.conf': section,
  });
  await rm(host.supervisorConfig);
  await symlink('app/main.conf', host.supervisorConfig);
  expect((await fileWith(host, 'program:hub')).path).toBe(at('conf.d/hub.conf'));
});

it('is nothing, for who only looks whether it is there', async () => {
  const { host } = await machine('[supervisord]\nnodaemon=true\n', {});
  expect(await fileIfAny(host, 'program:hub')).toBeNull();
});
