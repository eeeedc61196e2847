// Absolute paths of a plan as they are said shortest.
import type { z } from 'zod';
import { isRaw } from './fallback.ts';
import { isAbsolutePath } from './fields.ts';
import { definitionOf, memberOf, unwrap } from './shape.ts';
import { shortest } from './shortest.ts';

/** Of any input, by the schema; what is no path there stays as it is. */
export function withPlainPaths(schema: z.core.$ZodType, given: unknown): unknown {
  const bare = memberOf(unwrap(schema), given);
  if (typeof given === 'string') return isAbsolutePath(bare) ? shortest(given) : given;
  const { shape, element } = definitionOf(bare);
  if (element && Array.isArray(given)) return given.map((item) => withPlainPaths(element, item));
  if (!shape || !isRaw(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, shape[key] ? withPlainPaths(shape[key], value) : value]),
  );
}
