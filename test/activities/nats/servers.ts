// NATS servers with JetStream for tests: one cluster on loopback, each server started and stopped by itself.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsServerBinary } from '../../../lab/binaries.ts';
import { freePorts, startProgram, type Program } from '../programs.ts';

export interface TestServer {
  name: string;
  url: string;
  monitor: string;
  /** Where it stores. */
  store: string;
  start(): Promise<void>;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** How many clients have connected so far. */
  connections(): Promise<number>;
}

/** Not started yet. `remove` stops all of them and removes their files. */
export async function natsServers(...names: string[]): Promise<{ servers: TestServer[]; remove(): Promise<void> }> {
  return serversWith('', names);
}

/** `more`: lines of their configuration. */
export async function serversWith(
  more: string,
  names: string[],
): Promise<{ servers: TestServer[]; remove(): Promise<void> }> {
  const program = await natsServerBinary();
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-nats-'));
  const ports = await freePorts(names.length * 3);
  const portsOf = (index: number) =>
    ports.slice(index * 3, index * 3 + 3) as [client: number, monitor: number, cluster: number];
  const routes = names.map((_, index) => `"nats-route://127.0.0.1:${portsOf(index)[2]}"`);

  const servers = names.map((name, index): TestServer => {
    const [client, monitor, cluster] = portsOf(index);
    const others = routes.filter((_, other) => other !== index);
    const config = join(directory, `${name}.conf`);
    let running: Program | undefined;
    return {
      name,
      url: `nats://127.0.0.1:${client}`,
      monitor: `http://127.0.0.1:${monitor}`,
      store: join(directory, name),
      async start() {
        await writeFile(
          config,
          `server_name: ${name}\nlisten: "127.0.0.1:${client}"\nhttp: "127.0.0.1:${monitor}"\n` +
            `jetstream { store_dir: "${join(directory, name)}", sync_interval: always, max_memory_store: 16MB, max_file_store: 256MB }\n${more}` +
            (names.length > 1
              ? `cluster { name: "test-cluster", listen: "127.0.0.1:${cluster}", routes: [${others.join(', ')}] }\n`
              : ''),
        );
        running = await startProgram(program, ['--config', config], `http://127.0.0.1:${monitor}/varz`);
      },
      async stop(signal) {
        await running?.stop(signal);
        running = undefined;
      },
      async connections() {
        const { total_connections: total } = (await (await fetch(`http://127.0.0.1:${monitor}/varz`)).json()) as {
          total_connections: number;
        };
        return total;
      },
    };
  });

  return {
    servers,
    async remove() {
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
