// Web configurations with certificates: those that their container can begin with and whoever asks takes, and those that not.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { webConfig } from '../../../activities/host/web-config.ts';
import type { AccessAsk } from '../../../plan/machine-api/access.ts';
import { temporaryMachine } from '../machine.ts';
import { type Signed, signed } from '../pem.ts';

const ca = signed({ name: 'ca', isAuthority: true, until: 30 });
const hub = signed({ by: ca });
const stranger = signed({ name: 'stranger', isAuthority: true });

const pair = 'cert_file: hub.pem, key_file: hub.key';
const verifies = 'client_ca_file: clients.pem, client_auth_type: RequireAndVerifyClientCert';

interface Changed {
  /** Of the server, and whoever has signed those who may come. */
  cert?: string;
  key?: string;
  clients?: Signed;
  /** Of who asks. */
  caFile?: string;
  comes?: Signed;
  web?: Partial<AccessAsk['web'][number]>;
  config?: string;
}

async function said({ cert = hub.cert, key = hub.key, clients = ca, caFile = ca.cert, comes, web, config }: Changed) {
  const host = await temporaryMachine();
  const directory = host.path('/site/hub');
  await mkdir(directory, { recursive: true });
  const files = {
    'web.yml': config ?? `tls_server_config: { ${pair} }\n`,
    'hub.pem': cert,
    'hub.key': key,
    'clients.pem': clients.cert,
    'ca.pem': caFile,
    'week.pem': comes?.cert ?? '',
    'week.key': comes?.key ?? '',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content, { mode: 0o644 });
  const tlsConfig = {
    caFile: '/site/hub/ca.pem',
    ...(comes && { certFile: '/site/hub/week.pem', keyFile: '/site/hub/week.key' }),
  };
  const asked = { scheme: 'https' as const, username: null, name: 'hub.example', tlsConfig, ...web };
  const ask = { path: '/site/hub/web.yml', container: 'edgehub', user: '65534:65534', ...asked };
  const found = await webConfig(host, ask).catch((error: Error) => `refused: ${error.message}`);
  return typeof found === 'string' ? found : `warned: ${found.warning}`;
}

const fine = 'TLS, 0 users, and 65534:65534 may read it: edgehub can begin with it';

it.each<[string, Changed]>([
  ['whose certificate is signed for it', {}],
  ['with those who signed it behind its certificate', { cert: hub.cert + ca.cert }],
  ['which is asked by an authority among others', { caFile: stranger.cert + ca.cert }],
  ['that looks at who comes', { config: `tls_server_config: { ${pair}, ${verifies} }`, comes: signed({ by: ca }) }],
  [
    'with its certificate in itself',
    { config: JSON.stringify({ tls_server_config: { cert: hub.cert, key: hub.key } }) },
  ],
  [
    'that has another name, which the plan says',
    { ...signed({ name: 'other.example', by: ca }), web: { name: 'other.example' } },
  ],
  ['that signed itself, and is believed', { ...stranger, caFile: stranger.cert, web: { name: 'stranger' } }],
])('one %s is fine', async (_, changed) => expect(await said(changed)).toBe(fine));

it.each<[string, Changed, RegExp]>([
  ['the key of another', { key: signed().key }, /names hub\.key, which is not the key of hub\.pem$/],
  ['an empty key', { key: '' }, /can't be used: hub\.key is empty$/],
  ['a key that is none', { key: 'hunter2' }, /hub\.key is no key in PEM without a passphrase \((?!.*hunter2)/],
  ['an empty certificate', { cert: '\n' }, /can't be used: hub\.pem is empty$/],
  ['a certificate that is none', { cert: 'x' }, /can't be used: hub\.pem is no certificate in PEM \(/],
  [
    'a certificate that is over',
    signed({ by: ca, from: -9, until: -1 }),
    /can't be used: hub\.pem is valid until .*, which is over$/,
  ],
  [
    'a certificate of tomorrow',
    signed({ by: ca, from: 1 }),
    /can't be used: hub\.pem is valid from .* on, by the clock of this machine$/,
  ],
  [
    'another name',
    signed({ name: 'other.example', by: ca }),
    /names hub\.pem, which is for DNS:other\.example, and the plan asks edgehub as hub\.example: .*tlsConfig\.serverName$/,
  ],
  [
    'a certificate that signed itself',
    signed(),
    /refused as the plan asks: tlsConfig\.caFile of edgehub does not contain the CA that signed it \(\w+\)$/,
  ],
  [
    'an authority that nobody here knows',
    { web: { tlsConfig: {} } },
    /the plan has no tlsConfig\.caFile of edgehub, and this machine knows nobody who signed it \(\w+\)$/,
  ],
  [
    'an authority that is over for those who come',
    {
      config: `tls_server_config: { ${pair}, ${verifies} }`,
      clients: signed({ name: 'old', isAuthority: true, from: -9, until: -1 }),
      comes: signed({ by: ca }),
    },
    /can't be used: clients\.pem is valid until .*, which is over$/,
  ],
  [
    'an authority that has not signed who comes',
    { config: `tls_server_config: { ${pair}, ${verifies} }`, clients: stranger, comes: signed({ by: ca }) },
    /refuses tlsConfig\.certFile of edgehub: clients\.pem does not contain the CA that signed it \(\w+\)$/,
  ],
  ['half a pair', { config: 'tls_server_config: { cert_file: hub.pem }' }, /has a tls_server_config without key_file$/],
  ['nothing of TLS in it', { config: 'tls_server_config: {}' }, /has no tls_server_config, and the plan asks edgehub/],
])('one with %s is refused', async (_, changed, why) =>
  expect(await said(changed)).toMatch(new RegExp(`^refused: /site/hub/web\\.yml on PC2 .*${why.source}`)),
);

it('one that ends with the week is told', async () => {
  expect(await said(signed({ by: ca, until: 3 }))).toMatch(
    /^warned: hub\.pem of \/site\/hub\/web\.yml on PC2 ends in .*: the week may not be over by then$/,
  );
});
