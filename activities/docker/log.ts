// Logs of containers: Docker's marks taken off, and their errors.
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { errorsIn } from '../../plan/logs/errors.ts';
import type { LogMatches } from '../../plan/machine-api/containers.ts';
import type { Host } from '../context/host.ts';
import { cut } from '../../plan/week/cut-text.ts';

/** Docker marks each piece of a log with its stream; this takes the marks off and joins both streams. */
export async function plainLog(host: Host, log: Buffer): Promise<string> {
  const pieces: Buffer[] = [];
  const sink = new Writable({ write: (piece: Buffer, _, done) => (pieces.push(piece), done()) });
  const source = Readable.from([log], { objectMode: false });
  host.docker.modem.demuxStream(source, sink, sink);
  await once(source, 'end');
  return Buffer.concat(pieces).toString('utf8');
}

/** Counts lines and errors, those that match a pattern among them, and none that is excepted; keeps the first five. */
export function matchLines(text: string, patterns: string[], except: string[] = []): LogMatches {
  const lines = text.split('\n').filter(Boolean);
  const excepted = except.map((pattern) => new RegExp(pattern));
  const errors = errorsIn(
    lines.filter((line) => !excepted.some((pattern) => pattern.test(line))),
    patterns,
  );
  return {
    lines: lines.length,
    matches: errors.length,
    first: errors.slice(0, 5).map((line) => cut(line, 300)),
  };
}
