// The text of a file that is to be edited: every byte of it must come back, so it has to be UTF-8.
import { refusal } from '../context/refusal.ts';
import { isUtf8 } from 'node:buffer';

/** Throws FileUneditable, with the line, when it is not UTF-8. */
export function textOf(bytes: Buffer, what: string): string {
  if (bytes.includes(0) || [0xfeff, 0xfffe].includes(bytes.length < 2 ? 0 : bytes.readUInt16BE()))
    throw refusal(
      'FileUneditable',
      `${what}: line 1: UTF-16, or no text: every byte of it can't be kept in an edit. Convert the file, as "iconv -f UTF-16 -t UTF-8" does, and try again`,
    );
  const line = lineNotUtf8(bytes);
  if (line === undefined) return bytes.toString();
  throw refusal(
    'FileUneditable',
    `${what}: line ${line}: not UTF-8, so it can't be edited without changing it: convert the file, as "iconv -f LATIN1 -t UTF-8" does, and try again`,
  );
}

/** The number of the first line that is not UTF-8; undefined where all of it is. */
export function lineNotUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  const lines = bytes.toString('latin1').split('\n');
  return 1 + lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')));
}
