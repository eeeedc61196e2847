// A machine's ledger, the only truth about undo: what a run changed here, and how to take it back. Works without Temporal.
import { refusal } from '../context/refusal.ts';
import { join } from 'node:path';
import { redact } from '../../plan/secrets/redact.ts';
import { targetOf, type Scope, type Undo, type Undone } from '../../plan/week/undo.ts';
import type { Change, LedgerActivities } from '../../plan/machine-api/ledger.ts';
import type { RefusalCode } from '../../plan/machine-api/refusals.ts';
import { uncancelled } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { Changed } from '../files/disk.ts';
import type { FileSystem } from '../files/file-system.ts';
import { endOverwrites } from '../files/in-place.ts';
import { withVolume } from '../files/volumes.ts';
import { hasStopped, startStopped } from '../programs/while-stopped.ts';
import { isAsKnown, isKnown, keepOriginal, keepWritten } from './backups.ts';
import { append, isLive, mend, read, versionOf, type Book, type Closing, type Entry, type Line } from './journal.ts';
import { selected } from './order.ts';
import { holder, withLock, rollbackOf, type Holder, type Patience } from './lock.ts';
import { sparing, takeReserve } from './reserve.ts';
import { rollbackOn, type UndoEntry } from './rollback.ts';
import { closingIn, runsIn, type RunSummary } from './runs.ts';

/** What a change may ask of the ledger while it looks at what is there. */
export interface Preparing {
  /** Copies a file of this host into the ledger's backups; its name there and its digest, or null when there is no file. */
  keep(hostPath: string): Promise<{ backup: string | null; originalSha256?: string }>;
  /** All entries of the run, undone ones too. */
  entries: Entry[];
}

/** What a change may ask of the ledger while it acts. */
export interface Acting {
  /**
   * Says what is about to be written to the file in the place of what, so that undo knows it as ours even when a retry writes something else.
   * Throws Changed where the undo would not give back what is there.
   */
  writes(content: Buffer, replaced: Buffer | null): Promise<void>;
  entries: Entry[];
}

export interface Ledger {
  /**
   * Makes one change: takes the machine's lock, puts the undo on the disk, acts, marks the entry done. `prepare` looks at
   * what is there and gives the undo, or null when there is nothing to undo. When this step of this run has an entry for
   * `key` that is not undone, the change is tried again: `prepare` is not called, the first view of what was there holds.
   * With `beforeOfEach` each attempt has its own: what others made of the file since is what the next finds, and what its undo gives back.
   * `isAnswer` tells of an error that nothing is still to come of what was asked for. Where it has no entry after `notAfterMs` it is not begun.
   * Throws OutOfHours then, LedgerClosed once the run is closed, LedgerKept once it is kept.
   */
  change<T>(
    change: Change,
    key: string,
    prepare: (looking: Preparing) => Promise<Undo | null>,
    act: (acting: Acting) => Promise<T>,
    options?: { beforeOfEach?: boolean; isAnswer?: (error: unknown) => boolean; notAfterMs?: number },
  ): Promise<T>;
  /** Ends the entry of a change that was taken back otherwise, such as a fault that was lifted. */
  settle(run: string, key: string): Promise<void>;
  /** Ends entries of which a person has accepted, with a reason, that what they changed stays. */
  leave(run: string, entries: { entry: number; why: string }[]): Promise<void>;
  /** Ends what whoever was killed has begun, as every holder of the lock does first. */
  recover(): Promise<void>;
  open(run: string, plan: string): Promise<{ entries: number }>;
  /** Throws where `open` would, and changes nothing. */
  mayOpen(run: string): Promise<void>;
  keep(run: string): Promise<{ entries: number }>;
  /** The week was rolled back without this machine: it takes no more changes, and what stands here is undone by `emergency`. */
  close(run: string): Promise<void>;
  /** Undoes newest first, past failures; of a whole run it is closed first: from then on every change of it fails with LedgerClosed. */
  rollback(ask: { run: string; scope: Scope; dryRun?: boolean; notAfterMs?: number }): Promise<Undone[]>;
  /** The same of a whole run, without the week: `by` goes on record. A holder of the lock that does not let go of it in 2 s is ended. */
  emergency(run: string, by: string): Promise<Undone[]>;
  /** The entries of a run that a look at the machine finds not undone, whatever the ledger says. */
  remaining(run: string): Promise<Undone[]>;
  /** Who closed a run, and when; null while it is open. */
  closing(run: string): Promise<Closing | null>;
  runs(): Promise<RunSummary[]>;
  entries(run: string): Promise<Entry[]>;
  /** Who has the machine's lock now. */
  holder(): Promise<Holder | null>;
}

const patience: Patience = { waitMs: 30_000 };
/** Long enough for another rollback to finish, which an emergency joins. */
const emergencyPatience: Patience = { waitMs: 120_000, emergency: true };

