// The file of a hub as the hub's own promtool sees it: in a container in the place of the hub's, with its version, its mounts and its user.
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Host } from '../context/host.ts';
import { runBeside } from '../docker/check-beside.ts';
import { inspect } from '../docker/container.ts';
import { seenAs } from '../docker/fit.ts';
import { attributesOf, makeDirectories } from '../files/disk.ts';
import { cancelled } from '../context/cancellation.ts';

/** What promtool has against a text; or why it was not asked; neither where it takes it. */
export interface Checked {
  refused?: string;
  unchecked?: string;
}

/** Rules are read too, and there may be thousands. */
const timeoutMs = 60_000;
const linesKept = 4;

export async function promtoolSays(host: Host, container: string, path: string, text: string): Promise<Checked> {
  let directory: string | undefined;
  try {
    const found = await inspect(host, container);
    if (!found) return { unchecked: `there is no container ${container} on ${host.machine}` };
    const seen = await seenAs(host, found, path);
    if (seen === null) return { unchecked: `${container} has nothing mounted from where ${path} is` };
    // At the first preflight nobody has opened the ledger yet.
    await makeDirectories(host.state, 0o700, host.files);
    directory = await mkdtemp(join(host.state, '.hubshift-check-'));
    const file = join(directory, basename(path));
    await writeFile(file, text, { mode: 0o600 });
    await alike(host, file, host.path(path));
    const { exitCode, output } = await runBeside(host, `the promtool of ${container}`, found, {
      command: ['promtool', 'check', 'config', seen],
      file,
      seen,
      timeoutMs,
    });
    return exitCode === 0 ? {} : { refused: complaint(output) };
  } catch (error) {
    cancelled().throwIfAborted();
    const { message } = error as Error;
    return { unchecked: /executable file not found/.test(message) ? `the image of ${container} has none` : message };
  } finally {
    if (directory) await rm(directory, { recursive: true, force: true });
  }
}

/** Whoever may read the one may read the other, and nobody else. */
async function alike(host: Host, file: string, other: string): Promise<void> {
  const attributes = await attributesOf(other, host.files);
  if (!attributes) return;
  const { uid, gid, mode } = attributes;
  if (process.getuid?.() === 0) await chown(file, uid, gid);
  await chmod(file, mode & 0o777);
}

/** The lines that say what is wrong; where none does, the last ones. */
function complaint(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const failed = lines.filter((line) => /FAILED|error/i.test(line));
  return (failed.length > 0 ? failed : lines.filter(Boolean)).slice(-linesKept).join('; ');
}
