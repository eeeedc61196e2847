import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { clientOptions } from '../../../activities/supervisor/client-options.ts';
import { programStatus } from '../../../activities/programs/programs.ts';
import { serverOf } from '../../../activities/supervisor/server.ts';
import { temporaryMachine } from '../machine.ts';
import { configurations, environment } from './configurations.ts';

let directory = '';
beforeEach(async () => {
  directory = join((await temporaryMachine()).state, '..');
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

const written = (text: string | Buffer): string => {
  const file = join(directory, 'supervisord.conf');
  writeFileSync(file, text);
  return file;
};

it.each(configurations)('is what supervisorctl takes: %s', async (_what, text, taken) => {
  mkdirSync(join(directory, 'd'));
  writeFileSync(join(directory, 'd', 'more.conf'), '[supervisorctl]\nserverurl=http://other:9001\nusername=other\n');
  const file = written(text);
  // Where there is no such section supervisorctl gives up; its default is as good as any.
  if (taken === 'refused' && text.startsWith('[Supervisorctl]'))
    expect(await clientOptions(file)).toMatchObject({ serverurl: 'http://localhost:9001' });
  else if (taken === 'refused') await expect(clientOptions(file)).rejects.toThrow(file);
  else {
    const { includes: _includes, ...options } = await clientOptions(file);
    expect(options).toEqual({ ...taken, serverurl: taken.serverurl.replace('HERE', directory) });
  }
});

it.each([
  ['[supervisorctl]\nnodaemon\n', /supervisorctl can't read \S+: line 2 is no "key = value"/],
  ['username=ops', /line 1 stands before the first \[section\]/],
  ['\u{feff}[supervisorctl]', /begins with a byte order mark: save it without one/],
  [Buffer.from('[supervisorctl]\n; Zähler\n', 'latin1'), /line 2 is not in UTF-8/],
  ['[supervisorctl]\npassword=Summer%1', /^(?!.*Summer).*password in \[supervisorctl\] of \S+ has a single %: .* %%/],
  ['[supervisorctl]\nusername=%(ENV_NOBODY)s', /username in .* has %\(ENV_NOBODY\)s, and there is no such variable/],
])(
  'that supervisorctl can not read is refused, with the place and without what stands there: %s',
  async (text, why) => {
    await expect(clientOptions(written(text))).rejects.toThrow(why);
  },
);

it('of a file that is not there is refused', async () => {
  await expect(clientOptions(join(directory, 'nowhere.conf'))).rejects.toThrow(/nowhere.conf is not there/);
});

it.each([
  [
    'unix:///run/supervisor.sock',
    { url: 'http://supervisor/RPC2', options: { socketPath: '/run/supervisor.sock' }, includes: false },
  ],
  ['http://127.0.0.1:9002/any/path', { url: 'http://127.0.0.1:9002/RPC2', options: {}, includes: false }],
  ['http://ops:x@[::1]:9001', { url: 'http://[::1]:9001/RPC2', options: {}, includes: false }],
])('is asked where its serverurl says: %s', async (serverurl, server) => {
  expect(await serverOf(written(`[supervisorctl]\nserverurl=${serverurl}`))).toEqual(server);
});

it('is asked by both a username and a password, or by none', async () => {
  expect(await serverOf(written('[supervisorctl]\nusername=ops\npassword=a:b#c'))).toMatchObject({ auth: 'ops:a:b#c' });
  expect(await serverOf(written('[supervisorctl]\nusername=ops\n[include]\nfiles=d/*'))).toEqual({
    url: 'http://localhost:9001/RPC2',
    options: {},
    includes: true,
  });
});

it('names included files only where there are some, when nobody answers', async () => {
  const host = await temporaryMachine();
  const file = written('[supervisorctl]\nserverurl=unix:///nowhere.sock\n');
  const status = () => programStatus({ ...host, supervisorConfig: file }, 'agent');
  await expect(status()).rejects.toThrow(/ENOENT.*may this user use its socket\?$/);
  written('[supervisorctl]\nserverurl=unix:///nowhere.sock\n[include]\nfiles=d/*.conf\n');
  await expect(status()).rejects.toThrow(
    /ENOENT.* \[supervisorctl\] in a file that its \[include\] names is read neither/,
  );
});

it.each(['/run/supervisor.sock', '"unix:///run/supervisor.sock"', 'https://127.0.0.1:9001', 'http://'])(
  'of another kind is refused: %s',
  async (serverurl) => {
    await expect(serverOf(written(`[supervisorctl]\nserverurl=${serverurl}`))).rejects.toThrow(
      /serverurl .* is \S+; unix:\/\/PATH or http:\/\/HOST:PORT is wanted, without quotes/,
    );
  },
);

it('shows no password of a serverurl that is refused', async () => {
  await expect(serverOf(written('[supervisorctl]\nserverurl=https://ops:hidden@hub:9001'))).rejects.toThrow(
    /^(?!.*hidden).*https:\/\/hub:9001/,
  );
});
