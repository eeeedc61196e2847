// What a machine's ledger says of its runs. Comes without what drives a machine: in an emergency it is asked before that is known to be needed.
import { nodeFiles, type FileSystem } from '../files/file-system.ts';
import { isLive, read, type Closing } from './journal.ts';

export interface RunSummary {
  run: string;
  plan: string;
  state: 'open' | 'closed' | 'kept';
  entries: number;
  /** Entries that are not undone. */
  live: number;
}

export async function runsIn(directory: string, files: FileSystem = nodeFiles): Promise<RunSummary[]> {
  const book = await read(directory, files);
  const names = new Set([...book.opened.keys(), ...book.entries.map((entry) => entry.run)]);
  return [...names].map((run) => {
    const entries = book.entries.filter((entry) => entry.run === run);
    const state = book.closed.has(run) ? 'closed' : book.kept.has(run) ? 'kept' : 'open';
    return {
      run,
      plan: book.opened.get(run) ?? '',
      state,
      entries: entries.length,
      live: entries.filter(isLive).length,
    };
  });
}

/** Who closed a run, and when; null while it is open. */
export async function closingIn(
  directory: string,
  run: string,
  files: FileSystem = nodeFiles,
): Promise<Closing | null> {
  return (await read(directory, files)).closed.get(run) ?? null;
}
