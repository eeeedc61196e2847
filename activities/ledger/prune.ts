// Takes runs out of a machine's ledger that are over for long: undone, or kept by a GO. What it keeps of one is that it takes no changes.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { putFile, readIfThere } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { preparedIn } from './backups.ts';
import { noLedger } from './export.ts';
import { read, type Book, type Line } from './journal.ts';
import { withLock } from './lock.ts';

export interface Ended {
  run: string;
  plan: string | null;
  how: 'undone' | 'kept';
  /** When it was undone, or kept. Unix milliseconds. */
  at: number;
  entries: number;
  /** Entries that somebody had changed since: copies of both versions go. */
  left: number;
}

/** The runs that ended before that time (Unix milliseconds); they are taken out unless it is a dry run. */
export async function pruneLedger(directory: string, before: number, dryRun: boolean): Promise<Ended[]> {
  const file = join(directory, 'ledger.jsonl');
  const look = async () => {
    const book = await read(directory);
    const text = (await readIfThere(file))?.toString();
    if (text === undefined) throw noLedger(directory);
    return { book, text, ended: endedIn(book, text).filter(({ at }) => at < before) };
  };
  if (dryRun) return (await look()).ended;
  return withLock(join(directory, 'lock'), 'pruning', { waitMs: 30_000 }, async () => {
    const { book, text, ended } = await look();
    if (ended.length === 0) return [];
    const runs = new Set(ended.map(({ run }) => run));
    const gone = new Set(book.entries.filter(({ run }) => runs.has(run)).map(({ n }) => n));
    const notes = ended.map(({ run, entries }) => ({ note: `pruned run ${run}: ${entries} changes`, at: Date.now() }));
    // Without a last line that a crash tore.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const stays = whole.filter((json) => json !== '' && !isOf(json, runs, gone));
    const lines = [...stays, ...notes.map((note) => JSON.stringify(note))].map((json) => `${json}\n`);
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    // Its lines first: a backup that nothing names is harmless, a line without its backup is not.
    await putFile(file, Buffer.from(lines.join('')), { mode: 0o600, ...owner });
    for (const run of runs) {
      await rm(join(directory, preparedIn(run)), { recursive: true, force: true });
      const copies = join(directory, 'backups', encodeURIComponent(run));
      if (book.unreadable.length === 0) await rm(copies, { recursive: true, force: true });
      else await removeCopies(copies, gone);
    }
    return ended;
  });
}

/** Only those of these entries: a line that can't be read may be of a change of which the copy is all that there is. */
async function removeCopies(directory: string, entries: Set<number>): Promise<void> {
  const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
  const gone = names.filter((name) => entries.has(Number.parseInt(name, 10)));
  for (const name of gone) await rm(join(directory, name), { force: true });
  if (gone.length === names.length) await rm(directory, { recursive: true, force: true });
}

/** What is open, or was closed and not wholly undone, is not over. */
function endedIn({ entries, opened, closed, kept }: Book, text: string): Ended[] {
  const keptAt = new Map(linesOf(text).flatMap((line) => ('keep' in line ? [[line.keep, line.at] as const] : [])));
  const runs = new Set([...opened.keys(), ...entries.map(({ run }) => run)]);
  return [...runs].flatMap((run): Ended[] => {
    const mine = entries.filter((entry) => entry.run === run);
    const closing = closed.get(run);
    const at = closing ? closing.undoneAt : kept.has(run) ? (keptAt.get(run) ?? null) : null;
    if (at === null) return [];
    const left = mine.filter(({ end }) => end?.result === 'left').length;
    return [{ run, plan: opened.get(run) ?? null, how: closing ? 'undone' : 'kept', at, entries: mine.length, left }];
  });
}

/** `close` and `keep` stay: a run that is pruned takes no more changes than before. */
function isOf(json: string, runs: Set<string>, entries: Set<number>): boolean {
  const [line] = linesOf(json);
  if (!line) return false;
  if ('n' in line) return runs.has(line.run);
  if ('open' in line) return runs.has(line.open);
  if ('wrote' in line) return entries.has(line.wrote);
  if ('done' in line) return entries.has(line.done);
  if ('answered' in line) return entries.has(line.answered);
  if ('again' in line) return entries.has(line.again);
  if ('undone' in line) return entries.has(line.undone);
  return 'failed' in line && entries.has(line.failed);
}

/** Without those that can't be read. */
function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((json): Line[] => {
    try {
      const line = JSON.parse(json) as Line | null;
      return line && typeof line === 'object' ? [line] : [];
    } catch {
      return [];
    }
  });
}
