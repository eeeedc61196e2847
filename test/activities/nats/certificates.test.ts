// Certificates of NATS before there is one: all of their files are looked at, whichever ends first.
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { lookAtCertificates } from '../../../activities/nats/certificates.ts';
import { temporaryMachine } from '../machine.ts';
import { signed } from '../pem.ts';

const authority = (until: number) => signed({ name: 'ca', isAuthority: true, until });
const ca = authority(30);
const server = signed({ name: 'PC2', by: ca });

async function look(changed: Partial<Record<'ca' | 'cert' | 'key', string>>) {
  const host = await temporaryMachine();
  const files = { ca: ca.cert, cert: server.cert, key: server.key, ...changed };
  for (const [name, content] of Object.entries(files)) await writeFile(host.path(`/${name}.pem`), content);
  const named = { caFile: '/ca.pem', certFile: '/cert.pem', keyFile: '/key.pem' };
  return lookAtCertificates(host, { server: 'nats-pc2', machine: 'PC2', others: [], ...named });
}

it('that are signed for it are fine', async () => {
  expect(await look({})).toBe('signed by caFile, and names PC2');
});

it.each<[string, Parameters<typeof look>[0], RegExp]>([
  ['an empty authority', { ca: '' }, /^messaging\.tls\.caFile \/ca\.pem is empty$/],
  ['an empty certificate', { cert: '' }, /^messaging\.tls\.certFile \/cert\.pem is empty$/],
  ['an empty key', { key: '' }, /^messaging\.tls\.keyFile \/key\.pem is empty$/],
  ['an authority that is over', { ca: authority(-0.5).cert }, /caFile \/ca\.pem is valid until .*, which is over$/],
  [
    'a certificate of tomorrow',
    { cert: signed({ name: 'PC2', by: ca, from: 1 }).cert },
    /certFile \/cert\.pem is valid from .* on/,
  ],
  ['a certificate of another authority', { ca: authority(9).cert }, /is of no use/],
  ['the key of another', { key: signed().key }, /messaging\.tls\.keyFile is the key of another$/],
])('with %s are told', async (_, changed, why) => {
  await expect(look(changed)).rejects.toThrow(why);
});

it('whose authority ends with the week are told, long as they last themselves', async () => {
  const short = authority(3);
  const { cert, key } = signed({ name: 'PC2', by: short });
  expect(await look({ ca: short.cert, cert, key })).toMatchObject({
    warning: expect.stringMatching(/^\/ca\.pem on PC2 ends in .*: the week may not be over by then$/),
  });
});
