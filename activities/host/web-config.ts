// Whether a web configuration is what the plan takes it for, and one that its container can begin with. Tells nothing of a secret.
import { readFile } from 'node:fs/promises';
import { readWebFile, type Web, type WebTls } from '../../plan/tasks/shared/web-file.ts';
import type { Host } from '../context/host.ts';
import type { Found } from './look.ts';
import { webCertificates } from './web-certificates.ts';
import { mayBeRead, type WebAsk, type Wrong } from './web-reader.ts';

export async function webConfig(host: Host, ask: WebAsk): Promise<Found> {
  const { path, container, user } = ask;
  const wrong: Wrong = (why) => new Error(`${path} on ${host.machine} ${why}`);
  await mayBeRead(host, path, ask);
  const web = read(await readFile(host.path(path), 'utf8'), wrong);
  const users = usersOf(web, wrong);
  contradicts(ask, web.tls, users, wrong);
  const warning = web.tls && (await webCertificates(host, ask, web.tls, wrong));
  const detail = `${web.tls ? 'TLS' : 'no TLS'}, ${users.length} users, and ${user} may read it: ${container} can begin with it`;
  return warning === undefined ? detail : { detail, warning };
}

function read(text: string, wrong: Wrong): Web {
  try {
    return readWebFile(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

/** What bcrypt makes, as a Prometheus takes it. */
const hash = /^\$2[a-z]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** Their names. Not which of them is wrong: what is no name by a slip may be a password. */
function usersOf({ users }: Web, wrong: Wrong): string[] {
  if (users !== undefined && (users === null || typeof users !== 'object' || Array.isArray(users)))
    throw wrong('has basic_auth_users that are no users with their hashes: NAME: HASH, one on each line');
  const hashes = Object.values(users ?? {});
  const others = hashes.filter((value) => typeof value !== 'string' || !hash.test(value)).length;
  if (others > 0)
    throw wrong(
      `has ${others} of ${hashes.length} users without a bcrypt hash, with which the server does not start: "htpasswd -nBC 12 NAME" prints one for a password`,
    );
  return Object.keys(users ?? {});
}

function contradicts(
  { container, scheme, username, tlsConfig }: WebAsk,
  tls: WebTls | undefined,
  users: string[],
  wrong: Wrong,
): void {
  if (tls && scheme === 'http')
    throw wrong(`has a tls_server_config, and the plan asks ${container} by http: scheme: https`);
  if (!tls && scheme === 'https') throw wrong(`has no tls_server_config, and the plan asks ${container} by https`);
  if (username !== null && !users.includes(username))
    throw wrong(`knows no user ${username} (basicAuth of ${container}), but ${users.length} others`);
  if (username === null && users.length > 0)
    throw wrong(`wants a login, and the plan has no basicAuth of ${container}`);
  if (tls?.client_auth_type?.startsWith('Require') && !tlsConfig?.certFile)
    throw wrong(`wants a certificate of who asks, and the plan has no tlsConfig.certFile of ${container}`);
}
