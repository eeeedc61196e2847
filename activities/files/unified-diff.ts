// A unified difference of two files for people, short and without secrets.
import { createTwoFilesPatch } from 'diff';
import { redactFile } from '../../plan/secrets/redact.ts';
import { beginOf } from '../../plan/week/cut-text.ts';

const maxCharacters = 4_000;

/** A secret that changed has another digest. Both files are redacted whole: a part of one does not show what is a secret in it. */
export function difference(
  path: string,
  before: string,
  after: string,
  names: { before: string; after: string },
): string {
  const text = createTwoFilesPatch(
    `${path} (${names.before})`,
    `${path} (${names.after})`,
    redactFile(before),
    redactFile(after),
    undefined,
    undefined,
    { context: 1 },
  ).replace(/^=+\n/m, '');
  if (text.length <= maxCharacters) return text;
  const shown = beginOf(text, maxCharacters);
  return `${shown}\n… ${text.length - shown.length} more characters`;
}
