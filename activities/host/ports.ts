// Who holds TCP ports on this machine, and whether TCP gets through to others.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import type { PortHolder } from '../../plan/machine-api/host.ts';
import { heldBy } from '../../plan/machine-api/ports.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { engine } from '../docker/engine.ts';
import { listeners, processFile, processIds } from './proc.ts';

/**
 * Listeners of this machine's network, and ports that Docker publishes, which need no listener. For a published port the
 * process may be Docker's proxy: the container is what counts.
 */
export async function portHolders(host: Host, ports: number[]): Promise<PortHolder[]> {
  const [ipv4, ipv6, published] = await Promise.all([
    readFile('/proc/self/net/tcp', 'utf8'),
    readFile('/proc/self/net/tcp6', 'utf8').catch(() => ''),
    publishedPorts(host),
  ]);
  const listening = listeners(ipv4, ipv6);
  const owners = await ownersOf(ports.flatMap((port) => listening.get(port) ?? []));
  return Promise.all(
    ports.map(async (port) => {
      const inodes = listening.get(port);
      const container = published.get(port);
      if (!inodes && !container) return { port, free: true };
      const pid = inodes?.map((inode) => owners.get(inode)).find((owner) => owner !== undefined);
      return {
        port,
        free: false,
        ...(pid === undefined ? {} : { pid, process: await nameOf(pid) }),
        ...(container ? { container } : {}),
      };
    }),
  );
}

/** Throws ForeignPort where another than the container holds the port; whose that container is, is looked at by its name. */
export async function refusePort(host: Host, { port, container }: { port: number; container: string }): Promise<void> {
  const [holder] = await portHolders(host, [port]);
  if (!holder || holder.free || holder.container === container) return;
  throw refusal(
    'ForeignPort',
    `port ${port} on ${host.machine} is held by ${heldBy(holder)}: stop it, or give ${container} another port in the plan`,
  );
}

/** Tries a TCP connection to each target at the same time. */
export async function probeTcp(
  targets: { address: string; port: number }[],
  timeoutMs: number,
): Promise<{ target: string; connected: boolean; error?: string }[]> {
  return Promise.all(
    targets.map(async ({ address, port }) => {
      const target = `${address}:${port}`;
      const error = await connecting(address, port, timeoutMs);
      return error === null ? { target, connected: true } : { target, connected: false, error };
    }),
  );
}

async function publishedPorts(host: Host): Promise<Map<number, string>> {
  const containers = await engine(host, 'list its containers', (abortSignal) =>
    host.docker.listContainers({ abortSignal }),
  );
  return new Map(
    containers.flatMap(({ Names, Ports }) =>
      Ports.flatMap(({ PublicPort, Type }): [number, string][] =>
        PublicPort && Type === 'tcp' ? [[PublicPort, (Names[0] ?? '').slice(1)]] : [],
      ),
    ),
  );
}

/** Process by inode of a socket that it has open. Without root only one's own processes can be seen. */
async function ownersOf(inodes: string[]): Promise<Map<string, number>> {
  const owners = new Map<string, number>();
  const wanted = new Set(inodes);
  if (wanted.size === 0) return owners;
  for (const pid of await processIds()) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''))?.[1];
      if (inode && wanted.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

/** The program's file name, which says more than the kernel's 15 letters. */
async function nameOf(pid: number): Promise<string> {
  return basename(
    (await readlink(`/proc/${pid}/exe`).catch(() => '')) || ((await processFile(pid, 'comm')) ?? '').trim(),
  );
}

function connecting(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const limit = within(timeoutMs);
    const socket = connect({ host, port, signal: limit });
    const end = (error: string | null) => {
      socket.destroy();
      resolve(error);
    };
    socket.once('connect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(limit.aborted ? `no answer within ${timeoutMs} ms` : (error.code ?? error.message)),
    );
  });
}
