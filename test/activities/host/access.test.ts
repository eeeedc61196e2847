// What is looked at of logins and web configurations before the first change.
import { chmod, chown, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { looksAtAccess } from '../../../activities/host/access.ts';
import { mayRead, readerBy, readerIn } from '../../../activities/host/readers.ts';
import type { AccessAsk } from '../../../plan/machine-api/access.ts';
import { serve } from '../local-server.ts';
import { temporaryMachine } from '../machine.ts';

const user = '65534:65534';

async function machineWith(files: Record<string, string>) {
  const host = await temporaryMachine();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(host.path(path), '..'), { recursive: true });
    await writeFile(host.path(path), content);
  }
  return host;
}

type Machine = Awaited<ReturnType<typeof machineWith>>;

async function found(host: Machine, ask: Partial<AccessAsk>): Promise<string> {
  const looks = looksAtAccess(host, { logins: [], mounted: [], seen: [], web: [], ...ask });
  expect(looks).toHaveLength(1);
  const answer = await looks[0]!.look().catch((error: Error) => `refused: ${error.message}`);
  return typeof answer === 'string' ? answer : `warned: ${answer.warning}`;
}

const web = {
  path: '/site/hub/web.yml',
  container: 'edgehub',
  user,
  scheme: 'https' as const,
  username: 'week',
  name: 'hub.example',
};
const tls = 'tls_server_config: { cert_file: hub.pem, key_file: hub.key }\n';
/** The hash of Prometheus' own guide. */
const users = 'basic_auth_users: { week: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay }\n';

it('who may read goes by owner, group and the rest', () => {
  const file = (mode: number, uid = 0, gid = 0) => ({ uid, gid, mode, isDirectory: () => false });
  const nobody = readerBy(user);
  expect(mayRead(file(0o600), nobody)).toBe(false);
  expect(mayRead(file(0o604), nobody)).toBe(true);
  expect(mayRead(file(0o640, 0, 65534), nobody)).toBe(true);
  expect(mayRead(file(0o004, 0, 65534), nobody)).toBe(false);
  expect(mayRead(file(0o400, 65534), nobody)).toBe(true);
  expect(mayRead(file(0o000), readerBy('0:0'))).toBe(true);
  expect(mayRead({ uid: 0, gid: 0, mode: 0o711, isDirectory: () => true }, nobody)).toBe(true);
  expect(mayRead({ uid: 0, gid: 0, mode: 0o744, isDirectory: () => true }, nobody)).toBe(false);
});

it('as whom a process reads stands in its status: the last of its ids, and all of its groups', () => {
  const status = 'Name:\tagent\nUid:\t1000\t1000\t1000\t1001\nGid:\t100\t100\t100\t101\nGroups:\t4 27 \nVmRSS:\t1 kB\n';
  expect(readerIn(status)).toEqual({ uid: 1001, gids: [101, 4, 27] });
  expect(readerIn(status.replace('4 27 ', ''))).toEqual({ uid: 1001, gids: [101] });
  const ofGroup = { uid: 0, gid: 27, mode: 0o640, isDirectory: () => false };
  expect(mayRead(ofGroup, readerIn(status))).toBe(true);
});

it('a mounted file must be there, and its container able to read it', async () => {
  const host = await machineWith({ '/site/password': 'hunter2' });
  const ask = (path: string) => found(host, { mounted: [{ path, container: 'edgehub', user }] });
  expect(await ask('/site/none')).toContain('refused: /site/none is not on PC2');
  expect(await ask('/site/password')).toBe(`${user} may read it`);
  await chmod(host.path('/site/password'), 0o600);
  expect(await ask('/site/password')).toMatch(
    /can't be read by 65534:65534, the user of edgehub: it belongs to \d+:\d+ with mode 600\. Give/,
  );
});

