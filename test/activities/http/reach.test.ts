// Logins of requests: read at each, from files and variables, sent to nobody else, and never told.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { probe } from '../../../activities/http/probe.ts';
import { isByCertificate, whyRefused } from '../../../activities/http/refused.ts';
import { bodyOf, probed, request } from '../../../activities/http/request.ts';
import type { Reach } from '../../../activities/http/reach.ts';
import { lookAt, targetsOf } from '../../../activities/measure/targets.ts';
import { instantQuery } from '../../../activities/prometheus/queries.ts';
import type { Credentials } from '../../../plan/schema/access.ts';
import type { ObserveAsk } from '../../../plan/machine-api/measure.ts';
import { redact } from '../../../plan/secrets/redact.ts';
import { serve } from '../local-server.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-login-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

const machine = { name: 'PC2', address: '127.0.0.1', docker: '/d', supervisor: '/s', state: '/st' };

/** A server that keeps what it is asked with, and a request to it from the machine whose files are in the directory. */
async function asked(credentials: Credentials, status = 200, says = 'no') {
  const seen: IncomingMessage['headers'][] = [];
  const { url } = await serve((ask, response) => {
    seen.push(ask.headers);
    response.writeHead(status).end(says);
  });
  return { seen, target: hostOf({ ...machine, root: directory }).reach({ url, ...credentials }) };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

it('a password is read at each request, without the end of its line, below the root of the machine', async () => {
  await writeFile(join(directory, 'password'), 'of old\n');
  const { seen, target } = await asked({ basicAuth: { username: 'week', passwordFile: '/password' } });
  await probe(target, 1_000);
  await writeFile(join(directory, 'password'), 'grün: neu\n');
  await request(target, { headers: { accept: 'x' } });
  expect(seen.map(({ authorization }) => authorization)).toEqual([basic('week:of old'), basic('week:grün: neu')]);
  expect(seen[1]).toMatchObject({ accept: 'x' });
});

it('a token is that of a variable', async () => {
  vi.stubEnv('HUBSHIFT_TEST_TOKEN', 'abc.def');
  const { seen, target } = await asked({ authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' } });
  await probe(target, 1_000);
  expect(seen).toMatchObject([{ authorization: 'Bearer abc.def' }]);
});

it('a login is not sent on to where a server sends a reader', async () => {
  vi.stubEnv('HUBSHIFT_TEST_TOKEN', 'abc.def');
  const { seen, target: other } = await asked({});
  const { url } = await serve((_, response) => response.writeHead(302, { location: urlOf(other) }).end());
  const target = hostOf({ ...machine, root: '/' }).reach({
    url,
    authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' },
  });
  expect(await probe(target, 1_000)).toMatchObject({ ok: true });
  expect(seen).toHaveLength(1);
  expect(seen[0]).not.toHaveProperty('authorization');
});

it.each<[string, Credentials, string | undefined, RegExp]>([
  [
    'no such file',
    { basicAuth: { username: 'week', passwordFile: '/none' } },
    undefined,
    /passwordFile \S+\/none is not on this machine/,
  ],
  [
    'an empty file',
    { basicAuth: { username: 'week', passwordFile: '/secret' } },
    ' \n',
    /passwordFile \S+\/secret is empty/,
  ],
  [
    'a variable that is not set',
    { authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' } },
    undefined,
    /credentialsEnv names HUBSHIFT_TEST_TOKEN, which is not in the environment of this worker/,
  ],
  [
    'a token of two lines',
    { authorization: { credentialsFile: '/secret' } },
    'hunter2\nhunter3',
    /credentialsFile \S+\/secret has not one word/,
  ],
  ['no authority', { tlsConfig: { caFile: '/none' } }, undefined, /caFile \S+\/none is not on this machine/],
])(
  '%s is told by its key, as data where a request is one, and nothing is asked',
  async (_, credentials, content, said) => {
    if (content !== undefined) await writeFile(join(directory, 'secret'), content);
    const { seen, target } = await asked(credentials);
    const found = await probe(target, 1_000);
    expect(found).toMatchObject({ ok: false, error: expect.stringMatching(said), unknown: true });
    expect(found.error).toContain('was not asked');
    expect(JSON.stringify(found)).not.toMatch(/hunter/);
    // What people are shown has no secret any more, and still says what is missing.
    expect(redact(found.error)).toBe(found.error);
    await expect(bodyOf(target)).rejects.toThrow(said);
    expect(seen).toEqual([]);
  },
);

it('who wants a login says so, and whether there was one', async () => {
  vi.stubEnv('HUBSHIFT_TEST_TOKEN', 'abc.def');
  const { target: without } = await asked({}, 401);
  expect(await probe(without, 1_000)).toMatchObject({
    status: 401,
    error: 'answered 401 (it wants a login: basicAuth or authorization in the plan)',
    unknown: true,
  });
  const { target } = await asked({ authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' } }, 403);
  await expect(bodyOf(target)).rejects.toThrow(
    'answered 403: no (it refuses the authorization of the plan: credentialsEnv HUBSHIFT_TEST_TOKEN)',
  );
  const refused = await probed(target, {}, () => false);
  expect(refused).toMatchObject({ unknown: true, error: expect.stringContaining('refuses the authorization') });
  expect(redact(refused.error)).toBe(refused.error);
  const { target: forbidden } = await asked({}, 403);
  await expect(bodyOf(forbidden)).rejects.toThrow(/answered 403: no$/);
  // A hub says so without its lifecycle API, whoever asks.
  const token = { authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' } };
  const { target: closed } = await asked(token, 403, 'Lifecycle API is not enabled.');
  await expect(bodyOf(closed)).rejects.toThrow(/answered 403: Lifecycle API is not enabled\.$/);
  const { target: unwell } = await asked({}, 503);
  const found = await probe(unwell, 1_000);
  expect(found).not.toHaveProperty('error');
  expect(found).not.toHaveProperty('unknown');
});

/** What it shows, as an observation looks at it. */
const shownBy = (target: string | Reach) => {
  const values = { shown: { url: '', pointer: '/error', want: 'none' } };
  const ask = { urls: {}, programs: [], containers: [], values, timeoutMs: 1_000 };
  return targetsOf({ reach: () => target } as unknown as Host, ask as unknown as ObserveAsk)[0]!;
};

it('what a server repeats of a login is told nobody', async () => {
  vi.stubEnv('HUBSHIFT_TEST_TOKEN', 'hunter2-edge');
  let said = '';
  const { url } = await serve((ask, response) =>
    response.writeHead(503).end(said.replace('IT', `${ask.headers.authorization}`)),
  );
  const reached = (credentials: Credentials) => hostOf({ ...machine, root: '/' }).reach({ url, ...credentials });
  const byToken = reached({ authorization: { credentialsEnv: 'HUBSHIFT_TEST_TOKEN' } });
  const byPassword = reached({ basicAuth: { username: 'week', passwordEnv: 'HUBSHIFT_TEST_TOKEN' } });
  for (const target of [byToken, byPassword])
    for (said of ['invalid token hunter2-edge', 'no IT', JSON.stringify({ status: 'error', error: 'no hunter2-edge' })])
      for (const asks of [
        () => bodyOf(target),
        () => probed(target, {}, () => false),
        () => instantQuery(target, 'up'),
        () => lookAt(shownBy(target), 1_000),
      ]) {
        const told = await asks().then(
          (found) => JSON.stringify(found),
          (error: Error) => error.message,
        );
        expect(told).toContain('answered 503');
        expect(told).not.toMatch(/hunter2|aHVudGVyMi1lZGdl|d2VlazpodW50ZXIy/);
      }
});

it.each([
  [
    'No required SSL certificate was sent',
    ' (it wants a certificate of who asks: tlsConfig.certFile and keyFile in the plan)',
  ],
  ['The SSL certificate error', ' (it wants a certificate of who asks: tlsConfig.certFile and keyFile in the plan)'],
  ['Request Header Or Cookie Too Large', ''],
])('a server of nginx that answers 400 with "%s" refuses by it: "%s"', (said, why) => {
  const answer = { status: 400, text: `<html>\r\n<head><title>400 ${said}</title></head>\r\n` };
  expect(whyRefused('https://pc2:9100/health', answer)).toBe(why);
  expect(whyRefused('http://pc2:9100/health', answer)).toBe('');
  expect(whyRefused('https://pc2:9100/health', { ...answer, status: 500 })).toBe('');
  const credentials = { tlsConfig: { certFile: '/week.pem', keyFile: '/week.key' } };
  expect(whyRefused({ url: 'https://pc2:9100/health', credentials }, answer)).toBe(
    why && ' (it refuses the certificate of the plan: /week.pem)',
  );
});

it('who is sent on to a page for people, such as a login, has not seen the target', async () => {
  const { url } = await serve((ask, response) => {
    const [path] = ask.url!.split('?');
    if (path === '/health') response.writeHead(302, { location: '/login?next=%2Fhealth&state=hunter2' }).end();
    else if (path === '/broken') response.writeHead(302, { location: '/sorry' }).end();
    else if (path === '/sorry') response.writeHead(503).end('<html>Come back later</html>');
    else if (path === '/moved') response.writeHead(301, { location: '/ready' }).end();
    else if (path === '/login')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<form>Who are you?</form>');
    else response.end('ready');
  });
  const found = await probe(url, 1_000);
  expect(found).toMatchObject({
    ok: false,
    unknown: true,
    error: expect.stringMatching(/\/health redirects to an HTML page \(a login\?\) at http:\S+:\d+\/login: where/),
  });
  expect(found.error).not.toContain('hunter2');
  await expect(bodyOf(url)).rejects.toMatchObject({ name: 'NotSeen' });
  const broken = await probe(new URL('/broken', url).href, 1_000);
  expect(broken).toMatchObject({ ok: false, status: 503 });
  expect(broken).not.toHaveProperty('unknown');
  // A page that was asked for is what was meant, and what has moved was found.
  for (const path of ['/login', '/moved'])
    expect(await probe(new URL(path, url).href, 1_000)).toMatchObject({ ok: true });
});

it('a hub that is below a path is told from one that is not there', async () => {
  const { target } = await asked({}, 404);
  await expect(instantQuery(target, 'up')).rejects.toThrow(
    /answered 404: no \(no Prometheus answers there: is it below a path/,
  );
});

it('https of a server that does not speak it is told', async () => {
  const { target } = await asked({});
  const found = await probe(urlOf(target).replace('http:', 'https:'), 1_000);
  expect(found.error).toMatch(/; does it speak https\?$/);
});

function urlOf(target: string | { url: string }): string {
  return typeof target === 'string' ? target : target.url;
}

it.each<[string, { code?: string; message?: string }, boolean]>([
  ['expired', { code: 'CERT_HAS_EXPIRED' }, true],
  ['of an unknown authority', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, true],
  ['of its own', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, true],
  ['of another name', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, true],
  ['wanted of who asks', { message: 'SSL routines:ssl3_read_bytes:tlsv13 alert certificate required' }, true],
  ['of who asks, of an unknown authority', { message: 'ssl3_read_bytes:tlsv1 alert unknown ca' }, true],
  ['no matter', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9100' }, false],
  ['no matter of a server that fails', { message: 'ssl3_read_bytes:tlsv1 alert internal error' }, false],
  ['no matter of another protocol', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, false],
  ['no matter of a connection that was closed', { code: 'ECONNRESET' }, false],
])('a certificate that is %s is told from a target that is down', (_what, cause, is) => {
  expect(isByCertificate(cause)).toBe(is);
});
