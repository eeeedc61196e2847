// Whether servers and their clients will believe a server's certificate: it is shown to itself, as a route does it, both ways.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, isIP } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { NatsAsk } from '../../plan/machine-api/access.ts';
import { humanDuration } from '../../plan/schema/duration.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { contentOf } from '../http/reach.ts';
import { untrusted } from '../http/refused.ts';

const handshakeMs = 5_000;
/** As long as a week and the wait at its gate may take. */
const lastsMs = 14 * 24 * 60 * 60_000;

type Ask = NatsAsk['certificates'][number];

interface Pem {
  ca: string;
  cert: string;
  key: string;
}

export async function lookAtCertificates(host: Host, { machine, others, ...files }: Ask) {
  const signal = within(handshakeMs);
  const read = (key: 'caFile' | 'certFile' | 'keyFile') =>
    contentOf(`messaging.tls.${key}`, host.path(files[key]), signal);
  const [ca, cert, key] = await Promise.all([read('caFile'), read('certFile'), read('keyFile')]);
  const shown = parsed(cert, `messaging.tls.certFile ${files.certFile}`);
  parsed(ca, `messaging.tls.caFile ${files.caFile}`);
  // Whoever is written in Go looks at no other name of it.
  const names = (name: string) =>
    (isIP(name) ? shown.checkIP(name) : shown.checkHost(name, { subject: 'never' })) !== undefined;
  if (!names(machine))
    throw new Error(
      `messaging.tls.certFile ${files.certFile} names ${shown.subjectAltName ?? 'nobody'}, and clients and servers look for ${machine}: sign one for DNS:${machine}`,
    );
  await shownToItself({ ca, cert, key }, signal).catch((error: Error & { code?: string }) => {
    throw new Error(`the certificate of messaging.tls.certFile ${files.certFile} is of no use: ${whyOf(error)}`);
  });
  const [missing] = others.filter((other) => !names(other));
  const leftMs = Date.parse(shown.validTo) - Date.now();
  const detail = `signed by caFile, and names ${machine}`;
  if (leftMs < lastsMs)
    return {
      detail,
      warning: `${files.certFile} on ${host.machine} ends in ${humanDuration(leftMs - (leftMs % 60_000))}, on ${shown.validTo}: the week may not be over by then`,
    };
  if (missing)
    return {
      detail,
      warning: `${files.certFile} on ${host.machine} does not name ${missing}: a client that began there and goes over to ${machine} may look for that name`,
    };
  return detail;
}

function parsed(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error(`${what} is no certificate in PEM`, { cause: error });
  }
}

/** On loopback, for a moment. Throws what whichever end does not believe of the other. */
async function shownToItself(pem: Pem, signal: AbortSignal): Promise<void> {
  const server = createServer({ ...pem, requestCert: true, rejectUnauthorized: false });
  const sockets: TLSSocket[] = [];
  const ends = (socket: TLSSocket) => void sockets.push(socket.on('error', () => undefined));
  server.on('secureConnection', ends);
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening', { signal });
    const { port } = server.address() as AddressInfo;
    const client = connect({ ...pem, port, host: '127.0.0.1', checkServerIdentity: () => undefined });
    ends(client);
    const [[seen]] = (await Promise.all([
      once(server, 'secureConnection', { signal }),
      once(client, 'secureConnect', { signal }),
    ])) as [[TLSSocket], unknown];
    const code = seen.authorizationError as unknown as string | null;
    if (code) throw Object.assign(new Error(code), { code });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** OpenSSL's words have nothing of a key. */
function whyOf({ code = '', message }: Error & { code?: string }): string {
  if (untrusted.has(code)) return `messaging.tls.caFile has not who signed it (${code})`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `its time is over, or not yet there (${code})`;
  if (code === 'INVALID_PURPOSE')
    return 'it is not made for this: extendedKeyUsage must have both serverAuth and clientAuth, or not be there, since routes show it too';
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'messaging.tls.keyFile is the key of another';
  return message;
}
