// A log as it is read, whether it lies there plain or was compressed since.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { OpenFile } from '../files/file-system.ts';
import { openRegular } from '../files/regular.ts';

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

async function unpacked(path: string, file: OpenFile): Promise<Source | null> {
  const { ino, mtimeMs } = await file.stat();
  await file.close();
  const bytes = await readFile(path)
    .then((packed) => promisify(gunzip)(packed, { maxOutputLength: unpackedBytes }))
    .catch(() => null);
  return (
    bytes && {
      read: async (buffer, offset, length, position) => ({
        bytesRead: bytes.copy(buffer, offset, position, position + length),
      }),
      stat: async () => ({ ino, mtimeMs, size: bytes.length }),
      close: async () => undefined,
    }
  );
}
