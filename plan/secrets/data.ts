// Secrets in plain data: in each of its texts, and behind a flag in a list of arguments. Pure.
import { isMark, type Mark, markOf, withoutDigests } from './mark.ts';
import { isNamedSecret, nobody, type Ours } from './named.ts';
import { redacted } from './text.ts';

/** The names of keys are not looked at: in data of ours they are machines, agents and rows. */
export function redactedData(value: unknown, mark: Mark, ours: Ours = nobody): unknown {
  if (typeof value === 'string') return redacted(value, mark, 'everywhere', ours);
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      isArgument(item, value[index - 1])
        ? isMark(item)
          ? item
          : mark(item)
        : redactedData(inCommand(value, index, mark), mark, ours),
    );
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactedData(inner, mark, ours)]));
}

/** Such as what follows "--password". */
export function isArgument(item: unknown, flag: unknown): item is string {
  return (
    typeof item === 'string' &&
    typeof flag === 'string' &&
    /^--?[A-Za-z][\w.-]*$/.test(flag) &&
    isNamedSecret(flag) &&
    !item.startsWith('-')
  );
}

/** What follows a short flag of a program that takes a secret there: `curl -u bob:x`. */
function inCommand(items: unknown[], index: number, mark: Mark): unknown {
  const [item, flag] = [items[index], items[index - 1]];
  if (typeof item !== 'string' || typeof flag !== 'string' || !/^(?:-[a-z]|--user)$/.test(flag)) return item;
  const firstFlag = items.findIndex((one) => String(one).startsWith('-'));
  const before = `${items.slice(0, firstFlag).join(' ')} ${flag} `;
  const shown = redacted(before + item, mark);
  return shown.startsWith(before) ? shown.slice(before.length) : item;
}

/** Whether two are equal as far as one can tell without their secrets, which may be marked in one or both. */
export function sameButSecrets(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((value) => withoutDigests(JSON.stringify(redactedData(value, () => markOf('0')))));
  return a === b;
}
