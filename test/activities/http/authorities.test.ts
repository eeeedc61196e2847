// Authorities are looked at once for all requests, and again where their file or the time is another.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { loginOf } from '../../../activities/http/reach.ts';
import { request } from '../../../activities/http/request.ts';
import { temporaryMachine } from '../machine.ts';
import { signed } from '../pem.ts';

const parsed = vi.hoisted(() => vi.fn());
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  class X509Certificate extends crypto.X509Certificate {
    constructor(pem: string) {
      super(pem);
      parsed();
    }
  }
  return { ...crypto, X509Certificate };
});

beforeEach(() => {
  parsed.mockClear();
  vi.useRealTimers();
});

const authority = (until?: number) => signed({ name: 'ca', isAuthority: true, ...(until && { until }) }).cert;

async function machine() {
  const host = await temporaryMachine();
  const target = host.reach({ url: 'https://pc2:9100/', tlsConfig: { caFile: '/ca.pem' } });
  return {
    has: (pem: string) => writeFile(host.path('/ca.pem'), pem),
    async asks() {
      const { close } = await loginOf(target, AbortSignal.timeout(5_000));
      await close?.();
    },
  };
}

it('requests of one file take the time for its authorities once', async () => {
  const { has, asks } = await machine();
  await has(authority() + authority() + authority());
  for (let request = 0; request < 5; request++) await asks();
  expect(parsed).toHaveBeenCalledTimes(3);
});

it('another content is looked at, however long it is', async () => {
  const { has, asks } = await machine();
  const good = authority();
  await has(good);
  await asks();
  await has('x'.repeat(good.length));
  await expect(asks()).rejects.toThrow(/is no certificate in PEM/);
  await has(good);
  await asks();
});

it('what is over by now is told', async () => {
  const { has, asks } = await machine();
  await has(authority(3));
  await asks();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 4 * 86_400_000 });
  await expect(asks()).rejects.toThrow(/which is over$/);
});

it('many files take no memory for ever, and stay right', async () => {
  const machines = await Promise.all(Array.from({ length: 20 }, machine));
  for (const { has, asks } of machines) {
    await has(authority());
    await asks();
  }
  parsed.mockClear();
  await machines[19]!.asks();
  expect(parsed).not.toHaveBeenCalled();
  await machines[0]!.asks();
  expect(parsed).toHaveBeenCalledOnce();
});

it('connections have them as they were read once, and believe nobody else', async () => {
  const signer = signed({ name: 'ca', isAuthority: true });
  const server = createServer(signed({ name: 'localhost', by: signer }), (_, response) => response.end('fine'));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const host = await temporaryMachine();
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const target = host.reach({ url, tlsConfig: { caFile: '/ca.pem' } });
  const made = vi.spyOn(tls, 'createSecureContext');
  onTestFinished(() => made.mockRestore());
  await writeFile(host.path('/ca.pem'), signer.cert);
  for (let count = 0; count < 3; count++) expect(await request(target)).toMatchObject({ text: 'fine' });
  expect(made).not.toHaveBeenCalled();
  await writeFile(host.path('/ca.pem'), authority());
  await expect(request(target)).rejects.toThrow(/got no answer: .*certificate/);
  await writeFile(host.path('/ca.pem'), signer.cert);
  expect(await request(target)).toMatchObject({ text: 'fine' });
});
