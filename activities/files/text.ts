// The text of a file that is to be edited: every byte of it must come back, so it has to be UTF-8.
import { ApplicationFailure } from '@temporalio/common';
import { isUtf8 } from 'node:buffer';

/** Throws BadInput, with the line, when it is not UTF-8. */
export function textOf(bytes: Buffer, what: string): string {
  if (isUtf8(bytes)) return bytes.toString();
  const lines = bytes.toString('latin1').split('\n');
  const line = 1 + lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')));
  throw ApplicationFailure.nonRetryable(
    `${what}: line ${line}: not UTF-8, so it can't be edited without changing it: convert the file, as "iconv -f LATIN1 -t UTF-8" does, and try again`,
    'BadInput',
  );
}
