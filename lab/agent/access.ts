// With what the agent asks a hub that wants it: a login, a certificate, an authority. Read at each request.
import { readFile } from 'node:fs/promises';

export const accessKeys = [
  'ca_file',
  'cert_file',
  'key_file',
  'server_name',
  'username',
  'password_file',
  'credentials_file',
] as const;

/** As `hub_access` has it of one hub. */
export type Access = { [K in (typeof accessKeys)[number]]?: string };

/** Throws when a file can't be read. */
export async function loginOf(access: Access): Promise<Record<string, string>> {
  const { username, password_file: password, credentials_file: token } = access;
  if (token) return { authorization: `Bearer ${await secret(token)}` };
  if (!username || !password) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${await secret(password)}`).toString('base64')}` };
}

async function secret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

/** Asks by a connection with these certificates. Node's own fetch comes first: what is loaded first serves it as well. */
export async function withTls<T>(access: Access, ask: (by: typeof fetch) => Promise<T>): Promise<T> {
  const { ca_file: ca, cert_file: cert, key_file: key, server_name: servername } = access;
  if (!ca && !cert && !servername) return ask(fetch);
  new Headers();
  const { Agent, fetch: asked } = await import('undici');
  const connect = {
    ...(ca && { ca: await readFile(ca) }),
    ...(cert && key && { cert: await readFile(cert), key: await readFile(key) }),
    ...(servername && { servername }),
  };
  const dispatcher = new Agent({ connect });
  const by = (url: string, init: object) => asked(url, { ...init, dispatcher });
  try {
    return await ask(by as unknown as typeof fetch);
  } finally {
    await dispatcher.destroy();
  }
}
