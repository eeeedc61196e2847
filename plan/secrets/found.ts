// What was found in a setting, for a message about it. Pure.
import { beginOf } from '../week/cut-text.ts';
import { isNamedSecret } from './named.ts';
import { redacted } from './text.ts';

/** As JSON, at most so long; of a secret only what it is. */
export function foundText(path: readonly (string | number)[], value: unknown, atMost: number): string {
  if (value === undefined) return 'nothing';
  if (isSecretAt(path)) return `a ${Array.isArray(value) ? 'list' : typeof value}`;
  const text = redacted(JSON.stringify(withoutPassword(path, value)), () => '…');
  return text.length > atMost ? `${beginOf(text, atMost - 3)}...` : text;
}

/** Behind the colon of a name somebody may have written the password. */
function withoutPassword(path: readonly (string | number)[], value: unknown): unknown {
  return path.at(-1) === 'username' && typeof value === 'string' ? value.replace(/:.*/s, ':…') : value;
}

function isSecretAt(path: readonly (string | number)[]): boolean {
  return isNamedSecret(String(path.findLast((part) => typeof part === 'string') ?? ''));
}
