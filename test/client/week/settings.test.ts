// That a command goes straight to Temporal.
import { createServer, type AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { temporalSettings } from '../../../client/week/settings.ts';

afterEach(() => vi.unstubAllEnvs());

it.each(['http_proxy', 'https_proxy', 'grpc_proxy'])('%s is for notices alone', async (variable) => {
  const reached: string[] = [];
  const listening = async (name: string) => {
    const server = createServer((socket) => void (reached.push(name), socket.destroy()));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/no/such.toml');
  vi.stubEnv('TEMPORAL_ADDRESS', await listening('Temporal'));
  vi.stubEnv(variable, `http://${await listening('the proxy')}`);
  vi.stubEnv('no_proxy', '');
  const connection = Connection.lazy({ ...temporalSettings().connectionOptions, interceptors: [] });
  onTestFinished(() => connection.close());
  await connection
    .withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}))
    .catch(() => undefined);
  expect(reached).toContain('Temporal');
  expect(reached).not.toContain('the proxy');
});
