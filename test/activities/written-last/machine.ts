// A machine in memory on which we and others write the same files in turns; what an undo must leave there is told by who wrote what, newest first.
import { constants } from 'node:fs';
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { Scope, Undone } from '../../../plan/week/undo.ts';
import { withoutEdit } from '../../../plan/yaml/scrape-jobs.ts';
import { emptyDisk, memoryFiles, recordingFrom } from '../crash/memory-files.ts';
import { temporaryMachine } from '../machine.ts';

export const run = 'week-1';

/** A file that both write. */
export interface Shared {
  read(): string | null;
  /** As others do. */
  write(text: string): Promise<void>;
  remove(): Promise<void>;
  /** Does what we do; what it made of the file is ours. A step that is tried again goes on where it was, unless others changed the file since. */
  ours<T>(work: () => Promise<T>, step?: string): Promise<T>;
  /**
   * What an undo leaves: what each of our writes found, newest first, while it is still what that wrote, and theirs without our jobs where it is
   * not. A file that is gone comes back. From then on nothing of it is ours.
   */
  undone(): string | null;
}

export interface Machine {
  host: Host;
  /** Others do this at that call of ours to the file system, or not at all when there are fewer. Nothing can come between a look and a rename right after it. */
  atCall(count: number, others: () => Promise<void>): void;
  ledger: Ledger;
  share(path: string): Shared;
  /** What a dry run said is what is done, and nothing fails. */
  rollback(scope: Scope): Promise<Undone[]>;
}

let docker: Host['docker'];

export async function machine(): Promise<Machine> {
  docker ??= (await temporaryMachine()).docker;
  const { files, disk } = memoryFiles(recordingFrom(emptyDisk()));
  const names = { name: 'PC2', address: '127.0.0.1', docker: '/nowhere', supervisor: '/nowhere' };
  let others: { in: number; do: () => Promise<void> } | null = null;
  const interrupted = new Proxy(files, {
    get: (all, name: keyof typeof files) =>
      name === 'rename'
        ? all[name]
        : async (...args: never[]) => {
            if (others && (others.in -= 1) < 0) {
              const now = others.do;
              others = null;
              await now();
            }
            return (all[name] as (...given: never[]) => unknown)(...args);
          },
  });
  const host = { ...hostOf({ ...names, root: '/w/root', state: '/w/state' }), docker, files: interrupted };
  for (const path of ['/w', '/w/root', '/w/root/code']) await files.mkdir(path, 0o755);
  const ledger = ledgerOf(host, undo);
  await ledger.open(run, 'plan');

  const read = (path: string): string | null => {
    let number = 1;
    for (const name of path.split('/').filter(Boolean)) number = disk.get(number)?.names.get(name) ?? 0;
    return disk.get(number)?.data.toString() ?? null;
  };

  function share(path: string): Shared {
    const at = host.path(path);
    let theyWrote: (text: string) => void = () => undefined;
    let written: { step?: string; found: string | null; wrote: (string | null)[] }[] = [];
    return {
      read: () => read(at),
      async write(text) {
        theyWrote(text);
        const file = await files.open(at, constants.O_CREAT | constants.O_WRONLY, 0o640);
        await file.truncate(0);
        await file.write(Buffer.from(text), 0, Buffer.byteLength(text), 0);
      },
      remove: async () => (read(at) === null ? undefined : files.unlink(at)),
      async ours(work, step) {
        let found = read(at);
        theyWrote = (text) => void (found = text);
        const done = await work();
        const wrote = read(at);
        if (wrote === found) return done;
        const before = written.findLast((one) => one.step === step);
        if (step && (before?.found === found || before?.wrote.includes(found))) before.wrote.push(wrote);
        else written.push({ step, found, wrote: [wrote] });
        return done;
      },
      undone() {
        const back = written.reduceRight((now, { found, wrote }) => {
          if (now === null || wrote.includes(now)) return found;
          const last = wrote.at(-1) ?? null;
          return found === null || last === null ? now : (withoutEdit(now, { before: found, wrote: last }) ?? now);
        }, read(at));
        written = [];
        return back;
      },
    };
  }

  return {
    host,
    ledger,
    share,
    atCall: (count, what) => void (others = { in: count, do: what }),
    async rollback(scope) {
      const said = await ledger.rollback({ run, scope, dryRun: true });
      const done = await ledger.rollback({ run, scope });
      const told = (all: Undone[]) => all.map(({ entry, result }) => `${entry} ${result}`);
      if (JSON.stringify(told(said)) !== JSON.stringify(told(done)))
        throw new Error(`a dry run said ${told(said).join(', ')}, and it was ${told(done).join(', ')}`);
      const failed = done.find(({ result }) => result === 'failed');
      if (failed) throw new Error(`${failed.target} failed: ${failed.detail}`);
      return done;
    },
  };
}
