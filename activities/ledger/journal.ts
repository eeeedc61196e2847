// The ledger's file: JSON lines, only ever appended to, each on the disk before what it announces is done.
import { refusal } from '../context/refusal.ts';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { runnerIn } from '../../plan/machine-api/runs.ts';
import type { Undo, UndoResult } from '../../plan/week/undo.ts';
import { closing } from '../files/bytes.ts';
import { appendChecked } from '../files/append.ts';
import { makeDirectories, readIfThere, syncDirectory } from '../files/disk.ts';
import { nodeFiles, type FileSystem } from '../files/file-system.ts';

/** The newest that this build reads. Rises when a build of today would undo wrongly what is written from then on, such as a new kind of undo. */
export const ledgerVersion = 4;

/** What a build must know to take this back: a ledger without such changes is one of before, also for older builds. */
export function versionOf(undo: Undo): number {
  if (undo.kind === 'environment.restore') return 4;
  if (undo.kind === 'agent.restore' && runnerIn(undo.program).runs !== 'supervisor') return 4;
  // A hub that wants a login is told to reload at no URL alone.
  if (undo.kind === 'file.restore' && undo.reload && typeof undo.reload.url !== 'string') return 4;
  if (undo.kind === 'consumer.delete') return 3;
  return undo.kind === 'container.restore' ? 2 : 1;
}

export type Line =
  /** Of what is written from here on. The first line; a ledger without one is of version 1. */
  | { version: number; at: number }
  /** A change is about to be made. */
  | { n: number; run: string; step: string; key: string; undo: Undo; at: number }
  /** Entry `wrote` writes something of this digest too: a retry wrote other bytes than the first attempt. */
  | { wrote: number; digest: string; at: number }
  | { done: number; at: number }
  /** The change failed, and nobody is at it any more: whom it asked has answered. Older builds pass over it. */
  | { answered: number; at: number }
  /** A change that was done or answered is made again. Older builds pass over it. */
  | { again: number; at: number }
  /** The end of an entry. */
  | { undone: number; result: Exclude<UndoResult, 'failed'>; detail?: string; at: number }
  /** An undo that failed is no end: the next rollback tries again. */
  | { failed: number; detail: string; at: number }
  | { open: string; plan: string; at: number }
  /** `by`: the week, or who closed it on this machine without the week. */
  | { close: string; by: string; at: number }
  | { keep: string; at: number }
  | { note: string; at: number };

export interface Entry {
  n: number;
  run: string;
  step: string;
  /** What is changed, in the words of whoever changes it: with run and step it tells a retry. */
  key: string;
  undo: Undo;
  at: number;
  /** Digests of all that we wrote there: what carries another is not ours. */
  wrote: string[];
  /** false: killed or failed before the change was complete. */
  done: boolean;
  /** Unix milliseconds. */
  doneAt?: number;
  /** It failed, and nothing of it is still to come. */
  answered?: boolean;
  end?: { result: Exclude<UndoResult, 'failed'>; detail?: string; at: number };
}

export interface Book {
  version: number;
  entries: Entry[];
  /** Run → plan. */
  opened: Map<string, string>;
  closed: Map<string, Closing>;
  kept: Set<string>;
  /** The highest number of an entry, read or not. */
  highest: number;
  /** What could not be read and was passed over or set aside, for people. */
  unreadable: string[];
}

export interface Closing {
  by: string;
  /** Unix milliseconds. */
  at: number;
  /** When the last of its entries was undone; null while some are not. */
  undoneAt: number | null;
}

export function isLive(entry: Entry): boolean {
  return entry.end === undefined;
}

/**
 * Reads the ledger in `directory`; a torn last line is not there. Other lines that can't be read are named and passed over: a rollback
 * must not end at one. Throws LedgerNewer, naming the file, when a newer build wrote in it: half understood it would be undone wrongly.
 */
