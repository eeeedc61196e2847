// The certificates of a web configuration: its container can begin with them, and who asks as the plan says takes them.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { WebTls } from '../../plan/tasks/shared/web-file.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { authorityIn, certificateIn, isNamed, shownTo, soonOver } from '../http/certificates.ts';
import { contentOf } from '../http/reach.ts';
import { untrusted } from '../http/refused.ts';
import { mayBeRead, type WebAsk, type Wrong } from './web-reader.ts';

const handshakeMs = 5_000;

/** What is in a file of it, or in the place of one. */
interface Part {
  name: string;
  pem: string;
}

/** Throws what keeps them from being used; gives what people should know of them, if anything. */
export async function webCertificates(host: Host, ask: WebAsk, tls: WebTls, wrong: Wrong): Promise<string | undefined> {
  const part = async (file: string | null | undefined, text: string | null | undefined, name: string) =>
    file ? { name: file, pem: await contentBeside(host, ask, file, wrong) } : text ? { name, pem: text } : undefined;
  const cert = (await part(tls.cert_file, tls.cert, 'cert'))!;
  const key = (await part(tls.key_file, tls.key, 'key'))!;
  const clients = await part(tls.client_ca_file, tls.client_ca, 'client_ca');
  const own = usable(() => certificateIn(cert.pem, cert.name), wrong);
  const signer = clients && usable(() => authorityIn(clients.pem, clients.name), wrong);
  if (!own.checkPrivateKey(usable(() => keyIn(key), wrong)))
    throw wrong(`names ${key.name}, which is not the key of ${cert.name}`);
  if (!isNamed(own, ask.name))
    throw wrong(
      `names ${cert.name}, which is for ${own.subjectAltName ?? 'nobody'}, and the plan asks ${ask.container} as ${ask.name}: sign one for that name, or say its own as tlsConfig.serverName`,
    );
  await takenBy(host, ask, [cert, key], tls.client_auth_type?.includes('Verify') ? clients : undefined, wrong);
  const at = (name: string) => `${name} of ${ask.path} on ${host.machine}`;
  return soonOver(own, at(cert.name)) ?? (signer && soonOver(signer, at(clients.name)));
}

async function contentBeside(host: Host, ask: WebAsk, file: string, wrong: Wrong): Promise<string> {
  const at = isAbsolute(file) ? file : join(dirname(ask.path), file);
  if (!at.startsWith(`${dirname(ask.path)}/`))
    throw wrong(`names ${file}, which ${ask.container} does not see: put it beside it, or below its directory`);
  await mayBeRead(host, at, ask);
  return readFile(host.path(at), 'utf8');
}

function keyIn({ name, pem }: Part): KeyObject {
  if (pem.trim() === '') throw new Error(`${name} is empty`);
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // OpenSSL's word, which has nothing of the file.
    throw new Error(`${name} is no key in PEM without a passphrase (${(error as Error).message})`, { cause: error });
  }
}

function usable<T>(take: () => T, wrong: Wrong): T {
  try {
    return take();
  } catch (error) {
    throw wrong(`can't be used: ${(error as Error).message}`);
  }
}

/** As the plan has this machine ask: whom it believes, and with what it comes where that is looked at. */
async function takenBy(
  host: Host,
  { container, tlsConfig: { caFile, certFile, keyFile } = {} }: WebAsk,
  [{ name, pem: cert }, { pem: key }]: [Part, Part],
  clients: Part | undefined,
  wrong: Wrong,
): Promise<void> {
  const signal = within(handshakeMs);
  const read = (what: string, file: string | undefined) =>
    contentOf(`tlsConfig.${what}`, file && host.path(file), signal);
  const [ca, theirs, its] = [
    await read('caFile', caFile),
    await read('certFile', certFile),
    await read('keyFile', keyFile),
  ];
  await shownTo({ cert, key }, { ca }, signal).catch((error: Error & { code?: string }) => {
    const signers = caFile
      ? `tlsConfig.caFile of ${container} does not contain the CA that signed it`
      : `the plan has no tlsConfig.caFile of ${container}, and this machine knows nobody who signed it`;
    throw wrong(`names ${name}, which is refused as the plan asks: ${whyOf(error, signers)}`);
  });
  if (!clients || !theirs) return;
  const comes = { ca, cert: theirs, key: its };
  await shownTo({ cert, key, ca: clients.pem }, comes, signal).catch((error: Error & { code?: string }) => {
    const signers = `${clients.name} does not contain the CA that signed it`;
    throw wrong(`refuses tlsConfig.certFile of ${container}: ${whyOf(error, signers)}`);
  });
}

function whyOf({ code = '', message }: Error & { code?: string }, signers: string): string {
  if (untrusted.has(code)) return `${signers} (${code})`;
  return code === 'INVALID_PURPOSE' ? `its extendedKeyUsage is another (${code})` : message;
}
