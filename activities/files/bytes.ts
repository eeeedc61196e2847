// The bytes of an open file: all of them, or an error; and it is closed in the end.
import type { OpenFile } from './file-system.ts';

export async function closing<T>(file: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}

export async function writeAll(file: OpenFile, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    if (bytesWritten === 0) throw new Error('The disk takes no more bytes');
    done += bytesWritten;
  }
}

/** From this byte on. */
export async function readAll(file: OpenFile, from = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(64 * 1024);
  for (let at = from; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return Buffer.concat(pieces);
    pieces.push(Buffer.from(piece.subarray(0, bytesRead)));
    at += bytesRead;
  }
}
