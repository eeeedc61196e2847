// Certificates without OpenSSL: an authority of a test's own, and what it signs for as long as a test says.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Signed {
  cert: string;
  key: string;
  name: string;
  privateKey: KeyObject;
}

interface Wanted {
  name?: string;
  /** From when and until when it is valid, in days from now. */
  from?: number;
  until?: number;
  /** Itself, where nobody signs it. */
  by?: Signed;
  isAuthority?: boolean;
}

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const oid = (hex: string) => der(6, Buffer.from(hex, 'hex'));
const list = (...parts: Buffer[]) => der(0x30, ...parts);
const ecdsaSha256 = list(oid('2a8648ce3d040302'));
const nameOf = (name: string) => list(der(0x31, list(oid('550403'), der(12, Buffer.from(name)))));
const time = (days: number) => {
  const digits = new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(24, Buffer.from(digits));
};

let serial = 0;

export function signed({ name = 'hub.example', from = -1, until = 20, by, isAuthority = false }: Wanted = {}): Signed {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = list(der(0x82, Buffer.from(name)));
  const extensions = list(
    list(oid('551d11'), der(4, names)),
    ...(isAuthority ? [list(oid('551d13'), der(1, Buffer.from([255])), der(4, list(der(1, Buffer.from([255])))))] : []),
  );
  const body = list(
    der(0xa0, der(2, Buffer.from([2]))),
    der(2, Buffer.from([1, ++serial])),
    ecdsaSha256,
    nameOf(by?.name ?? name),
    list(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, by?.privateKey ?? privateKey);
  const whole = list(body, ecdsaSha256, der(3, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name,
    privateKey,
  };
}
