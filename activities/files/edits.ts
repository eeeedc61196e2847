// Edits of files that are not ours, tried before the week without writing anything: what can't be edited then is told with its line.
import type { FileEdit } from '../../plan/machine-api/files.ts';
import { applyEdit } from '../../plan/yaml/edit.ts';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { readIfThere } from './disk.ts';
import { resolvePath } from './paths.ts';
import { textOf } from './text.ts';

/** What the file says, and would say. Throws what stands in the way, with its line. */
export async function triedEdit(host: Host, path: string, edit: FileEdit): Promise<{ before: string; after: string }> {
  const what = `${path} on ${host.machine}`;
  const bytes = await readIfThere(await resolvePath(host.path(path), host.files), host.files);
  if (!bytes) throw new Error(`${what} is not there: correct the path in the plan`);
  const before = textOf(bytes, what);
  return { before, after: edited(host, path, bytes, edit) };
}

/** As a step edits it. Throws FileUneditable, with the line. */
export function edited(host: Host, path: string, current: Buffer, edit: FileEdit): string {
  const what = `${path} on ${host.machine}`;
  const text = textOf(current, what);
  try {
    return applyEdit(text, edit);
  } catch (error) {
    throw refusal(
      'FileUneditable',
      `${what} can't be edited: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
