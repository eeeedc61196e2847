// With what a NATS server is connected to, and why it says no. What it wants of who connects is read at each connection, and kept nowhere.
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type ConnectionOptions, createInbox, ErrorCode, nkeyAuthenticator, usernamePasswordAuthenticator } from 'nats';
import { type NatsTarget, urlOf } from '../../plan/machine-api/target.ts';
import { natsFilesAt, type NatsCredentials } from '../../plan/schema/nats-access.ts';
import { weekInbox } from '../../plan/tasks/shared/nats.ts';
import type { Host } from '../context/host.ts';
import { contentOf, secretOf } from '../http/reach.ts';
import { isByCertificate, NotSeen, untrusted } from '../http/refused.ts';

/** The one server of the target. Throws NotSeen: what is missing, with the key of the plan that names it; nothing of a secret. */
export async function optionsFor(
  host: Pick<Host, 'path'>,
  target: NatsTarget,
  signal: AbortSignal,
): Promise<ConnectionOptions> {
  const servers = urlOf(target);
  if (typeof target === 'string') return { servers };
  const here = natsFilesAt(target, host.path);
  const options: ConnectionOptions = { servers, inboxPrefix: weekInbox, ignoreAuthErrorAbort: true };
  if (here.caFile) {
    await contentOf('messaging.tls.caFile', here.caFile, signal).catch((error: Error) => {
      throw new NotSeen(error.message, { cause: error });
    });
    options.tls = tlsBy(here.caFile, servers);
  }
  const authenticator = await authenticatorOf(here, signal);
  return authenticator ? { ...options, authenticator } : options;
}

/** The library reads the file at each connection. Left to itself it compares the name with nothing, where it does not look it up. */
function tlsBy(caFile: string, url: string): ConnectionOptions['tls'] {
  const name = new URL(url).hostname.replaceAll(/[[\]]/g, '');
  const options = {
    caFile,
    checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(name, cert),
  };
  return options;
}

const whose = 'messaging.users.week';

async function authenticatorOf({ nkey, basicAuth }: NatsCredentials, signal: AbortSignal) {
  if (nkey) {
    const { publicKey, ...named } = nkey;
    const seed = await latest(named, seedIn, signal);
    if (publicOf(seed()) !== publicKey)
      throw new NotSeen(`${whose}: ${nameOf(named)} has another seed than that of its nkey.publicKey, ${publicKey}`);
    return nkeyAuthenticator(() => new TextEncoder().encode(seed()));
  }
  if (basicAuth) {
    const { username, ...named } = basicAuth;
    return usernamePasswordAuthenticator(username, await latest(named, (text) => text, signal));
  }
  return undefined;
}

/** A connection that is lost is made again with what the file has then; where that can't be read, with what it had. */
async function latest(
  named: Record<string, string | undefined>,
  of: (text: string) => string,
  signal: AbortSignal,
): Promise<() => string> {
  let known = await secretOf(named, signal)
    .then(of)
    .catch((error: Error) => {
      throw new NotSeen(`${whose}: ${error.message}`, { cause: error });
    });
  const file = Object.entries(named).find(([key, value]) => key.endsWith('File') && value !== undefined)?.[1];
  return () => {
    try {
      if (file) known = of(readFileSync(file, 'utf8').trim()) || known;
    } catch {
      // As it was.
    }
    return known;
  };
}

/** Of a file with nothing else in it, or with lines around it. */
export function seedIn(text: string): string {
  const seed = /\bSU[A-Z2-7]{56}\b/.exec(text)?.[0];
  if (!seed) throw new Error('there is no seed of a user, which begins with SU');
  return seed;
}

/** Throws for what is no seed; its message has nothing of it. */
export function publicOf(text: string): string {
  const found = nkeyAuthenticator(new TextEncoder().encode(seedIn(text)))() as { nkey?: string } | undefined;
  return found?.nkey ?? '';
}

/** Of this connection's own, as the library makes them. */
export function inboxFor(target: NatsTarget): string {
  return createInbox(typeof target === 'string' ? undefined : weekInbox);
}

/** As it was, where it is no matter of logins and certificates. */
export function whyRefused(target: NatsTarget, error: Error): Error {
  const advice = adviceOn(target, error as { code?: string });
  return advice === '' && !isByCertificate(error) ? error : new NotSeen(`${error.message}${advice}`, { cause: error });
}

/** What to do about it; empty where nothing is known. */
function adviceOn(target: NatsTarget, { code = '' }: { code?: string }): string {
  const { caFile, nkey, basicAuth } = typeof target === 'string' ? ({} as NatsCredentials) : target;
  if (code === ErrorCode.AuthorizationViolation) {
    if (nkey)
      return `; it does not know the nkey of ${whose}, ${nkey.publicKey}: is its configuration that of this plan?`;
    if (basicAuth)
      return `; it refuses the login of ${whose}: ${nameOf(basicAuth)} must be the password whose hash secretsFile has as week_password`;
    return `; it wants a login: ${whose} in the plan`;
  }
  if (untrusted.has(code))
    return caFile
      ? '; messaging.tls.caFile names who signed its certificate'
      : '; it speaks TLS: messaging.tls in the plan';
  if (code === 'CERT_HAS_EXPIRED') return '; its server wants a new one (messaging.tls.certFile)';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; its certificate (messaging.tls.certFile) must have this name';
  if (code === ErrorCode.ServerOptionNotAvailable) return '; it speaks no TLS, and the plan has messaging.tls';
  return '';
}

function nameOf(named: Record<string, string | undefined>): string {
  return Object.entries(named)
    .filter(([key, value]) => /(File|Env)$/.test(key) && value !== undefined)
    .map(([key, value]) => `${key} ${value}`)
    .join('');
}
