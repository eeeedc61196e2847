// Whether a web configuration is what the plan takes it for, and one that its container can begin with. Tells nothing of a secret.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import type { AccessAsk } from '../../plan/machine-api/access.ts';
import type { Host } from '../context/host.ts';
import { barred, readerBy, whatBars } from './readers.ts';

interface WebConfig {
  tls_server_config?: { cert_file?: string; key_file?: string; client_ca_file?: string; client_auth_type?: string };
  basic_auth_users?: Record<string, unknown>;
}

type Ask = AccessAsk['web'][number];

export async function webConfig(host: Host, ask: Ask): Promise<string> {
  const { path, container, user } = ask;
  const wrong = (why: string) => new Error(`${path} on ${host.machine} ${why}`);
  await mayBeRead(host, path, ask);
  const config = read(await readFile(host.path(path), 'utf8'), path);
  const { tls_server_config: tls } = config;
  const users = usersOf(config, wrong);
  contradicts(ask, tls, users, wrong);
  if (tls) await certificates(host, ask, tls, wrong);
  return `${tls ? 'TLS' : 'no TLS'}, ${users.length} users, and ${user} may read it: ${container} can begin with it`;
}

/** By the container's user, who sees its directory alone, and links of it only as far as they stay there. */
async function mayBeRead(host: Host, file: string, { path, container, user }: Ask): Promise<void> {
  const directory = host.path(dirname(path));
  const missing = (error: NodeJS.ErrnoException) =>
    new Error(`${file} is not on ${host.machine} (${error.code ?? error.message}), and ${container} reads it`, {
      cause: error,
    });
  const [top, real] = await Promise.all([realpath(directory), realpath(host.path(file))]).catch(
    (error: NodeJS.ErrnoException) => Promise.reject(missing(error)),
  );
  if (!real.startsWith(`${top}/`))
    throw new Error(
      `${file} on ${host.machine} is a link to ${host.planned(real)}, which ${container} does not see: of all that only ${dirname(path)} is mounted. Put the file itself there`,
    );
  const reader = readerBy(user);
  const bar = await whatBars(real, reader, top);
  if (bar) throw barred(host, bar, reader, container);
}

/** What bcrypt makes, as a Prometheus takes it. */
const hash = /^\$2[a-z]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** Their names. Not which of them is wrong: what is no name by a slip may be a password. */
function usersOf({ basic_auth_users: users }: WebConfig, wrong: (why: string) => Error): string[] {
  if (users !== undefined && (users === null || typeof users !== 'object' || Array.isArray(users)))
    throw wrong('has basic_auth_users that are no users with their hashes: NAME: HASH, one on each line');
  const hashes = Object.values(users ?? {});
  const others = hashes.filter((value) => typeof value !== 'string' || !hash.test(value)).length;
  if (others > 0)
    throw wrong(
      `has ${others} of ${hashes.length} users without a bcrypt hash, with which nothing begins: "htpasswd -nBC 12 NAME" prints one for a password`,
    );
  return Object.keys(users ?? {});
}

function contradicts(
  { container, scheme, username, certificate }: Ask,
  tls: WebConfig['tls_server_config'],
  users: string[],
  wrong: (why: string) => Error,
): void {
  if (tls && scheme === 'http')
    throw wrong(`has a tls_server_config, and the plan asks ${container} by http: scheme: https`);
  if (!tls && scheme === 'https') throw wrong(`has no tls_server_config, and the plan asks ${container} by https`);
  if (username !== null && !users.includes(username))
    throw wrong(`knows no user ${username} (basicAuth of ${container}), but ${users.length} others`);
  if (username === null && users.length > 0)
    throw wrong(`wants a login, and the plan has no basicAuth of ${container}`);
  if (tls?.client_auth_type?.startsWith('Require') && !certificate)
    throw wrong(`wants a certificate of who asks, and the plan has no tlsConfig.certFile of ${container}`);
}

async function certificates(
  host: Host,
  ask: Ask,
  tls: NonNullable<WebConfig['tls_server_config']>,
  wrong: (why: string) => Error,
): Promise<void> {
  const contentOf = async (file: string | undefined): Promise<string | undefined> => {
    if (!file) return undefined;
    const at = isAbsolute(file) ? file : join(dirname(ask.path), file);
    if (!at.startsWith(`${dirname(ask.path)}/`))
      throw wrong(`names ${file}, which ${ask.container} does not see: put it beside it, or below its directory`);
    await mayBeRead(host, at, ask);
    return readFile(host.path(at), 'utf8');
  };
  const { cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile } = tls;
  const [cert, key, clientCa] = [await contentOf(certFile), await contentOf(keyFile), await contentOf(clientCaFile)];
  const own = cert === undefined ? undefined : pem(() => new X509Certificate(cert), `${certFile} is no certificate`);
  const its: KeyObject | undefined =
    key === undefined ? undefined : pem(() => createPrivateKey(key), `${keyFile} is no key`);
  if (clientCa !== undefined) pem(() => new X509Certificate(clientCa), `${clientCaFile} is no certificate`);
  if (own && its && !own.checkPrivateKey(its)) throw wrong(`names ${keyFile}, which is not the key of ${certFile}`);
  if (own && Date.parse(own.validTo) < Date.now())
    throw wrong(`names ${certFile}, which is valid until ${own.validTo}: whoever asks refuses it`);

  function pem<T>(take: () => T, otherwise: string): T {
    try {
      return take();
    } catch (error) {
      // OpenSSL's word, which has nothing of the file.
      throw wrong(
        `names what can't be used: ${otherwise} (${(error as Error).message}); PEM is wanted, without a passphrase`,
      );
    }
  }
}

function read(text: string, path: string): WebConfig {
  try {
    return (parse(text, { prettyErrors: false }) ?? {}) as WebConfig;
  } catch {
    // Its message may have a line of the file.
    throw new Error(`${path} is no YAML`);
  }
}
