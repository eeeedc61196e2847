// A log as it is read, whether it lies there plain or was compressed since.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { LogPlace } from '../../plan/machine-api/agents.ts';
import type { OpenFile } from '../files/file-system.ts';
import { openRegular } from '../files/regular.ts';
import type { Host } from '../context/host.ts';
import { runnerOf } from '../programs/runners.ts';

/** A file of the plan, or of a program that which the one keeps who runs it. */
export async function logFileOf(host: Host, log: string): Promise<string> {
  if (log.startsWith('/')) return host.path(log);
  const { runner, name } = runnerOf(log);
  const file = await runner.logFile?.(host, name);
  if (file !== undefined) return file;
  throw new Error(`Nobody on ${host.machine} keeps the log of ${log}: name its file in the plan (log)`);
}

/** What of an open file is used. */
export interface Source extends Pick<OpenFile, 'read' | 'close'> {
  stat(): Promise<{ ino: number; size: number; mtimeMs: number }>;
}

/** A larger one is not read: what is in it counts as missed. */
const unpackedBytes = 256 * 2 ** 20;

/** null when nothing is there, or what is there can't be unpacked, as while it is still being written. */
export async function sourceOf(path: string): Promise<Source | null> {
  const file = await openRegular(path);
  return file && path.endsWith('.gz') ? unpacked(path, file) : file;
}

/** It stays open, so that its number is not given to another file. */
async function unpacked(path: string, file: OpenFile): Promise<Source | null> {
  const { ino, mtimeMs } = await file.stat();
  const bytes = await readFile(path)
    .then((packed) => promisify(gunzip)(packed, { maxOutputLength: unpackedBytes }))
    .catch(() => null);
  if (!bytes) {
    await file.close();
    return null;
  }
  return {
    read: async (buffer, offset, length, position) => ({
      bytesRead: bytes.copy(buffer, offset, position, position + length),
    }),
    stat: async () => ({ ino, mtimeMs, size: bytes.length }),
    close: () => file.close(),
  };
}

/** So many bytes tell one place of a log from another. */
const knownByBytes = 512;

export async function digestBefore(file: Source, offset: number): Promise<string> {
  const length = Math.min(knownByBytes, offset);
  if (length === 0) return '';
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset - length);
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 8);
}

/** Whether the file has, up to the place, what was read of it. Places of earlier builds are only known by their size. */
export async function reaches(file: Source, { offset, before }: LogPlace): Promise<boolean> {
  const { size } = await file.stat();
  return size >= offset && (before === undefined || (await digestBefore(file, offset)) === before);
}

const comparedBytes = 16 * 2 ** 20;
const pieceBytes = 2 ** 18;

/** Whether the other has, up to there, what the file has: of a log without times the last lines alone may be the same. */
export async function isPartOf(file: Source, other: Source): Promise<boolean> {
  const { size } = await file.stat();
  if ((await other.stat()).size < size) return false;
  const [one, two] = [Buffer.alloc(pieceBytes), Buffer.alloc(pieceBytes)];
  for (let at = Math.max(0, size - comparedBytes); at < size; at += pieceBytes) {
    const length = Math.min(pieceBytes, size - at);
    await file.read(one, 0, length, at);
    await other.read(two, 0, length, at);
    if (one.compare(two, 0, length, 0, length) !== 0) return false;
  }
  return true;
}
