// docker-compose.temporal.yml, as Docker Compose reads it.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const file = fileURLToPath(new URL('../../docker-compose.temporal.yml', import.meta.url));
const compose = (env: Record<string, string>, ...args: string[]) =>
  execa('docker-compose', ['--file', file, ...args], {
    env: { TEMPORAL_POSTGRES_PASSWORD: undefined, ...env },
    reject: false,
    timeout: 30_000,
  });

test('the configuration check passes, and all ports are on loopback', async () => {
  const { exitCode, stdout, stderr } = await compose({ TEMPORAL_POSTGRES_PASSWORD: 'only for this check' }, 'config');
  expect(exitCode, stderr).toBe(0);
  const published = [...stdout.matchAll(/^ +- ([\d.]+:)?\d+:\d+(\/tcp)?$/gm)].map(([line]) => line.trim());
  expect(published).toEqual(['- 127.0.0.1:7233:7233/tcp', '- 127.0.0.1:8233:8080/tcp']);
});

test('without a password it is refused, and says what to set', async () => {
  const { exitCode, stderr } = await compose({}, 'config');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('set it in the environment or in .env');
});
