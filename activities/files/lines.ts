// Whole lines of a growing file, in pieces: files of any size, and a torn last line is not there yet.
import type { OpenFile } from './file-system.ts';
import { openRegular } from './regular.ts';

const pieceBytes = 256 * 1024;
/** A line that is longer than this is taken for one even without its end. */
const longestLineBytes = 1024 * 1024;

export interface Piece {
  lines: string[];
  /** Offset behind the last of them: where to read on. */
  end: number;
}

/** Reads on from an offset at the begin of a line, to the end of the file or `to`. A missing file has no lines. */
export async function* piecesFrom(path: string, from: number, to = Infinity): AsyncGenerator<Piece> {
  const file = await openRegular(path);
  if (!file) return;
  try {
    yield* piecesOf(file, from, { to });
  } finally {
    await file.close();
  }
}

/** The same of a file that is open. `whole`: its last line needs no end. */
export async function* piecesOf(
  file: Pick<OpenFile, 'read'>,
  from: number,
  { to = Infinity, whole: isWhole = false }: { to?: number; whole?: boolean } = {},
): AsyncGenerator<Piece> {
  const buffer = Buffer.alloc(pieceBytes);
  let rest: Buffer = Buffer.alloc(0);
  let end = from;
  for (;;) {
    const room = Math.min(pieceBytes, to - end - rest.length);
    const { bytesRead } = room > 0 ? await file.read(buffer, 0, room, end + rest.length) : { bytesRead: 0 };
    if (bytesRead === 0) {
      if (isWhole && rest.length > 0) yield { lines: [rest.toString()], end: end + rest.length };
      return;
    }
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const whole = rest.length > longestLineBytes ? rest.length : rest.lastIndexOf(10) + 1;
    if (whole === 0) continue;
    end += whole;
    yield {
      lines: rest
        .subarray(0, whole)
        .toString()
        .replace(/\r?\n$/, '')
        .split(/\r?\n/),
      end,
    };
    rest = rest.subarray(whole);
  }
}
