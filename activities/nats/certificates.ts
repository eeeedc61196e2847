// Whether servers and their clients will believe a server's certificate: it is shown to itself, as a route does it, both ways.
import type { NatsAsk } from '../../plan/machine-api/access.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { authorityIn, certificateIn, isNamed, shownTo, soonOver } from '../http/certificates.ts';
import { contentOf } from '../http/reach.ts';
import { untrusted } from '../http/refused.ts';

const handshakeMs = 5_000;

type Ask = NatsAsk['certificates'][number];

export async function lookAtCertificates(host: Host, { machine, others, ...files }: Ask) {
  const signal = within(handshakeMs);
  const read = (key: 'caFile' | 'certFile' | 'keyFile') =>
    contentOf(`messaging.tls.${key}`, host.path(files[key]), signal);
  const [ca, cert, key] = await Promise.all([read('caFile'), read('certFile'), read('keyFile')]);
  const shown = certificateIn(cert, `messaging.tls.certFile ${files.certFile}`);
  const signer = authorityIn(ca, `messaging.tls.caFile ${files.caFile}`);
  if (key.trim() === '') throw new Error(`messaging.tls.keyFile ${files.keyFile} is empty`);
  if (!isNamed(shown, machine))
    throw new Error(
      `messaging.tls.certFile ${files.certFile} names ${shown.subjectAltName ?? 'nobody'}, and clients and servers look for ${machine}: sign one for DNS:${machine}`,
    );
  const both = { ca, cert, key };
  await shownTo(both, both, signal).catch((error: Error & { code?: string }) => {
    throw new Error(`the certificate of messaging.tls.certFile ${files.certFile} is of no use: ${whyOf(error)}`);
  });
  const [missing] = others.filter((other) => !isNamed(shown, other));
  const detail = `signed by caFile, and names ${machine}`;
  const ends =
    soonOver(shown, `${files.certFile} on ${host.machine}`) ?? soonOver(signer, `${files.caFile} on ${host.machine}`);
  if (ends) return { detail, warning: ends };
  if (missing)
    return {
      detail,
      warning: `${files.certFile} on ${host.machine} does not name ${missing}: a client that began there and goes over to ${machine} may look for that name`,
    };
  return detail;
}

/** OpenSSL's words have nothing of a key. */
function whyOf({ code = '', message }: Error & { code?: string }): string {
  if (untrusted.has(code)) return `messaging.tls.caFile does not contain the CA that signed it (${code})`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `its time is over, or not yet there (${code})`;
  if (code === 'INVALID_PURPOSE')
    return 'it is not made for this: extendedKeyUsage must have both serverAuth and clientAuth, or not be there, since routes show it too';
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'messaging.tls.keyFile is the key of another';
  return message;
}
