// What the schema itself says of a place in the plan: its inner type, its keys, its default.
import type { z } from 'zod';

interface Definition {
  type: string;
  innerType?: z.core.$ZodType;
  defaultValue?: unknown;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  discriminator?: string;
}

export function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

/** Without what only says that it may be left out. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = definitionOf(schema);
  return innerType ? unwrap(innerType) : schema;
}

/** Of a union, the member that the value names. */
export function memberOf(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const { options, discriminator } = definitionOf(schema);
  if (!options || !discriminator) return schema;
  const named = (value as Record<string, string> | undefined)?.[discriminator] as string;
  return options.find((option) => definitionOf(option).shape?.[discriminator]?._zod.values?.has(named)) ?? schema;
}

/** The keys that the schema allows at a path; for a union, those of the member that the input's `kind` names. */
export function keysAt(root: z.core.$ZodType, path: (string | number)[], input: unknown): string[] {
  let schema = unwrap(root);
  let value = input as Record<string | number, unknown> | undefined;
  for (const part of path) {
    value = value?.[part] as typeof value;
    const { element, valueType, shape } = definitionOf(schema);
    const next = element ?? valueType ?? shape?.[part];
    if (!next) return [];
    schema = memberOf(unwrap(next), value);
  }
  return Object.keys(definitionOf(schema).shape ?? {});
}
