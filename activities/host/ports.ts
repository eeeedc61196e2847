// Who holds TCP ports on this machine, and whether TCP gets through to others.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import type { PortHolder } from '../../plan/machine-api/host.ts';
import { spelt } from '../../plan/addresses.ts';
import { heldBy } from '../../plan/machine-api/ports.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { engine } from '../docker/engine.ts';
import { listeners, processFile, processIds } from './proc.ts';

/**
 * Listeners of this machine's network, and ports that Docker publishes, which need no listener. For a published port the
 * process may be Docker's proxy: the container is what counts. With `addresses` only who is in the way of a listener there.
 */
export async function portHolders(host: Host, ports: number[], addresses?: string[]): Promise<PortHolder[]> {
  const [ipv4, ipv6, allPublished] = await Promise.all([
    readFile('/proc/self/net/tcp', 'utf8'),
    readFile('/proc/self/net/tcp6', 'utf8').catch(() => ''),
    publishedPorts(host),
  ]);
  const listening = listeners(ipv4, ipv6).filter((one) => isInTheWay(one, addresses));
  const published = allPublished.filter((one) => isInTheWay(one, addresses));
  const owners = await ownersOf(listening.flatMap(({ port, inode }) => (ports.includes(port) ? [inode] : [])));
  return Promise.all(
    ports.map(async (port) => {
      const listener = listening.filter((one) => one.port === port);
      const container = published.find((one) => one.port === port)?.container;
      if (listener.length === 0 && !container) return { port, free: true };
      const pid = listener.map(({ inode }) => owners.get(inode)).find((owner) => owner !== undefined);
      return {
        port,
        free: false,
        ...(pid === undefined ? {} : { pid, process: await nameOf(pid) }),
        ...(container ? { container } : {}),
      };
    }),
  );
}

/** Whoever listens everywhere by IPv6 most often does so by IPv4, too. */
function isInTheWay({ address }: { address: string }, addresses: string[] | undefined): boolean {
  if (!addresses || address === '' || address === '::') return true;
  if (address === '0.0.0.0') return addresses.some((one) => !one.includes(':'));
  return addresses.map(spelt).includes(spelt(address));
}

/** Throws ForeignPort where another than the container holds the port; whose that container is, is looked at by its name. */
export async function refusePort(
  host: Host,
  { port, container, addresses }: { port: number; container: string; addresses?: string[] | undefined },
): Promise<void> {
  const [holder] = await portHolders(host, [port], addresses);
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

async function publishedPorts(host: Host): Promise<{ address: string; port: number; container: string }[]> {
  const containers = await engine(host, 'list its containers', (abortSignal) =>
    host.docker.listContainers({ abortSignal }),
  );
  return containers.flatMap(({ Names, Ports }) =>
    Ports.flatMap(({ IP = '', PublicPort, Type }) =>
      PublicPort && Type === 'tcp' ? [{ address: IP, port: PublicPort, container: (Names[0] ?? '').slice(1) }] : [],
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
