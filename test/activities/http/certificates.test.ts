// Certificates that requests are made with: empty ones, those that are over, and those that end with the week.
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { authorityIn } from '../../../activities/http/certificates.ts';
import { loginOf } from '../../../activities/http/reach.ts';
import { looksAtAccess } from '../../../activities/host/access.ts';
import type { Credentials } from '../../../plan/schema/access.ts';
import { temporaryMachine } from '../machine.ts';
import { signed } from '../pem.ts';

const good = signed({ name: 'ca', isAuthority: true });
const over = signed({ from: -9, until: -1 });
const tomorrow = signed({ from: 1 });
const soon = signed({ until: 3 });

type Files = Record<'ca' | 'cert' | 'key', string>;

async function machineWith(files: Partial<Files>) {
  const host = await temporaryMachine();
  const tlsConfig: NonNullable<Credentials['tlsConfig']> = {};
  for (const [name, content] of Object.entries(files)) {
    await writeFile(host.path(`/${name}.pem`), content);
    Object.assign(tlsConfig, { [`${name}File`]: `/${name}.pem` });
  }
  return { host, tlsConfig };
}

/** As a request has it, on the machine. */
async function tried(files: Partial<Files>) {
  const { host, tlsConfig } = await machineWith(files);
  const target = host.reach({ url: 'https://pc2:9100/', tlsConfig });
  const { close } = await loginOf(target, AbortSignal.timeout(5_000));
  await close?.();
}

it.each<[string, Partial<Files>, RegExp]>([
  ['an empty authority', { ca: '' }, /^tlsConfig\.caFile \S+ca\.pem is empty$/],
  ['an authority that is none', { ca: 'x' }, /^tlsConfig\.caFile \S+ is no certificate in PEM/],
  ['an authority that is over', { ca: over.cert }, /^tlsConfig\.caFile \S+ is valid until .*, which is over$/],
  ['an authority of tomorrow', { ca: tomorrow.cert }, /^tlsConfig\.caFile \S+ is valid from .* on/],
  ['an empty certificate', { cert: '', key: good.key }, /^tlsConfig\.certFile \S+ is empty$/],
  ['an empty key', { cert: good.cert, key: '\n' }, /^tlsConfig\.keyFile \S+ is empty$/],
  ['a certificate that is over', over, /^tlsConfig\.certFile \S+ is valid until .*, which is over$/],
  ['a certificate of tomorrow', tomorrow, /^tlsConfig\.certFile \S+ is valid from .* on/],
  ['the key of another', { ...good, key: over.key }, /^tlsConfig\.keyFile \S+ is not the key of certFile \S+, in PEM/],
])('%s is told before anybody is asked', async (_, { ca, cert, key }, why) => {
  const files = Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, content]) => content !== undefined));
  await expect(tried(files)).rejects.toThrow(why);
});

it('what is of this time is fine, whatever else is in its file', async () => {
  await tried({ ca: good.cert, cert: good.cert, key: good.key });
  await tried({ ca: `# of old\n${over.cert}# of now\n${good.cert}` });
  expect(authorityIn(soon.cert + good.cert, 'x').subject).toBe('CN=ca');
});

it('what ends with the week is told at preflight', async () => {
  const look = async (files: Partial<Files>) => {
    const { host, tlsConfig } = await machineWith(files);
    const one = { credentials: { tlsConfig }, targets: [] };
    const looks = looksAtAccess(host, { logins: [one, one], mounted: [], seen: [], web: [] });
    return [await looks[0]!.look(), await looks[1]!.look()];
  };
  const detail = 'its files and variables are there';
  expect(await look({ ca: good.cert })).toEqual([detail, detail]);
  expect(await look({ ca: soon.cert, cert: soon.cert, key: soon.key })).toEqual([
    {
      detail,
      warning: expect.stringMatching(/^\/ca\.pem on PC2 ends in .* then; \/cert\.pem on PC2 ends in .* then$/),
    },
    // Once is enough.
    detail,
  ]);
});
