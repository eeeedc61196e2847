// Whose a directory is that the week wants to fill: one with something in it that this run did not make is somebody else's.
import { ApplicationFailure } from '@temporalio/common';
import type { Host } from '../context/host.ts';
import { isLive } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { makerOf } from '../ledger/maker.ts';
import { nullIfMissing } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { isWithin } from './paths.ts';

/** Throws ForeignDirectory, saying whose it is, where known, and how to mend it. */
export async function refuseDirectory(host: Host, ledger: Ledger, run: string, path: string): Promise<void> {
  if (!(await isFilled(host.path(path), host.files))) return;
  const makers = await makersOf(ledger, path);
  if (makers.includes(run)) return;
  throw ApplicationFailure.nonRetryable(
    `${path} on ${host.machine} was there before, with something in it: it was ${await makerOf(ledger, makers.at(-1))}. ` +
      `Take it over (name its service in "adopt" of the plan: what is in it stays, and the week writes there too), move it away, or name another directory`,
    'ForeignDirectory',
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
