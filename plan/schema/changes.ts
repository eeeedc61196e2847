// What differs between two plans as they will run: by key, and of lists by what each item is called.
import { isRaw } from './fallback.ts';
import type { WholePlan } from './read.ts';

export interface PlanChange {
  /** As `services[edgehub].port.host`. */
  path: string;
  /** The last key, by which a secret is known. */
  key: string;
  change: 'added' | 'removed' | 'changed';
  /** As it is written. */
  from?: unknown;
  to?: unknown;
}

/** A value as it is compared, and as it is written: 5m and 300s are the same. */
interface Side {
  value: unknown;
  written: unknown;
}

/** The version says what is left out, and nothing is. */
export function changesBetween(one: WholePlan, other: WholePlan): PlanChange[] {
  const side = ({ plan, input }: WholePlan): Side => ({ value: { ...plan, version: 0 }, written: input });
  return compared('', '', side(one), side(other));
}

function compared(path: string, key: string, from: Side | undefined, to: Side | undefined): PlanChange[] {
  if (!from) return to ? [{ path, key, change: 'added', to: to.written }] : [];
  if (!to) return [{ path, key, change: 'removed', from: from.written }];
  const [before, after] = [partsOf(from), partsOf(to)];
  if (before && after) {
    const keys = [...new Set([...before.parts.keys(), ...after.parts.keys()])];
    return keys.flatMap((part) =>
      compared(
        `${path}${before.spell(part, path)}`,
        before.named ? key : part,
        before.parts.get(part),
        after.parts.get(part),
      ),
    );
  }
  if (JSON.stringify(from.value) === JSON.stringify(to.value)) return [];
  return [{ path, key, change: 'changed', from: from.written, to: to.written }];
}

interface Parts {
  parts: Map<string, Side>;
  named: boolean;
  spell(part: string, path: string): string;
}

/** Of a map by key; of a list by name, or by path where it has no names. What has neither is one value. */
function partsOf({ value, written }: Side): Parts | undefined {
  if (isRaw(value) && isRaw(written)) {
    const parts = new Map(Object.keys(value).map((key) => [key, { value: value[key], written: written[key] }]));
    return { parts, named: false, spell: (part, path) => (path === '' ? part : `.${part}`) };
  }
  if (!Array.isArray(value) || !Array.isArray(written)) return undefined;
  const names = value.map((item) => (isRaw(item) ? (item['name'] ?? item['path']) : undefined));
  if (names.some((name) => typeof name !== 'string') || new Set(names).size < names.length) return undefined;
  const parts = new Map(names.map((name, index) => [name as string, { value: value[index], written: written[index] }]));
  return { parts, named: true, spell: (part) => `[${part}]` };
}
