// Programs for tests: started on loopback, awaited until they answer, and ended with the test file.
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';

export interface Program {
  pid: number;
  /** SIGTERM, or SIGKILL for a crash; resolves when the process is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Resolves when `url` answers 2xx, or `isUp` says so. Rejects with the program's own output when it ends first or takes more than 20 s. */
export async function startProgram(
  path: string,
  args: string[],
  url: string,
  isUp = () => answers(url),
): Promise<Program> {
  const running = execa(path, args, { reject: false, all: true, cleanup: true, forceKillAfterDelay: 10_000 });
  let ended = false;
  void running.then(() => (ended = true));
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    running.kill(signal);
    await running;
  };
  for (const end = Date.now() + 20_000; Date.now() < end && !ended; await setTimeout(50)) {
    if (await isUp()) return { pid: running.pid as number, stop };
  }
  await stop('SIGKILL');
  throw new Error(`${path} does not answer at ${url}: ${String((await running).all).slice(-1000)}`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** Ports of loopback that nobody had a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      return port;
    }),
  );
}
