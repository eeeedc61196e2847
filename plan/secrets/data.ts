// Secrets in plain data: in each of its texts, and behind a flag in a list of arguments. Pure.
import { withoutAddresses } from './addresses.ts';
import { isMark, type Mark, markOf, withoutDigests } from './mark.ts';
import { isNamedSecret } from './named.ts';
import { isNaming, nobody, type Ours } from './ours.ts';
import { redacted } from './text.ts';

/** That a key is named like a secret says nothing: in data of ours keys are machines, agents and rows. Names of things stay, to be compared. */
export function redactedData(value: unknown, mark: Mark, ours: Ours = nobody, key = ''): unknown {
  if (typeof value === 'string')
    return isNaming(key) ? withoutAddresses(value, mark) : redacted(value, mark, 'everywhere', ours);
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      isArgument(item, value[index - 1])
        ? isMark(item)
          ? item
          : mark(item)
        : redactedData(inCommand(value, index, mark), mark, ours, key),
    );
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactedData(inner, mark, ours, name)]),
  );
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
