// Whether the container of a web configuration may read it, and what it names.
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AccessAsk } from '../../plan/machine-api/access.ts';
import type { Host } from '../context/host.ts';
import { barred, readerBy, whatBars } from './readers.ts';

export type WebAsk = AccessAsk['web'][number];

/** An error of the web configuration. */
export type Wrong = (why: string) => Error;

/** By the container's user, who sees its directory alone, and links of it only as far as they stay there. */
export async function mayBeRead(host: Host, file: string, { path, container, user }: WebAsk): Promise<void> {
  const directory = host.path(dirname(path));
  const missing = (error: NodeJS.ErrnoException) =>
    new Error(`${file} is not on ${host.machine} (${error.code ?? error.message}), and ${container} reads it`, {
      cause: error,
    });
  const [top, real] = await Promise.all([realpath(directory), realpath(host.path(file))]).catch(
    (error: NodeJS.ErrnoException) => Promise.reject(missing(error)),
  );
  if (!real.startsWith(`${top}/`))
    throw new Error(
      `${file} on ${host.machine} is a link to ${host.planned(real)}, which ${container} does not see: of all that only ${dirname(path)} is mounted. Put the file itself there`,
    );
  const reader = readerBy(user);
  const bar = await whatBars(real, reader, top);
  if (bar) throw barred(host, bar, reader, container);
}
