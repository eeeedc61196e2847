// Certificates of the lab: an authority, and what it has signed. Keys are of elliptic curves, made by openssl.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { labDirectory } from './state.ts';

export interface Signed {
  cert: string;
  key: string;
}

/** Who can read what is in it can sign. */
export const authorityDirectory = join(labDirectory, 'ca');
/** Longer than any lab lives. */
const days = '30';
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes what is missing in a directory of its own, which only root may enter: who has its key can sign. */
export async function authorityIn(directory: string): Promise<Signed> {
  const authority = { cert: join(directory, 'ca.pem'), key: join(directory, 'ca.key') };
  if (existsSync(authority.cert)) return authority;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await request(authority, 'hubshift lab', [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
  return authority;
}

/** For a server at these names and addresses, which may show it to other servers too. */
export async function sign(
  authority: Signed,
  into: Signed,
  { names, addresses }: { names: string[]; addresses: string[] },
): Promise<void> {
  const at = [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
  await request(
    into,
    names[0]!,
    [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'extendedKeyUsage=serverAuth,clientAuth',
      `subjectAltName=${at.join(',')}`,
    ],
    ['-CA', authority.cert, '-CAkey', authority.key],
  );
}

async function request({ cert, key }: Signed, name: string, extensions: string[], by: string[] = []): Promise<void> {
  const output = ['-days', days, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  await execa('openssl', ['req', '-x509', ...newKey, ...by, ...output, ...added], { timeout: 30_000 });
}
