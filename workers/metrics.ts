// What a worker shows to Prometheus: the Temporal SDK's own metrics, and what is registered beside them. Off unless an address is given.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { say } from './log.ts';

/** HOST:PORT, such as 127.0.0.1:9464. */
export const metricsVariable = 'HUBSHIFT_METRICS_ADDRESS';

const requestMs = 5_000;

export interface Metrics {
  /** Where the SDK must serve its own. */
  sdkAddress: string;
  registry: Registry;
  close(): Promise<void>;
}

/** Serves /metrics. Null when the environment wants none. Throws when the address is none, or taken. */
export async function serveMetrics(environment: NodeJS.ProcessEnv): Promise<Metrics | null> {
  const wanted = environment[metricsVariable];
  if (!wanted) return null;
  const [, host = '', port = ''] = /^(?:\[?([^\]]+)\]?):(\d+)$/.exec(wanted) ?? [];
  if (!host || Number(port) > 65_535)
    throw new Error(`${metricsVariable} is ${wanted}; HOST:PORT is wanted, such as 127.0.0.1:9464`);
  const registry = new Registry();
  const sdkAddress = `127.0.0.1:${await freePort()}`;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end('There is /metrics.\n');
    void metricsPage(registry, sdkAddress).then((text) =>
      response.writeHead(200, { 'content-type': registry.contentType }).end(text),
    );
  });
  await listening(server, host, Number(port), wanted);
  say('INFO', 'metrics are served', { address: wanted });
  return { sdkAddress, registry, close: async () => void (await new Promise((resolve) => server.close(resolve))) };
}

async function listening(server: Server, host: string, port: number, wanted: string): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw new Error(
      `${metricsVariable}=${wanted} can't be listened on: ${(error as Error).message}. Each worker on a host wants an address of its own: give this one another in ${metricsVariable}, or none.`,
      { cause: error },
    );
  }
}

async function metricsPage(registry: Registry, sdkAddress: string): Promise<string> {
  const ofSdk = fetch(`http://${sdkAddress}/metrics`, { signal: AbortSignal.timeout(requestMs) }).then(
    (answer) => answer.text(),
    () => '',
  );
  return `${await registry.metrics()}${await ofSdk}`;
}

/** The SDK wants a port, and does not say which it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
