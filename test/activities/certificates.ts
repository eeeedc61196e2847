// A certificate authority for tests, and what it signs: files in a directory that is gone afterwards.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Authority {
  directory: string;
  caFile: string;
  /** A certificate and its key, for servers by this name and for clients; or with another extension, and for so many days. */
  sign(name: string, extension?: string, days?: number): Promise<{ certFile: string; keyFile: string }>;
  remove(): Promise<void>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export async function authority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-ca-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execa('openssl', args, { timeout: 20_000 });
  const self = ['req', '-x509', ...newKey, '-days', '30', '-subj', '/CN=lab'];
  await openssl(...self, '-keyout', file('ca.key'), '-out', file('ca.pem'));
  return {
    directory,
    caFile: file('ca.pem'),
    async sign(name, extension = `subjectAltName=DNS:${name}`, days = 20) {
      const [certFile, keyFile] = [file(`${name}.pem`), file(`${name}.key`)];
      await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', file(`${name}.csr`));
      await writeFile(file(`${name}.ext`), `${extension}\n`);
      const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', String(days)];
      const asked = ['-in', file(`${name}.csr`), '-extfile', file(`${name}.ext`)];
      await openssl('x509', '-req', ...asked, ...signing, '-out', certFile);
      return { certFile, keyFile };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
