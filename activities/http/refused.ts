// Who asks may be refused, or lack what to ask with: that says nothing of whether its target is up, and something of what to mend.
import { urlOf } from '../../plan/machine-api/target.ts';
import type { Credentials } from '../../plan/schema/access.ts';
import type { Reach } from './reach.ts';

/** Nobody could see the target: by a login or a certificate, whosoever it is. */
export class NotSeen extends Error {
  override name = 'NotSeen';
}

/** What a server answered. */
interface Said {
  status: number;
  text: string;
}

/** A hub that takes no reload over HTTP, whoever asks. */
export function isLifecycleOff({ status, text }: Said): boolean {
  return status === 403 && /lifecycle api/i.test(text);
}

/** Why it answers so, where it wants to know who asks. 403 without a login is no matter of one. */
export function whyRefused(target: string | Reach, said: Said): string {
  const { status, text } = said;
  if (status === 400 && urlOf(target).startsWith('https:') && unproven.test(text)) return wantsCertificate(target);
  if ((status !== 401 && status !== 403) || isLifecycleOff(said)) return '';
  const { basicAuth, authorization, tlsConfig }: Credentials = typeof target === 'string' ? {} : target.credentials;
  if (basicAuth) return ` (it refuses the basicAuth of the plan: ${placeOf(basicAuth)})`;
  if (authorization) return ` (it refuses the authorization of the plan: ${placeOf(authorization)})`;
  if (status === 403 && tlsConfig?.certFile) return ` (it refuses the certificate of the plan: ${tlsConfig.certFile})`;
  return status === 401 ? ' (it wants a login: basicAuth or authorization in the plan)' : '';
}

/** nginx, and what is built on it, says so by 400. */
const unproven = /\b(?:No required SSL certificate was sent|The SSL certificate error)\b/i;

function wantsCertificate(target: string | Reach): string {
  const certFile = typeof target === 'string' ? undefined : target.credentials.tlsConfig?.certFile;
  return certFile
    ? ` (it refuses the certificate of the plan: ${certFile})`
    : ' (it wants a certificate of who asks: tlsConfig.certFile and keyFile in the plan)';
}

/** Where its secret is. */
function placeOf(login: Record<string, string>): string {
  return Object.entries(login)
    .filter(([key]) => /(File|Env)$/.test(key))
    .map(([key, place]) => `${key} ${place}`)
    .join();
}

interface Cause {
  code?: string | undefined;
  message?: string | undefined;
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

/** OpenSSL's words for certificates of the target that whoever asks does not take. */
const untaken =
  /^(CERT|CRL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERROR_IN_CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;
/** TLS' words of a target that does not take those of who asks. */
const alerted = /\balert\b.*(certificate|unknown ca|access denied|handshake failure|decrypt error)/;

/** Of a connection that failed: whether one of the two does not take the other's certificate. */
export function isByCertificate({ code = '', message = '' }: Cause): boolean {
  return untaken.test(code) || alerted.test(message);
}

/** What to do about a connection that failed; empty where nothing is known. */
export function adviceOn(target: string | Reach, { code = '', message = '' }: Cause): string {
  if (untrusted.has(code)) return '; tlsConfig.caFile names who signed its certificate';
  if (code === 'CERT_HAS_EXPIRED') return '; its server wants a new one';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; tlsConfig.serverName says another name';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return '; does it speak https?';
  const { certFile } = (typeof target === 'string' ? undefined : target.credentials.tlsConfig) ?? {};
  const ask = certFile
    ? `does it take the certificate of tlsConfig.certFile (${certFile})?`
    : 'does it want a certificate of who asks (tlsConfig.certFile and keyFile)?';
  if (/\balert\b/.test(message)) return `; ${ask}`;
  // By TLS 1.3 who asks may be told nothing more: the server closes what had begun well. So does one that ends.
  return closed.has(code) && urlOf(target).startsWith('https:') ? `; if it is up, ${ask}` : '';
}

const closed = new Set(['UND_ERR_SOCKET', 'ECONNRESET']);
