// Certificates that a plan names, whoever shows them: there, in PEM, of this time, and long enough.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, isIP } from 'node:net';
import { connect, createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { humanDuration } from '../../plan/schema/duration.ts';

/** As long as a week and the wait at its gate may take. */
const lastsMs = 14 * 24 * 60 * 60_000;

/** The first of a file, which is who shows it. Throws for one that nobody takes now; `what` is said in errors. */
export function certificateIn(pem: string, what: string): X509Certificate {
  const found = parsed(pem, what);
  const why = whyNotNow(found);
  if (why) throw new Error(`${what} ${why}`);
  return found;
}

/** Of the authorities in a file the one that lasts longest: which of them signs, the file does not say. */
export function authorityIn(pem: string, what: string): X509Certificate {
  const all = (pem.match(block) ?? [pem]).map((one) => parsed(one, what));
  const lastFirst = all.toSorted((one, other) => endOf(other) - endOf(one));
  const found = lastFirst.find((one) => whyNotNow(one) === undefined);
  if (!found) throw new Error(`${what} ${whyNotNow(lastFirst[0]!)}`);
  return found;
}

/** Of files by what they are called in errors: the text that was fine, until when, and how a connection has it. */
const fine = new Map<string, { pem: string; until: number; context: SecureContext }>();
const mostFiles = 16;

/** Asked at each request: a system's bundle takes tens of milliseconds, in which nothing else goes on, so that a text is looked at once. */
export function trustIn(pem: string, what: string): SecureContext {
  const known = fine.get(what);
  if (known?.pem === pem && Date.now() < known.until) return known.context;
  fine.delete(what);
  const until = endOf(authorityIn(pem, what));
  if (fine.size >= mostFiles) fine.delete(fine.keys().next().value!);
  const context = createSecureContext({ ca: pem });
  fine.set(what, { pem, until, context });
  return context;
}

/** What to say of one that may end within the week. */
export function soonOver(certificate: X509Certificate, what: string): string | undefined {
  const leftMs = endOf(certificate) - Date.now();
  return leftMs < lastsMs
    ? `${what} ends in ${humanDuration(leftMs - (leftMs % 60_000))}, on ${certificate.validTo}: the week may not be over by then`
    : undefined;
}

/** Whoever is written in Go looks at no other name of it. */
export function isNamed(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name, { subject: 'never' })) !== undefined;
}

const block = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]*-----END [A-Z0-9 ]*CERTIFICATE-----/g;

function parsed(pem: string, what: string): X509Certificate {
  if (pem.trim() === '') throw new Error(`${what} is empty`);
  try {
    return new X509Certificate(pem);
  } catch (error) {
    // OpenSSL's word, which has nothing of the file.
    throw new Error(`${what} is no certificate in PEM (${(error as Error).message})`, { cause: error });
  }
}

function whyNotNow({ validFrom, validTo }: X509Certificate): string | undefined {
  if (Date.parse(validTo) < Date.now()) return `is valid until ${validTo}, which is over`;
  return Date.parse(validFrom) > Date.now() ? `is valid from ${validFrom} on, by the clock of this machine` : undefined;
}

function endOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

interface Shown {
  cert?: string | undefined;
  key?: string | undefined;
  /** Whom it believes; without it, those whom Node does. */
  ca?: string | undefined;
}

/** On loopback, for a moment. Throws what whichever end does not believe of the other; a server that has `ca` looks at who comes. */
export async function shownTo(server: Shown, client: Shown, signal: AbortSignal): Promise<void> {
  const looks = server.ca !== undefined;
  const listener = createServer({ ...server, requestCert: looks, rejectUnauthorized: false });
  const sockets: TLSSocket[] = [];
  const ends = (socket: TLSSocket) => void sockets.push(socket.on('error', () => undefined));
  listener.on('secureConnection', ends);
  try {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening', { signal });
    const { port } = listener.address() as AddressInfo;
    const comes = connect({ ...client, port, host: '127.0.0.1', checkServerIdentity: () => undefined });
    ends(comes);
    const [[seen]] = (await Promise.all([
      once(listener, 'secureConnection', { signal }),
      once(comes, 'secureConnect', { signal }),
    ])) as [[TLSSocket], unknown];
    const code = looks ? (seen.authorizationError as unknown as string | null) : null;
    if (code) throw Object.assign(new Error(code), { code });
  } finally {
    for (const socket of sockets) socket.destroy();
    listener.close();
  }
}
