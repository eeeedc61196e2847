// Whether anybody takes a connection at Temporal's address: asked before more is loaded and tried, which can't be given up.
import { execFile } from 'node:child_process';
import { lookup as lookupHere, type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import type { Settings } from './settings.ts';

/** Throws, with why, when nobody does in time. */
export async function mustListen({ host, port }: Pick<Settings, 'host' | 'port'>, withinMs: number): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), withinMs);
  const socket = connect({ host, port, lookup: lookupOutside(over.signal), signal: over.signal });
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (over.signal.aborted) throw new Error(`no answer within ${withinMs / 1000} s`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    over.abort();
    socket.on('error', () => undefined).destroy();
  }
}

/** By a process of its own: a lookup in ours would keep it from ending until the resolver gives up. */
function lookupOutside(signal: AbortSignal): LookupFunction {
  return (host, options, done) => {
    promisify(execFile)('getent', ['ahosts', host], { signal, killSignal: 'SIGKILL' }).then(
      ({ stdout }) => {
        const found = [...stdout.matchAll(/^(\S+)\s+STREAM/gm)].map(([, address = '']): LookupAddress => ({
          address,
          family: isIP(address),
        }));
        if (options.all) done(null, found);
        else done(null, found[0]?.address ?? '', found[0]?.family);
      },
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') lookupHere(host, options, done);
        else done(new Error(`${host} does not resolve`, { cause: error }), '');
      },
    );
  };
}
