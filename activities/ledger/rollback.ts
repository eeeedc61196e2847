// Goes through the entries of a run and takes each back, past failures. How one is undone is not known here: `undo` is.
import { namesOf } from '../../plan/secrets/ours.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { targetOf, type Scope, type Undone, type UndoResult } from '../../plan/week/undo.ts';
import { cancelled } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { append, isLive, type Book, type Entry } from './journal.ts';
import { inOrder, selected } from './order.ts';

/** Takes one entry back. Throws when it could not: the entry stays open. */
export type UndoEntry = (host: Host, entry: Entry, round: Round) => Promise<Outcome>;

/** In a dry run `undone` says that it would be. */
export interface Outcome {
  result: UndoResult;
  detail?: string;
}

export interface Round {
  /** All entries of the run. */
  known: Entry[];
  /** The run's entries that are undone already or in this same rollback. */
  removed: Entry[];
  /** What became of entries in this rollback, by their number. */
  results: Map<number, UndoResult>;
  dryRun: boolean;
  /** In a dry run, the files as the undos before would have left them. */
  foreseen: Map<string, Buffer | null>;
}

/** What can't be read may have been of any entry: it is told with the first. */
function telling(unreadable: string[], undone: Undone[]): Undone[] {
  const [first, ...others] = undone;
  if (!first || unreadable.length === 0) return undone;
  return [{ ...first, detail: [...unreadable, ...(first.detail ? [first.detail] : [])].join('; ') }, ...others];
}

/** Where the change of an entry was made again: whether the entry still counts, since it had not ended before that. */
function currentOf({ n, step, undo, end }: Entry, known: Entry[]): Pick<Undone, 'current'> {
  const again = known.filter(
    (one) => one.n > n && one.step === step && one.undo.kind === undo.kind && targetOf(one.undo) === targetOf(undo),
  );
  // One that is not done may have been at it until a moment ago.
  const lastAt = Math.max(...again.map(({ done, doneAt, at }) => (done ? (doneAt ?? at) : Infinity)));
  return again.length > 0 && (!end || end.at > lastAt) ? { current: true } : {};
}

/** Rolls back entries of this host's ledger. Only the holder of the machine's lock may, but for dry runs. */
export function rollbackOn(host: Host, undo: UndoEntry) {
  async function undoAll(book: Book, run: string, scope: Scope, dryRun: boolean): Promise<Undone[]> {
    const entries = selected(book.entries, run, scope);
    const removed = book.entries.filter((entry) => entry.run === run && (entries.includes(entry) || !isLive(entry)));
    const known = book.entries.filter((entry) => entry.run === run);
    const round: Round = { known, removed, results: new Map(), dryRun, foreseen: new Map() };
    return telling(book.unreadable, await inOrder(entries, (entry) => undoOne(entry, round)));
  }

  async function undoOne(entry: Entry, round: Round): Promise<Undone> {
    const started = performance.now();
    const { result, detail } = redact(
      entry.end
        ? { ...entry.end, result: entry.end.result === 'left' ? ('left' as const) : ('already' as const) }
        : await tryUndo(entry, round),
      namesOf(entry.undo),
    );
    round.results.set(entry.n, result);
    if (!entry.end && !round.dryRun)
      await append(
        host.state,
        [
          result === 'failed'
            ? { failed: entry.n, detail: detail ?? '', at: Date.now() }
            : { undone: entry.n, result, detail, at: Date.now() },
        ],
        host.files,
      );
    return {
      entry: entry.n,
      step: entry.step,
      kind: entry.undo.kind,
      target: targetOf(entry.undo),
      result,
      ...(detail ? { detail } : {}),
      ...currentOf(entry, round.known),
      ms: Math.round(performance.now() - started),
    };
  }

  async function tryUndo(entry: Entry, round: Round): Promise<Outcome> {
    try {
      return await undo(host, entry, round);
    } catch (error) {
      cancelled().throwIfAborted();
      return { result: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The entries that a look at the machine finds not undone, whatever the ledger says. */
  async function remaining(book: Book, run: string): Promise<Undone[]> {
    // A stream that went with its servers is looked at with their containers.
    const all = selected(book.entries, run, 'all');
    const left = new Set(all.filter(({ end }) => end?.result === 'left').map(({ undo }) => targetOf(undo)));
    const entries = all.filter(({ undo, end }, index) => {
      // Of several changes to one thing the oldest says what it was.
      const isOldest = !all
        .slice(index + 1)
        .some((older) => older.undo.kind === undo.kind && targetOf(older.undo) === targetOf(undo));
      return (
        isOldest &&
        !left.has(targetOf(undo)) &&
        !(undo.kind === 'stream.delete' && end?.detail?.startsWith('gone with')) &&
        // Its servers may be down as they were before the week.
        !(undo.kind === 'consumer.delete' && end?.result === 'undone')
      );
    });
    const round: Round = { known: all, removed: entries, results: new Map(), dryRun: true, foreseen: new Map() };
    const looks = await inOrder(entries, async (entry) => undoOne({ ...entry, end: undefined }, round));
    return looks.filter(({ result }) => result !== 'already');
  }

  return { undoAll, remaining };
}
