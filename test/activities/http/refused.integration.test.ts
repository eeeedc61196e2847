// Certificates that one of the two does not take: nobody has seen the target then, and it is not down.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { hostOf } from '../../../activities/context/host.ts';
import { probe } from '../../../activities/http/probe.ts';
import type { Credentials } from '../../../plan/schema/access.ts';
import { type Authority, authority } from '../certificates.ts';

const machine = { name: 'PC2', address: '127.0.0.1', root: '/', docker: '/d', supervisor: '/s', state: '/st' };
let ca: Authority;
let other: Authority;
beforeAll(async () => {
  [ca, other] = await Promise.all([authority(), authority()]);
});
afterAll(() => Promise.all([ca.remove(), other.remove()]));

/** What a probe finds of a server with a certificate of the authority. */
async function found(tlsConfig: Credentials['tlsConfig'], options: ServerOptions = {}) {
  const { certFile, keyFile } = await ca.sign('hub.example');
  const own = { cert: await readFile(certFile), key: await readFile(keyFile) };
  const server = createServer({ ...own, ...options }, (_, response) => response.end('ready')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return probe(hostOf(machine).reach({ url, tlsConfig: { serverName: 'hub.example', ...tlsConfig } }), 5_000);
}

it('of the target: by an unknown authority, for another name', async () => {
  expect(await found({ caFile: ca.caFile })).toMatchObject({ ok: true });
  expect(await found({ caFile: other.caFile })).toMatchObject({
    ok: false,
    unknown: true,
    error: expect.stringMatching(/; tlsConfig\.caFile names who signed its certificate$/),
  });
  expect(await found({ caFile: ca.caFile, serverName: 'other.example' })).toMatchObject({
    unknown: true,
    error: expect.stringMatching(/; tlsConfig\.serverName says another name$/),
  });
});

it('of who asks: what its server says, which may be nothing', async () => {
  const wants = { requestCert: true, rejectUnauthorized: true, ca: await readFile(ca.caFile) };
  const [client, stranger] = await Promise.all([ca.sign('who-asks'), other.sign('who-asks')]);
  expect(await found({ caFile: ca.caFile, ...client }, wants)).toMatchObject({ ok: true });
  expect(await found({ caFile: ca.caFile }, { ...wants, maxVersion: 'TLSv1.2' })).toMatchObject({
    unknown: true,
    error: expect.stringContaining('certificate of who asks (tlsConfig.certFile and keyFile)'),
  });
  // One that closes may as well be one that ends: it is down, and people are told what else it may be.
  const closed = await found({ caFile: ca.caFile, ...stranger }, wants);
  expect(closed.error).toContain(
    `if it is up, does it take the certificate of tlsConfig.certFile (${stranger.certFile})?`,
  );
  expect(closed).not.toHaveProperty('unknown');
});

it('that are no certificates, or of another key, are told before anybody is asked', async () => {
  const [one, two] = await Promise.all([ca.sign('one'), ca.sign('two')]);
  const empty = join(ca.directory, 'empty.pem');
  await writeFile(empty, 'no certificate');
  const said: [tlsConfig: object, why: RegExp][] = [
    [{ caFile: empty }, /was not asked: tlsConfig\.caFile \S+ is no certificate in PEM/],
    [
      { caFile: ca.caFile, certFile: one.certFile, keyFile: two.keyFile },
      /was not asked: tlsConfig\.keyFile \S+ is not the key of certFile/,
    ],
  ];
  for (const [tlsConfig, why] of said)
    expect(await found(tlsConfig)).toMatchObject({ unknown: true, error: expect.stringMatching(why) });
});
