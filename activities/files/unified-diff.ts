// A unified difference of two files for people, short and without secrets.
import { createTwoFilesPatch } from 'diff';

const maxCharacters = 4_000;
const secret = /((?:password|passwd|secret|token|api_?key|credentials?)["']?\s*[:=]\s*).+/gi;

export function difference(
  path: string,
  before: string,
  after: string,
  names: { before: string; after: string },
): string {
  const text = createTwoFilesPatch(
    `${path} (${names.before})`,
    `${path} (${names.after})`,
    before,
    after,
    undefined,
    undefined,
    { context: 1 },
  )
    .replace(/^=+\n/m, '')
    .replaceAll(secret, '$1***');
  return text.length > maxCharacters
    ? `${text.slice(0, maxCharacters)}\n… ${text.length - maxCharacters} more characters`
    : text;
}
