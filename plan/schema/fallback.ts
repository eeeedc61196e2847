// What holds for a key that a plan leaves out, where the schema alone can't say it: a task derives it from other keys.

export type Raw = Record<string, unknown>;

/** A value as it would be written, and the keys that it comes from; without any it is the same in every plan. */
export class Fallback {
  constructor(
    readonly value: unknown,
    readonly from?: string,
  ) {}
}

/** By key; of a list by index. */
export type Fallbacks = Fallback | Fallbacks[] | { [key: string]: Fallbacks };

export const usual = (value: unknown) => new Fallback(value);

export const derived = (from: string, value: unknown) => new Fallback(value, from);

/** A plan as it is written, so far as it has the form of one. */
export interface Written {
  machines: string[];
  services: Raw[];
  plan: Raw;
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function written(plan: Raw): Written {
  return {
    machines: listOf(plan['machines']).map(({ name }) => String(name)),
    services: listOf(plan['services']),
    plan,
  };
}

/** Of a list the maps; what else is there stands as an empty one, so that each keeps its index. */
export function listOf(value: unknown): Raw[] {
  return Array.isArray(value) ? value.map((item) => (isRaw(item) ? item : {})) : [];
}
