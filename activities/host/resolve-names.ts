// Whether names resolve: on this machine, and inside a container on it.
import { lookup } from 'node:dns/promises';
import type { NameFound } from '../../plan/machine-api/host.ts';
import { cancelled, pause } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { runOnce } from '../docker/run-once.ts';

const lookupMs = 10_000;
/** Above the resolver's and the dialler's own time-outs, so that one of them speaks first. */
const containerMs = 45_000;

/**
 * Inside a container promtool (of a Prometheus image) is made to connect to each name. The port does not matter: whether it
 * complains about the lookup or about the connection tells whether the name was resolved.
 */
export async function resolveNames(
  host: Host,
  ask: { names: string[]; hosts: Record<string, string>; image: string },
): Promise<NameFound[]> {
  return Promise.all(
    ask.names.map(async (name) => {
      const [all, inside] = await Promise.all([addressesOf(name), resolveInside(host, name, ask)]);
      return { name, here: all[0] ?? null, all, ...inside };
    }),
  );
}

/** What promtool's output says. Anything but a try to connect is no proof. */
export function dialOutcome(output: string): { inContainer: boolean; detail: string } {
  const line = output.trim().split('\n').at(-1) ?? '';
  const address = /dial tcp (\S+):\d+: /.exec(line)?.[1];
  if (address) return { inContainer: true, detail: address };
  // Something answered there, with or without sense.
  if (/dial tcp: lookup /.test(line) || !/query error|server_error|client_error|bad_response/.test(line))
    return { inContainer: false, detail: line || 'promtool said nothing' };
  return { inContainer: true, detail: line };
}

/** Empty where the name leads nowhere, or the resolver does not answer. */
export async function addressesOf(name: string): Promise<string[]> {
  const answer = lookup(name, { all: true }).then(
    (found) => [...new Set(found.map(({ address }) => address))],
    () => [],
  );
  return Promise.race([answer, pause(lookupMs).then(() => [])]);
}

async function resolveInside(
  host: Host,
  name: string,
  { hosts, image }: { hosts: Record<string, string>; image: string },
): Promise<{ inContainer: boolean; detail: string }> {
  try {
    const { output } = await runOnce(host, {
      image,
      entrypoint: ['/bin/promtool'],
      command: ['query', 'instant', `http://${name}:1`, 'up'],
      binds: [],
      extraHosts: hosts,
      timeoutMs: containerMs,
    });
    return dialOutcome(output);
  } catch (error) {
    cancelled().throwIfAborted();
    return { inContainer: false, detail: (error as Error).message };
  }
}