/** `undo` takes one entry back; the ledger itself knows when, and in what order. */
export function ledgerOf(host: Host, undo: UndoEntry): Ledger {
  const { state: directory, files } = host;
  const { undoAll, remaining } = rollbackOn(host, undo);
  const locks = join(directory, 'lock');
  const add = (...lines: Line[]): Promise<void> => append(directory, lines, files);

  async function locked<T>(
    what: string,
    wait: Patience,
    work: (book: Book) => Promise<T>,
    on: FileSystem = files,
    isLast = true,
  ): Promise<T> {
    const holding = async (found: string[]): Promise<T> => {
      // Read first: a ledger of a newer build is refused before anything is written.
      const book = await read(directory, on);
      await mend(directory, on);
      const aside = [...found, ...(await endOverwrites(directory, on))];
      const note = (texts: string[]) =>
        append(
          directory,
          texts.map((text) => ({ note: text, at: Date.now() })),
          on,
        );
      const there = { ...host, files: on };
      await note([...aside, ...(await startStopped(there, false))]);
      const stopping = await hasStopped(there);
      try {
        return await work({ ...book, unreadable: [...aside, ...book.unreadable] });
      } finally {
        // The work does not wait for the end of what it may not need; nobody may come after us.
        if (stopping && isLast) await uncancelled(async () => note(await startStopped(there, true)));
      }
    };
    return withLock(locks, what, wait, holding, on);
  }

  function refuseClosed(book: Book, run: string): void {
    const refuse = (why: string, code: RefusalCode) => {
      throw refusal(
        code,
        `The ledger of ${host.machine} takes no more changes of run ${run}: it was ${why}. Start a new run`,
      );
    };
    if (book.closed.has(run)) refuse('closed by a rollback', 'LedgerClosed');
    // No rollback that the week would follow.
    if (book.kept.has(run)) refuse('kept: its week is done', 'LedgerKept');
  }

  /** Throws LedgerOpen where another run has changes here that are not undone. */
  function refuseOthers(book: Book, run: string): void {
    // A kept one was closed to be undone after all.
    const stays = (of: string) => book.kept.has(of) && !book.closed.has(of);
    const other = book.entries.findLast((entry) => entry.run !== run && isLive(entry) && !stays(entry.run));
    if (!other) return;
    const live = book.entries.filter((entry) => entry.run === other.run && isLive(entry)).length;
    throw refusal(
      'LedgerOpen',
      `The ledger of ${host.machine} still has ${live} changes of run ${other.run} that are not undone, the last of them ${other.undo.kind} ${targetOf(other.undo)}. ` +
        `Roll that run back ("hubshift rollback --emergency --run ${other.run}" on ${host.machine}, if its week is gone), then start again; or, if its workflow was cut off, roll this one back and go on with that one: hubshift start --continue ${other.run}`,
    );
  }

  /** The wait for the lock counts: others may have been at it for long. */
  function refuseLate(what: string, notAfterMs = Infinity): void {
    if (Date.now() > notAfterMs)
      throw refusal(
        'OutOfHours',
        `${what} was not begun on ${host.machine}: by ${new Date(notAfterMs).toISOString()} it would have had to be, to end in the hours of the calendar; it waits for the next, unless hubshift release lets it go`,
      );
  }

  async function close(book: Book, run: string, by: string, on: FileSystem): Promise<void> {
    if (!book.closed.has(run)) await append(directory, [{ close: run, by, at: Date.now() }], on);
  }

  return {
    change: ({ run, step }, key, prepare, act, { beforeOfEach = false, isAnswer = () => false, notAfterMs } = {}) =>
      locked(`${step} of ${run}`, patience, async (book) => {
        refuseClosed(book, run);
        await takeReserve(directory, files);
        const entries = book.entries.filter((entry) => entry.run === run);
        let wasCutOff = false;
        let entry = entries.findLast((known) => known.step === step && known.key === key && isLive(known));
        if (entry && beforeOfEach && !(await isAsKnown(host, entry))) entry = undefined;
        if (!entry) {
          refuseLate(`${step} (${key})`, notAfterMs);
          const n = book.highest + 1;
          const planned = await prepare({ entries, keep: (path) => keepOriginal(directory, { run, n }, path, files) });
          if (planned) {
            const at = Date.now();
            const version = versionOf(planned);
            await add(...(version > book.version ? [{ version, at }] : []), {
              n,
              run,
              step,
              key,
              undo: await withVolume(host, planned),
              at,
            });
            entry = (await read(directory, files)).entries.find((known) => known.n === n) as Entry;
            entries.push(entry);
          }
        } else if (entry.done || entry.answered) {
          await add({ again: entry.n, at: Date.now() });
          Object.assign(entry, { done: false, answered: false });
        } else wasCutOff = true;
        const done = await act({
          entries,
          async writes(content, replaced) {
            if (entry ? !(await isKnown(host, entry, replaced)) : !replaced?.equals(content))
              throw new Changed(
                `${key} on ${host.machine}: what it replaces was changed meanwhile, and stays as it is: try again`,
              );
            if (entry) await keepWritten(directory, entry, content, files);
          },
        }).catch(async (error: unknown) => {
          // Of an attempt before, something may still come. What can't be written down is not known: the undo waits.
          if (entry && !wasCutOff && isAnswer(error))
            await add({ answered: entry.n, at: Date.now() }).catch(() => undefined);
          throw error;
        });
        if (entry && !entry.done) await add({ done: entry.n, at: Date.now() });
        return done;
      }),

    settle(run, key) {
      const spare = sparing(directory, files);
      const work = async (book: Book): Promise<void> => {
        const ended = book.entries.filter((entry) => entry.run === run && entry.key === key && isLive(entry));
        const at = Date.now();
        await append(
          directory,
          ended.map(({ n }) => ({ undone: n, result: 'undone' as const, at })),
          spare,
        );
      };
      return locked(`the end of ${key} of ${run}`, patience, work, spare);
    },

    leave(run, entries) {
      const spare = sparing(directory, files);
      const work = async (book: Book): Promise<void> => {
        const at = Date.now();
        const live = new Set(book.entries.filter((entry) => entry.run === run && isLive(entry)).map(({ n }) => n));
        await append(
          directory,
          entries
            .filter(({ entry }) => live.has(entry))
            .map(({ entry, why }) => ({ undone: entry, result: 'left' as const, detail: redact(why), at })),
          spare,
        );
      };
      return locked(`what stays of ${run}`, patience, work, spare);
    },

    recover: () => locked('what was cut off', patience, async () => undefined, sparing(directory, files)),

    open: (run, plan) =>
      locked(`the start of ${run}`, patience, async (book) => {
        refuseClosed(book, run);
        refuseOthers(book, run);
        await takeReserve(directory, files);
        if (!book.opened.has(run)) await add({ open: run, plan, at: Date.now() });
        return { entries: book.entries.filter((entry) => entry.run === run).length };
      }),

    mayOpen: async (run) => {
      const book = await read(directory, files);
      refuseClosed(book, run);
      refuseOthers(book, run);
    },

    keep: (run) =>
      locked(`the end of ${run}`, patience, async (book) => {
        if (!book.kept.has(run)) await add({ keep: run, at: Date.now() });
        return { entries: book.entries.filter((entry) => entry.run === run && isLive(entry)).length };
      }),

    close(run) {
      const spare = sparing(directory, files);
      return locked(`the closing of ${run}`, patience, (book) => close(book, run, 'the week', spare), spare);
    },

    async rollback({ run, scope, dryRun = false, notAfterMs }) {
      if (dryRun) return undoAll(await read(directory, files), run, scope, true);
      const spare = sparing(directory, files);
      const work = async (book: Book): Promise<Undone[]> => {
        // The newest goes first: with that undone it is in its middle.
        const [newest] = selected(book.entries, run, scope);
        if (newest && isLive(newest)) refuseLate(rollbackOf(run), notAfterMs);
        if (scope === 'all') await close(book, run, 'the week', spare);
        return rollbackOn({ ...host, files: spare }, undo).undoAll(book, run, scope, false);
      };
      return locked(rollbackOf(run), patience, work, spare);
    },

    async emergency(run, by) {
      // Closed by a lock of its own, before the rollback queues for it: whoever holds it now makes no further change.
      const spare = sparing(directory, files);
      await locked(`the closing of ${run}`, emergencyPatience, (book) => close(book, run, by, spare), spare, false);
      const work = (book: Book) => rollbackOn({ ...host, files: spare }, undo).undoAll(book, run, 'all', false);
      return locked(rollbackOf(run), emergencyPatience, work, spare);
    },

    remaining: async (run) => remaining(await read(directory, files), run),

    closing: (run) => closingIn(directory, run, files),

    runs: () => runsIn(directory, files),
    entries: async (run) => (await read(directory, files)).entries.filter((entry) => entry.run === run),
    holder: () => holder(locks, files),
  };
}

export function ledgerActivities(ledger: Ledger): LedgerActivities {
  return {
    openLedger: ({ run, plan }) => ledger.open(run, plan),
    keepLedger: ({ run }) => ledger.keep(run),
    closing: ({ run }) => ledger.closing(run),
    rollback: (ask) => ledger.rollback(ask),
    leaveEntries: ({ run, entries }) => ledger.leave(run, entries),
    async newestEntries({ run, atMost }) {
      const entries = await ledger.entries(run);
      // An undo is news of an entry that may be old.
      const changedAt = ({ at, end }: Entry) => Math.max(at, end?.at ?? 0);
      return entries
        .sort((a, b) => changedAt(b) - changedAt(a) || b.n - a.n)
        .slice(0, atMost)
        .map((entry) => ({
          entry: entry.n,
          step: entry.step,
          kind: entry.undo.kind,
          target: targetOf(entry.undo),
          live: isLive(entry),
        }));
    },
  };
}