export async function read(directory: string, files: FileSystem = nodeFiles): Promise<Book> {
  const file = ledgerFile(directory);
  const text = (await readIfThere(file, files))?.toString() ?? '';
  const book: Book = {
    version: 1,
    entries: [],
    opened: new Map(),
    closed: new Map(),
    kept: new Set(),
    highest: 0,
    unreadable: [],
  };
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .forEach((json, index) => {
      if (json === '') return;
      // Also of a line that can't be read: the backups of its entry may be all that there is.
      book.highest = Math.max(book.highest, Number(/^\{"(?:n|done|wrote|undone|failed)":(\d+)/.exec(json)?.[1] ?? 0));
      try {
        const line = JSON.parse(json) as Line;
        if ('version' in line) book.version = Math.max(book.version, line.version);
        else enter(book, line);
      } catch {
        book.unreadable.push(`line ${index + 1} of ${file} can't be read and was passed over`);
      }
    });
  if (!(book.version <= ledgerVersion))
    throw refusal(
      'LedgerNewer',
      `${file} is a ledger of version ${book.version}, and this build of hubshift knows versions up to ${ledgerVersion}. ` +
        'Nothing of it was changed: use the command and the worker of the build that wrote it',
    );
  for (const [run, closing] of book.closed)
    closing.undoneAt = lastEnd(
      closing.at,
      book.entries.filter((entry) => entry.run === run),
    );
  return book;
}

interface Write {
  lines: Line[];
  /** Takes no more lines. */
  begun: boolean;
  done: Promise<void>;
}

/** The write of each ledger that was asked for last, in this process: undos go side by side, and their lines share a sync. */
const writes = new Map<string, Write>();

/** Appends lines, syncs and checks them: all of them or none. Only the holder of the machine's lock may. */
export async function append(directory: string, lines: Line[], files: FileSystem): Promise<void> {
  if (lines.length === 0) return;
  const path = ledgerFile(directory);
  const last = writes.get(path);
  const write = last && !last.begun ? last : writeAfter(last?.done, path, files);
  writes.set(path, write);
  write.lines.push(...lines);
  await write.done;
}

/**
 * Makes the file when it is missing, cuts off a last line that a crash tore, and has the rest on the disk: whoever wrote it may have been
 * killed before. Only the holder of the machine's lock may, after it has read the file.
 */
export async function mend(directory: string, files: FileSystem): Promise<void> {
  const path = ledgerFile(directory);
  await makeDirectories(directory, 0o700, files);
  const bytes = await readIfThere(path, files);
  const whole = (bytes?.lastIndexOf('\n') ?? -1) + 1;
  const torn = (bytes?.length ?? 0) - whole;
  if (bytes) await cut(path, whole, files);
  const at = Date.now();
  const lines: Line[] = [];
  if (whole === 0) lines.push({ version: 1, at });
  if (torn > 0) lines.push({ note: `dropped ${torn} bytes of a torn last line`, at });
  if (lines.length > 0) await append(directory, lines, files);
  await syncDirectory(directory, files);
}

function writeAfter(before: Promise<void> | undefined, path: string, files: FileSystem): Write {
  const begin = (): Promise<void> => {
    write.begun = true;
    const text = write.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return appendChecked(path, Buffer.from(text), 0o600, files);
  };
  const write: Write = { lines: [], begun: false, done: (before ?? Promise.resolve()).then(begin, begin) };
  return write;
}

async function cut(path: string, length: number, files: FileSystem): Promise<void> {
  const file = await files.open(path, constants.O_RDWR);
  await closing(file, async () => {
    if ((await file.stat()).size > length) await file.truncate(length);
    await file.sync();
  });
}

function ledgerFile(directory: string): string {
  return join(directory, 'ledger.jsonl');
}

function enter(book: Book, line: Line): void {
  const entry = (n: number): Entry => {
    const found = book.entries.find((one) => one.n === n);
    if (!found) throw new Error(`No entry ${n}`);
    return found;
  };
  if ('n' in line) book.entries.push({ ...line, wrote: digestsOf(line.undo), done: false });
  else if ('wrote' in line) entry(line.wrote).wrote.push(line.digest);
  else if ('done' in line) Object.assign(entry(line.done), { done: true, doneAt: line.at });
  else if ('answered' in line) entry(line.answered).answered = true;
  else if ('again' in line) Object.assign(entry(line.again), { done: false, doneAt: undefined, answered: false });
  else if ('undone' in line) entry(line.undone).end = { result: line.result, detail: line.detail, at: line.at };
  else if ('open' in line) book.opened.set(line.open, line.plan);
  else if ('close' in line) book.closed.set(line.close, { by: line.by, at: line.at, undoneAt: null });
  else if ('keep' in line) book.kept.add(line.keep);
}

function lastEnd(closedAt: number, entries: Entry[]): number | null {
  return entries.every((entry) => entry.end) ? Math.max(closedAt, ...entries.map(({ end }) => end?.at ?? 0)) : null;
}

function digestsOf(undo: Undo): string[] {
  if ('specDigest' in undo) return [undo.specDigest];
  return 'wroteSha256' in undo ? [undo.wroteSha256] : [];
}