it('a login is read as a request reads it', async () => {
  const host = await machineWith({ '/site/password': 'hunter2', '/site/ca.pem': 'no certificate' });
  const ask = (credentials: AccessAsk['logins'][number]['credentials']) =>
    found(host, { logins: [{ targets: [{ url: 'https://pc2:9100', isThere: false }], credentials }] });
  expect(await ask({ basicAuth: { username: 'week', passwordFile: '/site/password' } })).toBe(
    'its files and variables are there',
  );
  expect(await ask({ basicAuth: { username: 'week', passwordFile: '/site/none' } })).toMatch(
    /^refused: passwordFile .*none is not on this machine/,
  );
  expect(await ask({ tlsConfig: { caFile: '/site/ca.pem' } })).toMatch(
    /^refused: tlsConfig\.caFile \S+ca\.pem is no certificate in PEM \(/,
  );
});

it('a login is tried where somebody answers before the week; who is down is no matter of it', async () => {
  const host = await machineWith({ '/site/password': 'hunter2', '/site/ca.pem': 'x' });
  const { url } = await serve((ask, response) => response.writeHead(ask.url === '/health' ? 401 : 500).end());
  const basicAuth = { username: 'week', passwordFile: '/site/password' };
  const ask = (to: string, isThere: boolean, credentials: object = { basicAuth }) =>
    found(host, { logins: [{ targets: [{ url: to, isThere }], credentials }] });
  expect(await ask(url, true)).toBe(
    `refused: ${url} answers 401 (it refuses the basicAuth of the plan: passwordFile ${host.path('/site/password')})`,
  );
  expect(await ask(url, false)).toBe('its files and variables are there');
  const refusesNot = 'its files and variables are there, and nobody of 1 refuses them';
  expect(await ask(`${url}/other`, true)).toBe(refusesNot);
  expect(await ask('http://127.0.0.1:1/', true)).toBe(refusesNot);
  expect(await ask(url.replace('http:', 'https:'), true)).toMatch(/^refused: GET .*; does it speak https\?$/);
});

it('a login that ends on a page for people is none that was taken', async () => {
  const host = await machineWith({ '/site/password': 'hunter2' });
  const { url } = await serve((ask, response) =>
    ask.url === '/health'
      ? response.writeHead(302, { location: '/login' }).end()
      : response.end('<html>Who are you?</html>'),
  );
  const credentials = { basicAuth: { username: 'week', passwordFile: '/site/password' } };
  expect(await found(host, { logins: [{ targets: [{ url, isThere: true }], credentials }] })).toMatch(
    /^refused: GET \S+\/health redirects to an HTML page \(a login\?\) at \S+\/login/,
  );
});

it('a login is tried at each that is asked with it: one that takes it speaks for no other', async () => {
  const host = await machineWith({ '/site/password': 'hunter2' });
  const takes = await serve((_, response) => response.end());
  const refuses = await serve((_, response) => response.writeHead(403).end());
  const targets = [takes, refuses].map(({ url }) => ({ url, isThere: true }));
  const credentials = { basicAuth: { username: 'week', passwordFile: '/site/password' } };
  const answer = await found(host, { logins: [{ targets, credentials }] });
  expect(answer).toMatch(new RegExp(`^refused: ${refuses.url} answers 403 `));
  expect(answer).not.toContain(takes.url);
});

it('what a hub that is there must see is looked for in its mounts; what its image has, nobody knows', async () => {
  const host = await temporaryMachine();
  const secrets = host.path('/srv/secrets');
  await mkdir(secrets, { recursive: true });
  await writeFile(join(secrets, 'push.password'), 'hunter2');
  const mounts = [`${secrets}:/etc/prometheus/secrets`, '/elsewhere:/etc/prometheus'];
  const { docker } = await temporaryMachine([{ name: 'centralhub', running: true, mounts }]);
  const ask = (path: string) => found({ ...host, docker }, { seen: [{ container: 'centralhub', files: [path] }] });
  expect(await ask('/etc/prometheus/secrets/push.password')).toBe('it is /srv/secrets/push.password');
  expect(await ask('/etc/prometheus/secrets/none')).toMatch(
    /^refused: centralhub on PC2 sees no \/etc\/prometheus\/secrets\/none, .*: put it to \/srv\/secrets\/none \(ENOENT\)/,
  );
  // As root it runs; what it may read is looked up by the process that it is.
  const running = await temporaryMachine([{ name: 'centralhub', running: true, pid: process.pid, mounts }]);
  const its = await found(
    { ...host, docker: running.docker },
    {
      seen: [{ container: 'centralhub', files: ['/etc/prometheus/secrets/push.password'] }],
    },
  );
  expect(its).toBe(`it is /srv/secrets/push.password, and ${process.getuid!()}:${process.getgid!()} may read it`);
  expect(await ask('/etc/ssl/ca.pem')).toMatch(/^warned: centralhub on PC2 has nothing mounted at \/etc\/ssl\/ca\.pem/);
});

const good = { '/site/hub/web.yml': tls + users, '/site/hub/hub.pem': '', '/site/hub/hub.key': '' };

it.each<[string, Record<string, string>, Partial<AccessAsk['web'][number]>, RegExp]>([
  ['names a certificate that is none', {}, {}, /can't be used: hub\.pem is empty$/],
  [
    'has TLS, and is asked by http',
    {},
    { scheme: 'http' },
    /has a tls_server_config, and the plan asks edgehub by http: scheme: https/,
  ],
  ['has none, and is asked by https', { '/site/hub/web.yml': users }, {}, /has no tls_server_config/],
  ['knows another user', {}, { username: 'nobody' }, /knows no user nobody \(basicAuth of edgehub\), but 1 others/],
  [
    'has a password where its users should be',
    { '/site/hub/web.yml': `${tls}basic_auth_users: [week, hunter2]\n` },
    {},
    /^(?!.*hunter2).* has basic_auth_users that are no users with their hashes/,
  ],
  ['has no users', { '/site/hub/web.yml': `${tls}basic_auth_users:\n` }, {}, /has basic_auth_users that are no users/],
  [
    'wants a login that the plan has not',
    {},
    { username: null },
    /wants a login, and the plan has no basicAuth of edgehub/,
  ],
  [
    'wants a certificate of who asks',
    { '/site/hub/web.yml': `${tls.replace('}', ', client_auth_type: RequireAnyClientCert }')}${users}` },
    {},
    /wants a certificate of who asks, and the plan has no tlsConfig\.certFile of edgehub/,
  ],
  [
    'names a key that the container does not see',
    { '/site/hub/web.yml': tls.replace('hub.key', '/site/hub.key') + users },
    {},
    /names \/site\/hub\.key, which edgehub does not see/,
  ],
  [
    'lacks its key',
    { '/site/hub/web.yml': tls.replace('hub.key', 'none.key') + users },
    {},
    /\/site\/hub\/none\.key is not on PC2/,
  ],
  [
    'has a password in the place of a hash',
    { '/site/hub/web.yml': `${tls}basic_auth_users: { week: hunter2 }\n` },
    {},
    /has 1 of 1 users without a bcrypt hash, with which the server does not start: "htpasswd/,
  ],
  [
    'is no YAML',
    { '/site/hub/web.yml': 'users: {hunter2' },
    {},
    /^refused: \/site\/hub\/web\.yml on PC2 can't be parsed: it is no YAML$/,
  ],
])('a web configuration %s', async (_, files, asked, said) => {
  const host = await machineWith({ ...good, ...files });
  const answer = await found(host, { web: [{ ...web, ...asked }] });
  expect(answer).toMatch(said);
  expect(answer).not.toMatch(/hunter2|\$2b/);
});

it('a web configuration in a directory that its container may not enter is told', async () => {
  const host = await machineWith(good);
  await chmod(host.path('/site/hub'), 0o700);
  await chown(host.path('/site/hub'), 0, 0).catch(() => undefined);
  expect(await found(host, { web: [web] })).toMatch(/\/site\/hub on PC2 can't be read by 65534:65534/);
});

it('a web configuration whose certificate is a link out of its directory is told: that alone is mounted', async () => {
  const host = await machineWith({ ...good, '/site/live/hub.pem': 'x' });
  await rm(host.path('/site/hub/hub.pem'));
  await symlink('../live/hub.pem', host.path('/site/hub/hub.pem'));
  expect(await found(host, { web: [web] })).toMatch(
    /^refused: \/site\/hub\/hub\.pem on PC2 is a link to \/site\/live\/hub\.pem, which edgehub does not see/,
  );
});
