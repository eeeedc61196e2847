// Web configurations with certificates of a real authority: one that its container can begin with, and those that it can't.
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { webConfig } from '../../../activities/host/web-config.ts';
import { type Authority, authority } from '../certificates.ts';
import { temporaryMachine } from '../machine.ts';

type Signed = Awaited<ReturnType<Authority['sign']>>;

let ca: Authority;
let hub: Signed;
let other: Signed;
beforeAll(async () => {
  ca = await authority();
  [hub, other] = [await ca.sign('hub.example'), await ca.sign('other.example')];
});
afterAll(() => ca.remove());

const config = `tls_server_config:
  cert_file: hub.pem
  key_file: hub.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
`;

async function said({ certFile }: Signed, { keyFile }: Signed): Promise<string> {
  const host = await temporaryMachine();
  const directory = host.path('/site/hub');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'web.yml'), config);
  for (const [from, name] of [
    [certFile, 'hub.pem'],
    [keyFile, 'hub.key'],
    [ca.caFile, 'ca.pem'],
  ] as const) {
    await copyFile(from, join(directory, name));
    await chmod(join(directory, name), 0o644);
  }
  const asked = { scheme: 'https' as const, username: null, certificate: true };
  const ask = { path: '/site/hub/web.yml', container: 'edgehub', user: '65534:65534', ...asked };
  return webConfig(host, ask).catch((error: Error) => `refused: ${error.message}`);
}

it('one whose key is that of its certificate is fine', async () => {
  expect(await said(hub, hub)).toBe('TLS, 0 users, and 65534:65534 may read it: edgehub can begin with it');
});

it('one whose key is another certificate’s is refused', async () => {
  expect(await said(hub, other)).toMatch(/names hub\.key, which is not the key of hub\.pem$/);
});

it('one whose certificate is no longer valid is refused', async () => {
  vi.useFakeTimers({ now: Date.now() + 21 * 86_400_000, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  expect(await said(hub, hub)).toMatch(/names hub\.pem, which is valid until .*: whoever asks refuses it$/);
});
