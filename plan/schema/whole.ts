// The whole of a plan: what it leaves out is filled in as it would be written, and where each value came from is told.
import type { z } from 'zod';
import { tasks } from '../tasks/index.ts';
import { Fallback, isRaw, written, type Fallbacks, type Raw } from './fallback.ts';
import { notifyFallbacks } from './notify.ts';
import { withPlainPaths } from './plain-paths.ts';
import { Plan } from './plan.ts';
import { definitionOf, memberOf, unwrap } from './shape.ts';
import { asVersionOne } from './versions.ts';

export type Path = readonly (string | number)[];

/** Where values came from, by the path of what was filled in; all below it came the same way. */
export class Origins {
  readonly #of = new Map<string, string>();

  add(path: Path, origin: string): void {
    this.#of.set(JSON.stringify(path), origin);
  }

  at(path: Path): string {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#of.get(JSON.stringify(path.slice(0, length)));
      if (origin) return origin;
    }
    return 'plan';
  }
}

export interface Whole {
  input: unknown;
  origins: Origins;
}

/** Of any input, whether it is a valid plan or not: what can't be completed stays as it is, for the schema to refuse. */
export function wholeOf(given: unknown): Whole {
  const origins = new Origins();
  if (!isRaw(given)) return { input: given, origins };
  let plan = asVersionOne(given) as Raw;
  // What a plan of version 1 makes has its paths as they are written there.
  if (plan['version'] !== 1) plan = withPlainPaths(Plan, plan) as Raw;
  for (const key of Object.keys(plan)) noteMeanings(given[key], plan[key], [key], origins);
  plan = withServices(plan, origins);
  for (const { fallbacks } of tasks) if (fallbacks) plan = settled(plan, fallbacks(written(plan)), [], origins) as Raw;
  plan = settled(plan, notifyFallbacks(plan), [], origins) as Raw;
  return { input: filled(Plan, plan, [], origins), origins };
}

function noteMeanings(before: unknown, after: unknown, path: Path, origins: Origins): void {
  if (before === undefined) origins.add(path, 'version 1');
  else if (isRaw(before) && isRaw(after) && before !== after)
    for (const key of Object.keys(after)) noteMeanings(before[key], after[key], [...path, key], origins);
}

/** A plan that names nothing that the week makes gets the week's own services. */
function withServices(plan: Raw, origins: Origins): Raw {
  const { services = [] } = plan;
  if (!Array.isArray(services)) return plan;
  const makers = tasks.filter((task) => !('changesNothing' in task));
  const made = new Set(makers.flatMap((task) => Object.keys(task.services ?? {})));
  if (services.some((service) => isRaw(service) && made.has(String(service['kind'])))) return plan;
  const usual = makers.flatMap(({ usualServices }) => usualServices?.(written(plan)) ?? []);
  usual.forEach((_, index) => origins.add(['services', services.length + index], 'derived from machines'));
  return { ...plan, services: [...services, ...usual] };
}

function settled(given: unknown, fallbacks: Fallbacks, path: Path, origins: Origins): unknown {
  if (fallbacks instanceof Fallback) {
    if (given !== undefined) return given;
    origins.add(path, fallbacks.from ? `derived from ${fallbacks.from}` : 'default');
    return structuredClone(fallbacks.value);
  }
  if (Array.isArray(fallbacks)) {
    if (!Array.isArray(given)) return given;
    return given.map((item, index) => settled(item, fallbacks[index] ?? {}, [...path, index], origins));
  }
  if (given !== undefined && !isRaw(given)) return given;
  const filledIn = Object.entries(fallbacks).map(([key, inner]) => [
    key,
    settled(given?.[key], inner, [...path, key], origins),
  ]);
  return { ...given, ...Object.fromEntries(filledIn.filter(([, value]) => value !== undefined)) };
}

/** By the schema's own defaults, with the keys in its order. */
function filled(schema: z.core.$ZodType, given: unknown, path: Path, origins: Origins): unknown {
  const { type, innerType, defaultValue } = definitionOf(schema);
  if (innerType) {
    if (given !== undefined || !['default', 'prefault'].includes(type)) return filled(innerType, given, path, origins);
    origins.add(path, 'default');
    return filled(innerType, structuredClone(defaultValue), path, origins);
  }
  const { shape, element } = definitionOf(memberOf(schema, given));
  if (element && Array.isArray(given))
    return given.map((item, index) => filled(unwrap(element), item, [...path, index], origins));
  if (!shape || !isRaw(given)) return given;
  const known = Object.entries(shape).map(([key, inner]) => [key, filled(inner, given[key], [...path, key], origins)]);
  const others = Object.entries(given).filter(([key]) => !(key in shape));
  return Object.fromEntries([...known.filter(([, value]) => value !== undefined), ...others]);
}
