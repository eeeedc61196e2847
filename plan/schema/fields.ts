// The fields that several parts of a plan share: names, ports, paths, and what every container has.
import { z } from 'zod';
import { Duration } from './duration.ts';
import { Logs, Resources } from './limits.ts';

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "-", "_" and ".", beginning with a letter or digit');

export const site = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, "-" and "_", beginning with a letter or digit');

/** As supervisorctl has it: a program of its own, or one in a group, as those of numprocs are. */
export const program = z
  .string()
  .refine((text) => !/:\*?$/.test(text), {
    error: 'a single program, GROUP:NAME ("GROUP:*" is all of a group: an agent for each),',
    abort: true,
  })
  .refine((text) => !/^(.+):\1$/.test(text), { error: 'NAME alone, where its group is called so too,', abort: true })
  .regex(
    /^(?:(?![\s.-])[^\p{C}:/*]+(?<!\s):)?(?![\s.-])[^\p{C}:/*]+(?<!\s)$/u,
    'NAME or GROUP:NAME, as "supervisorctl status" has it',
  );

export const port = z.number().int().min(1).max(65535);

const wantedPath = 'an absolute path without ".."';

export const absolutePath = z
  .string(wantedPath)
  .regex(/^\/(?!.*(^|\/)\.\.(\/|$))/, wantedPath)
  .meta({ of: 'path' });

/** Also of one with another description. */
export function isAbsolutePath(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['of'] === 'path';
}

/** A key that a task fills in from others (plan/tasks/…/fallbacks.ts). */
export const derived = <S extends z.ZodType>(schema: S): S => schema.meta({ fallback: 'derived' });

export const owner = z.string().regex(/^\d+:\d+$/, 'numeric uid:gid, such as "65534:65534"');

export const percent = z.number().min(0).max(100);

export const subject = z
  .string()
  .regex(/^[a-z0-9_-]+(\.([a-z0-9_-]+|\*))*(\.>)?$/i, 'a NATS subject, such as observability.metrics.*');

export const regex = z.string().refine((text) => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}, 'a regular expression');

export const Port = z.strictObject({ host: derived(port), container: derived(port) });
export type Port = z.infer<typeof Port>;

export const Directory = z.strictObject({
  path: absolutePath,
  owner,
  mount: absolutePath.describe('where the container sees it'),
});

export const container = {
  name: derived(name),
  machine: name,
  image: derived(z.string().min(1)),
  restart: z.literal('always').prefault('always'),
  base: derived(absolutePath).describe('the directory that holds all of its files; removed by undo if we made it'),
  directories: derived(z.array(Directory).min(1)),
  command: derived(z.array(z.string())),
  stopGrace: Duration.prefault('10s').describe('how long it may take to stop by itself'),
  resources: Resources.optional(),
  logs: Logs.optional(),
};

export const within = (limit: string, target: string) =>
  z.strictObject({ limit: Duration.prefault(limit), target: Duration.prefault(target) }).prefault({});

export const below = (limit: number, target: number) =>
  z.strictObject({ limit: percent.prefault(limit), target: percent.prefault(target) }).prefault({});
