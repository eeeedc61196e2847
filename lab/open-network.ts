// The Temporal SDK's own downloads, for hosts on an open network.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './state.ts';

export type Download = 'temporal-cli' | 'temporal-test-server';

const connectTimeoutMs = 4_000;

/** Path of the program, out of the cache or downloaded into it; undefined without an open network, which shows within seconds. */
export async function sdkDownload(download: Download): Promise<string | undefined> {
  const directory = join(cacheDirectory, 'sdk');
  const cached = inDirectory(directory, download);
  if (cached) return cached;
  if (!(await isReachable('https://temporal.download/'))) return undefined;
  mkdirSync(directory, { recursive: true });
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = { type: 'cached-download', downloadDir: directory, ttl: '365d' } as const;
  // The SDK downloads when it starts a server; what we want is the file that stays.
  const started =
    download === 'temporal-cli'
      ? await TestWorkflowEnvironment.createLocal({ server: { executable } })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await started.teardown();
  return inDirectory(directory, download);
}

async function isReachable(url: string): Promise<boolean> {
  return fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(connectTimeoutMs) }).then(
    () => true,
    () => false,
  );
}

function inDirectory(directory: string, download: Download): string | undefined {
  if (!existsSync(directory)) return undefined;
  const file = readdirSync(directory).find(
    (entry) => entry.startsWith(`${download}-sdk-typescript-`) && !entry.endsWith('.downloading'),
  );
  return file && join(directory, file);
}
