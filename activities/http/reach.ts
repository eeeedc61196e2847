// How a target is asked from this host. What its server wants of who asks is read at each request, and kept nowhere.
import { readFile } from 'node:fs/promises';
import { urlOf } from '../../plan/machine-api/target.ts';
import type { Credentials } from '../../plan/schema/access.ts';
import { undici } from './undici.ts';

/** A target of the plan, its files as paths of this host. */
export interface Reach {
  url: string;
  credentials: Credentials;
}

/** What a request gets beside its URL. */
interface Login {
  headers: Record<string, string>;
  /** By a connection of its own. */
  by?: typeof fetch;
  close?(): Promise<void>;
}

/** Throws what is missing, with the key of the plan that names it; nothing of a secret. */
export async function loginOf(target: string | Reach, signal: AbortSignal): Promise<Login> {
  if (typeof target === 'string') return { headers: {} };
  const { tlsConfig, basicAuth, authorization } = target.credentials;
  const headers: Record<string, string> = {};
  if (basicAuth) {
    const { username, passwordFile, passwordEnv } = basicAuth;
    const password = await secretOf({ passwordFile, passwordEnv }, signal);
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  if (authorization) headers['authorization'] = `Bearer ${await secretOf({ ...authorization }, signal)}`;
  if (!tlsConfig) return { headers };
  const { Agent, fetch: asked } = await undici();
  const dispatcher = new Agent({ connect: await tlsOf(tlsConfig, signal) });
  const by = (url: string, init: object) => asked(url, { ...init, dispatcher });
  return { headers, by: by as unknown as typeof fetch, close: () => dispatcher.destroy() };
}

/** As Node's TLS takes it. */
export async function tlsOf(
  { caFile, certFile, keyFile, serverName }: NonNullable<Credentials['tlsConfig']>,
  signal: AbortSignal,
) {
  const [ca, cert, key] = await Promise.all([
    contentOf('caFile', caFile, signal),
    contentOf('certFile', certFile, signal),
    contentOf('keyFile', keyFile, signal),
  ]);
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(serverName && { servername: serverName }),
  };
}

/** A word of its own: a header takes no other, and an error of it would show it. */
const word = /^[\u0021-\u007e]+$/;

/** Of a file or a variable, the one that is named. As Prometheus does, without what is around it. */
export async function secretOf(named: Record<string, string | undefined>, signal: AbortSignal): Promise<string> {
  const [key, where] = Object.entries(named).find(([, value]) => value !== undefined) as [string, string];
  const isFile = key.endsWith('File');
  const found = (isFile ? await contentOf(key, where, signal) : process.env[where])?.trim();
  if (!found)
    throw new Error(
      isFile
        ? `${key} ${where} is empty`
        : `${key} names ${where}, which is not in the environment of this worker: set it, and start it again`,
    );
  if (key.startsWith('credentials') && !word.test(found))
    throw new Error(`${key} ${where} has not one word of ASCII, as a token is`);
  return found;
}

export async function contentOf(key: string, path: string, signal: AbortSignal): Promise<string>;
export async function contentOf(
  key: string,
  path: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined>;
export async function contentOf(
  key: string,
  path: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, { encoding: 'utf8', signal }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${key} ${path} ${error.code === 'ENOENT' ? 'is not on this machine' : `can't be read by uid ${process.getuid?.() ?? '?'} (${error.code ?? error.message})`}`,
      { cause: error },
    );
  });
}

/** Codes of certificates that nobody known has signed. */
export const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

/** What to do about a connection that failed; empty where nothing is known. */
export function adviceOn(target: string | Reach, cause: { code?: string; message?: string } | undefined): string {
  const { code = '', message = '' } = cause ?? {};
  if (untrusted.has(code)) return '; tlsConfig.caFile names who signed its certificate';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; tlsConfig.serverName says another name';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return '; does it speak https?';
  const certified = typeof target !== 'string' && target.credentials.tlsConfig?.certFile !== undefined;
  // By TLS 1.3 who asks is told nothing more: the server closes what had begun well.
  if (/\balert\b/.test(message) || (closed.has(code) && urlOf(target).startsWith('https:') && !certified))
    return certified
      ? '; does it take the certificate of tlsConfig.certFile?'
      : '; does it want a certificate of who asks (tlsConfig.certFile and keyFile)?';
  return '';
}

const closed = new Set(['UND_ERR_SOCKET', 'ECONNRESET']);

/** Why it answers so, where it wants to know who asks. 403 without a login is no matter of one: a hub whose lifecycle API is off says so. */
export function whyRefused(target: string | Reach, status: number): string {
  if (status !== 401 && status !== 403) return '';
  const { basicAuth, authorization } = typeof target === 'string' ? {} : target.credentials;
  if (basicAuth || authorization) return ` (it refuses the ${basicAuth ? 'basicAuth' : 'authorization'} of the plan)`;
  return status === 401 ? ' (it wants a login: basicAuth or authorization in the plan)' : '';
}
