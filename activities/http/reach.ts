// How a target is asked from this host. What its server wants of who asks is read at each request; nothing of it is kept but authorities, which are no secret.
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Credentials } from '../../plan/schema/access.ts';
import { certificateIn, trustIn } from './certificates.ts';
import { undici } from './undici.ts';

/** A target of the plan, its files as paths of this host. */
export interface Reach {
  url: string;
  credentials: Credentials;
}

/** What a request gets beside its URL. */
interface Login {
  headers: Record<string, string>;
  /** Of it, what no text may have. */
  secrets: string[];
  /** By a connection of its own. */
  by?: typeof fetch;
  close?(): Promise<void>;
}

/** Throws what is missing, with the key of the plan that names it; nothing of a secret. */
export async function loginOf(target: string | Reach, signal: AbortSignal): Promise<Login> {
  if (typeof target === 'string') return { headers: {}, secrets: [] };
  const { tlsConfig, basicAuth, authorization } = target.credentials;
  const headers: Record<string, string> = {};
  const secrets: string[] = [];
  if (basicAuth) {
    const { username, passwordFile, passwordEnv } = basicAuth;
    const password = await secretOf({ passwordFile, passwordEnv }, signal);
    const both = Buffer.from(`${username}:${password}`).toString('base64');
    headers['authorization'] = `Basic ${both}`;
    secrets.push(password, both);
  }
  if (authorization) {
    const token = await secretOf({ ...authorization }, signal);
    headers['authorization'] = `Bearer ${token}`;
    secrets.push(token);
  }
  if (!tlsConfig) return { headers, secrets };
  const connect = await tlsOf(tlsConfig, signal);
  const { Agent, fetch: asked } = await undici();
  const dispatcher = new Agent({ connect });
  const by = (url: string, init: object) => asked(url, { ...init, dispatcher });
  return { headers, secrets, by: by as unknown as typeof fetch, close: () => dispatcher.destroy() };
}

/** As Node's TLS takes it. */
async function tlsOf(
  { caFile, certFile, keyFile, serverName }: NonNullable<Credentials['tlsConfig']>,
  signal: AbortSignal,
) {
  const [ca, cert, key] = await Promise.all([
    contentOf('caFile', caFile, signal),
    contentOf('certFile', certFile, signal),
    contentOf('keyFile', keyFile, signal),
  ]);
  // Node asks by the system's authorities where the file is empty, and passes over what is no certificate.
  const secureContext = ca === undefined ? undefined : trustIn(ca, `tlsConfig.caFile ${caFile}`);
  // A server that refuses it may say nothing.
  if (cert !== undefined) certificateIn(cert, `tlsConfig.certFile ${certFile}`);
  if (key?.trim() === '') throw new Error(`tlsConfig.keyFile ${keyFile} is empty`);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    // OpenSSL's word, which has nothing of the files.
    const why = `tlsConfig.keyFile ${keyFile} is not the key of certFile ${certFile}, in PEM and without a passphrase`;
    throw new Error(`${why} (${(error as Error).message})`, { cause: error });
  }
  const name = serverName && { servername: serverName };
  // A key is kept nowhere.
  if (!cert && !key) return { ...(secureContext && { secureContext }), ...name };
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...name };
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
