// Whose a directory is that the week wants to fill: one with something in it that this run did not make is somebody else's.
import { refusal } from '../context/refusal.ts';
import type { Host } from '../context/host.ts';
import { isLive } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { makerOf } from '../ledger/maker.ts';
import { attributesOf } from './disk.ts';
import { nullIfMissing } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { isWithin } from './paths.ts';

/** Throws ForeignDirectory, saying whose it is, where known, and how to mend it. */
export async function refuseDirectory(host: Host, ledger: Ledger, run: string, path: string): Promise<void> {
  if (!(await isFilled(host.path(path), host.files))) return;
  const makers = await makersOf(ledger, path);
  if (makers.includes(run)) return;
  throw refusal(
    'ForeignDirectory',
    `${path} on ${host.machine} was there before, with something in it: it was ${await makerOf(ledger, makers.at(-1))}. ` +
      `Take it over (name its service in "adopt" of the plan: what is in it stays, and the week writes there too), move it away, or name another directory`,
  );
}

/** Throws ForeignDirectory where it is there, was not made by this run, and belongs to another user than wanted. */
export async function refuseOwner(
  host: Host,
  ledger: Ledger,
  run: string,
  { path, owner }: { path: string; owner: string },
): Promise<void> {
  const found = await attributesOf(host.path(path), host.files);
  if (!found || `${found.uid}:${found.gid}` === owner || (await makersOf(ledger, path)).includes(run)) return;
  throw foreignOwner(host, path, found, owner);
}

export function foreignOwner(host: Host, path: string, found: { uid: number; gid: number } | null, owner: string) {
  return refusal(
    'ForeignDirectory',
    `${path} on ${host.machine} was there before and belongs to ${found?.uid}:${found?.gid}; it must belong to ${owner}. ` +
      `Either "chown -R ${owner} ${host.path(path)}", if its content may go to that user, or name another directory in the plan`,
  );
}

export async function isFilled(directory: string, files: FileSystem): Promise<boolean> {
  const names = await files.readdir(directory).catch(nullIfMissing);
  return (names?.length ?? 0) > 0;
}

/** The runs that made it and have not removed it since; one that an undo had to leave is still its own. */
async function makersOf(ledger: Ledger, path: string): Promise<string[]> {
  const makers: string[] = [];
  for (const { run } of await ledger.runs()) {
    const made = (await ledger.entries(run)).some(
      (entry) =>
        entry.undo.kind === 'directory.remove' &&
        isWithin(entry.undo.path, path) &&
        (isLive(entry) || entry.end?.result === 'left'),
    );
    if (made) makers.push(run);
  }
  return makers;
}
