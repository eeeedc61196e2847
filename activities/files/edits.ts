// Edits of files that are not ours, tried before the week without writing anything: what can't be edited then is told with its line.
import type { FileEdit } from '../../plan/machine-api/files.ts';
import { applyEdit } from '../../plan/yaml/edit.ts';
import type { Host } from '../context/host.ts';
import { readIfThere } from './disk.ts';
import { resolvePath } from './paths.ts';
import { textOf } from './text.ts';

/** What the file says, and would say. Throws what stands in the way, with its line. */
export async function triedEdit(host: Host, path: string, edit: FileEdit): Promise<{ before: string; after: string }> {
  const what = `${path} on ${host.machine}`;
  const bytes = await readIfThere(await resolvePath(host.path(path), host.files), host.files);
  if (!bytes) throw new Error(`${what} is not there: correct the path in the plan`);
  const before = textOf(bytes, what);
  try {
    return { before, after: applyEdit(before, edit) };
  } catch (error) {
    throw new Error(`${what} can't be edited: ${(error as Error).message}`, { cause: error });
  }
}
