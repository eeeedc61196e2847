// Whether logins, certificates and web configurations are where the plan says: tried as requests and containers will. Tells nothing of a secret.
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { parse } from 'yaml';
import type { AccessAsk } from '../../plan/machine-api/access.ts';
import { withFiles } from '../../plan/schema/access.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { adviceOn, loginOf, type Reach, whyRefused, tlsOf } from '../http/reach.ts';
import { request, rootOf } from '../http/request.ts';
import { looksAtNats } from '../nats/looks.ts';
import type { Look } from './look.ts';

const readMs = 5_000;

export function looksAtAccess(host: Host, { logins, mounted, seen, web, nats }: AccessAsk): Look[] {
  return [
    ...logins.map((one) => ({ what: `login at ${one.url}`, look: () => login(host, one) })),
    ...mounted.map(({ path, container, user }) => ({
      what: `file ${path} of ${container}`,
      look: async () => (await readableBy(host, path, container, user), `${user} may read it`),
    })),
    ...seen.flatMap(({ container, files }) =>
      files.map((path) => ({ what: `file ${path} in ${container}`, look: () => seenBy(host, path, container) })),
    ),
    ...web.map((one) => ({ what: `web configuration ${one.path}`, look: () => webConfig(host, one) })),
    ...(nats ? looksAtNats(host, nats) : []),
  ];
}

async function login(host: Host, { url, isThere, credentials }: AccessAsk['logins'][number]): Promise<string> {
  const here = withFiles(credentials, host.path);
  const signal = within(readMs);
  await loginOf({ url: '', credentials: here }, signal).then(({ close }) => close?.());
  if (here.tlsConfig) {
    try {
      const { ca, cert, key } = await tlsOf(here.tlsConfig, signal);
      // What is no certificate is passed over in silence where it is one to trust.
      for (const text of [ca, cert]) if (text) new X509Certificate(text);
      createSecureContext({ cert, key });
    } catch (error) {
      // OpenSSL's word, which has nothing of the files.
      throw new Error(
        `its certificates can't be used (${(error as Error).message}): PEM is wanted, and keyFile of certFile`,
        { cause: error },
      );
    }
  }
  if (isThere) await tried({ url, credentials: here });
  return 'its files and variables are there';
}

/** One that is down is no matter of logins: others look at it. */
async function tried(target: Reach): Promise<void> {
  const answer = await request(target, { timeoutMs: readMs }).catch((error: Error) => {
    if (adviceOn(target, rootOf(error)) !== '') throw error;
  });
  const refused = answer && whyRefused(target, answer.status);
  if (refused) throw new Error(`it answers ${answer.status}${refused}`);
}

async function readableBy(host: Host, path: string, container: string, user: string): Promise<void> {
  const found = await stat(host.path(path)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} is not on ${host.machine} (${error.code ?? error.message}), and ${container} reads it`, {
      cause: error,
    });
  });
  if (mayRead(found, user)) return;
  throw new Error(
    `${path} on ${host.machine} can't be read by ${user}, the user of ${container}: it belongs to ${found.uid}:${found.gid} with mode ${(found.mode & 0o777).toString(8)}. Give it to that user ("chown ${user} ${path}"), or to a group of it`,
  );
}

/** Of what its image brings along nobody knows here. */
async function seenBy(host: Host, path: string, container: string) {
  const found = await inspect(host, container);
  const mount = found?.Mounts.filter(({ Destination }) => `${path}/`.startsWith(`${Destination}/`)).toSorted(
    (a, b) => b.Destination.length - a.Destination.length,
  )[0];
  if (!mount)
    return {
      detail: 'not seen',
      warning: `${container} on ${host.machine} has nothing mounted at ${path}, which a scrape job of the week names: mount it there, or say in filesIn where it is`,
    };
  const source = `${mount.Source}${path.slice(mount.Destination.length)}`;
  await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${container} on ${host.machine} sees no ${path}, which a scrape job of the week names: put it to ${host.planned(source)} (${error.code ?? error.message})`,
      { cause: error },
    );
  });
  return `it is ${host.planned(source)}`;
}

/** By its mode; of a directory, whether what is in it can be reached. */
export function mayRead(
  found: { uid: number; gid: number; mode: number; isDirectory(): boolean },
  user: string,
): boolean {
  const [uid, gid] = user.split(':').map(Number);
  if (uid === 0) return true;
  const bit = found.isDirectory() ? 0o1 : 0o4;
  const place = found.uid === uid ? 6 : found.gid === gid ? 3 : 0;
  return (found.mode & (bit << place)) !== 0;
}

interface WebConfig {
  tls_server_config?: { cert_file?: string; key_file?: string; client_ca_file?: string; client_auth_type?: string };
  basic_auth_users?: Record<string, string>;
}

async function webConfig(host: Host, ask: AccessAsk['web'][number]): Promise<string> {
  const { path, container, user, scheme, username, certificate } = ask;
  await readableBy(host, dirname(path), container, user);
  await readableBy(host, path, container, user);
  const { tls_server_config: tls, basic_auth_users: users } = read(await readFile(host.path(path), 'utf8'), path);
  const wrong = (why: string) => new Error(`${path} on ${host.machine} ${why}`);
  if (users !== undefined && (users === null || typeof users !== 'object' || Array.isArray(users)))
    throw wrong('has basic_auth_users that are no users with their hashes: NAME: HASH, one on each line');
  if (tls && scheme === 'http')
    throw wrong(`has a tls_server_config, and the plan asks ${container} by http: scheme: https`);
  if (!tls && scheme === 'https') throw wrong(`has no tls_server_config, and the plan asks ${container} by https`);
  const names = Object.keys(users ?? {});
  if (username !== null && !names.includes(username))
    // Not which: what is no name by a slip may be a password.
    throw wrong(`knows no user ${username} (basicAuth of ${container}), but ${names.length} others`);
  if (username === null && names.length > 0)
    throw wrong(`wants a login, and the plan has no basicAuth of ${container}`);
  if (tls?.client_auth_type?.startsWith('Require') && !certificate)
    throw wrong(`wants a certificate of who asks, and the plan has no tlsConfig.certFile of ${container}`);
  for (const file of [tls?.cert_file, tls?.key_file, tls?.client_ca_file]) {
    if (!file) continue;
    const at = isAbsolute(file) ? file : join(dirname(path), file);
    if (!at.startsWith(`${dirname(path)}/`))
      throw wrong(`names ${file}, which ${container} does not see: put it beside it, or below its directory`);
    await readableBy(host, at, container, user);
  }
  return `${tls ? 'TLS' : 'no TLS'}, ${names.length} users, and ${user} may read it`;
}

function read(text: string, path: string): WebConfig {
  try {
    return (parse(text, { prettyErrors: false }) ?? {}) as WebConfig;
  } catch {
    // Its message may have a line of the file.
    throw new Error(`${path} is no YAML`);
  }
}
