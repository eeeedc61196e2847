// Absolute paths of a plan as they are said shortest, so that two spellings of one are the same to whoever compares them.
import type { z } from 'zod';
import { isRaw } from './fallback.ts';
import { isAbsolutePath } from './fields.ts';
import { definitionOf, memberOf, unwrap } from './shape.ts';

/** Of any input, by the schema; what is no path there stays as it is. */
export function withPlainPaths(schema: z.core.$ZodType, given: unknown): unknown {
  const bare = memberOf(unwrap(schema), given);
  if (typeof given === 'string') return isAbsolutePath(bare) ? plain(given) : given;
  const { shape, element } = definitionOf(bare);
  if (element && Array.isArray(given)) return given.map((item) => withPlainPaths(element, item));
  if (!shape || !isRaw(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, shape[key] ? withPlainPaths(shape[key], value) : value]),
  );
}

/** `..` is refused. A slash at the end stays: it says that this is a directory. */
function plain(path: string): string {
  return path.startsWith('/') ? path.replaceAll(/\/(\.?\/)+/g, '/').replace(/\/\.$/, '/') : path;
}
