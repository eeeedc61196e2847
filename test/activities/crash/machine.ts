// A machine on a recorded disk: a week's changes, undos and rollback there, and what must hold when it is started again after a crash.
import { readFileSync } from 'node:fs';
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import {
  diskOf,
  emptyDisk,
  memoryFiles,
  recordingFrom,
  tree,
  unsynced,
  type Disk,
  type Recording,
} from './memory-files.ts';
import { agent, config } from './programs.ts';
import { changes, mounted, original, run, scrape, type Tell } from './week.ts';

const [root, state] = ['/crash/root', '/crash/state'];

/** Told in the recording: what begins, and what was told to whoever asked for it. */
type Mark =
  | { acts: string }
  | { writes: string; content: string | null }
  | { told: string; content: string | null }
  | { undoing: true }
  | { undone: true }
  | { runs: string | null };

export interface Recorded extends Recording {
  /** The files of the machine before the week, and when all of its changes were made. */
  phase1: Map<string, string>;
  changed: Map<string, string>;
}

/** Has the hub's one file mounted. */
let docker: Host['docker'];

function hostOn(files: Host['files']): Host {
  const names = { name: 'PC2', address: '127.0.0.1', docker: '/nowhere', supervisor: '/nowhere' };
  return { ...hostOf({ ...names, root, state }), docker, files };
}

/** The changes, the undo of one task, its change made again, and the rollback of all. */
export async function record(forgets?: (path: string) => boolean): Promise<Recorded> {
  docker ??= (await temporaryMachine([{ name: 'hub', running: true, mounts: [`${root}${mounted}`] }])).docker;
  const base = await phase1Disk();
  const recording = recordingFrom(base);
  const { files, mark: put, disk } = memoryFiles(recording, forgets);
  const mark = (what: Mark) => put(what);
  const host = hostOn(files);
  const ledger = marking(ledgerOf(host, undo), mark);
  const tell: Tell = async (paths, change) => {
    await change();
    for (const path of paths) mark({ told: path, content: contentIn(disk, path) });
  };
  agent.goesOn(original[config]!, (runs) => mark({ runs }));

  await changes(host, ledger, tell);
  const changed = tree(disk, root);
  mark({ undoing: true });
  await tell([mounted], () => ledger.rollback({ run, scope: { task: '2B' } }));
  await tell([mounted], () => scrape(host, ledger));
  mark({ undoing: true });
  await ledger.emergency(run, 'ada (ada@desk)');
  mark({ undone: true });
  return { ...recording, phase1: tree(base, root), changed };
}

/** How a machine comes back: after a power cut with another boot, and what was on its disk; after its worker's death with what that had done. */
export type Crash = { power: Disk } | { killedAfter: number };

/**
 * Starts the worker again and rolls back, before that with `goesOn` makes the changes again as the week does with a step that was cut off;
 * gives what is wrong. `count` operations had been done when the machine crashed.
 */
export async function restart(recorded: Recorded, count: number, crash: Crash, goesOn: boolean): Promise<string[]> {
  const marks = recorded.operations.slice(0, count).flatMap((one) => (one.kind === 'mark' ? [one.mark as Mark] : []));
  const recording: Recording =
    'power' in crash
      ? recordingFrom(crash.power)
      : { base: recorded.base, born: new Map(recorded.born), operations: recorded.operations.slice(0, count) };
  const wrong: string[] = [];
  const check = (holds: boolean, what: string) => void (holds || wrong.push(what));
  const atFirst = diskOf(
    recording,
    recording.operations.map((operation) => ({ operation })),
  );
  const { files, disk, mark } = memoryFiles(recording);
  ofAnotherBoot(disk);
  const host = hostOn(files);
  const ledger = ledgerOf(host, undo);
  const now = () => tree(disk, root);

  if ('power' in crash) agent.goesOn(contentIn(disk, config));
  else {
    const told = marks.findLast((mark) => 'runs' in mark);
    agent.goesOn(told ? told.runs : original[config]!);
  }
  if (marks.some((mark) => 'undone' in mark))
    check(same(tree(atFirst, root), recorded.phase1), 'what was told as undone is not');

  // Any holder of the lock ends what was cut off.
  await ledger.settle(run, 'nothing');
  for (const [path, allowed] of contents(marks)) {
    const found = contentIn(disk, path);
    check(allowed.has(found), `${path} is neither old nor new: ${JSON.stringify(found?.slice(0, 200))}`);
  }
  const entries = await ledger.entries(run);
  for (const mark of marks)
    if ('acts' in mark)
      check(
        entries.some(({ step, key }) => mark.acts === `${step} ${key}`),
        `the ledger lost what was acted upon: ${mark.acts}`,
      );

  if (goesOn && (await ledger.closing(run)) === null) {
    const before = recording.operations.length;
    await changes(host, marking(ledger, mark), async (_, change) => void (await change()));
    check(
      recording.operations.every(
        (operation, at) =>
          at < before ||
          operation.kind !== 'mark' ||
          ![...unsynced(recording.operations, at)].some(({ path }) => path.endsWith('/ledger.jsonl')),
      ),
      'what is acted upon is in the ledger, and not on the disk',
    );
    check(same(now(), recorded.changed), `not as the week makes it: ${differences(now(), recorded.changed)}`);
    check(agent.runs() === contentIn(disk, config), 'the agent does not run what is there');
  }

  const undone = await ledger.rollback({ run, scope: 'all' });
  for (const { result, target, detail } of undone)
    check(result === 'undone' || result === 'already', `${target} ${result}: ${detail}`);
  check(same(now(), recorded.phase1), `not Phase 1 after the undo: ${differences(now(), recorded.phase1)}`);
  check(agent.runs() === original[config], `the agent does not run what it ran: ${agent.runs()?.slice(0, 40)}`);
  check((await ledger.remaining(run)).length === 0, 'something remains');
  const again = await ledger.rollback({ run, scope: 'all' });
  check(
    again.every(({ result }) => result === 'already'),
    'not "already" when it is undone again',
  );

  // The second power cut: what was told as undone is on the disk.
  const lost = unsynced(recording.operations, recording.operations.length);
  const kept = recording.operations.filter((operation) => !lost.has(operation)).map((operation) => ({ operation }));
  const after = tree(diskOf(recording, kept), root);
  check(same(after, recorded.phase1), `not Phase 1 after one more power cut: ${differences(after, recorded.phase1)}`);
  return wrong;
}

/** What each file may hold: what was told of it last, and what was begun since. */
function contents(marks: Mark[]): Map<string, Set<string | null>> {
  const all = new Map<string, Set<string | null>>();
  const ever = new Map<string, Set<string | null>>();
  for (const [path, content] of Object.entries(original)) {
    all.set(path, new Set([content]));
    ever.set(path, new Set([content]));
  }
  for (const mark of marks) {
    if ('writes' in mark) {
      for (const map of [all, ever]) map.set(mark.writes, (map.get(mark.writes) ?? new Set([null])).add(mark.content));
    } else if ('told' in mark) all.set(mark.told, new Set([mark.content]));
    else if ('undoing' in mark) for (const [path, some] of ever) all.set(path, new Set([...some, null]));
    else if ('undone' in mark) for (const path of ever.keys()) all.set(path, new Set([original[path] ?? null]));
  }
  return all;
}

/** The ledger, which tells in the recording when something is acted upon, and what is written. */
function marking(ledger: Ledger, mark: (what: Mark) => void): Ledger {
  return {
    ...ledger,
    change: (change, key, prepare, act, options) => {
      const told: typeof act = (acting) => {
        const entry = acting.entries.find((known) => known.step === change.step && known.key === key && !known.end);
        if (entry) mark({ acts: `${change.step} ${key}` });
        const path = entry && pathOf(entry.undo);
        // A backup is a copy: nobody says its content to the ledger.
        if (path === `${config}.backup`) mark({ writes: path, content: original[config]! });
        return act({
          ...acting,
          async writes(content, replaced) {
            await acting.writes(content, replaced);
            if (path) mark({ writes: path, content: content.toString() });
          },
        });
      };
      return ledger.change(change, key, prepare, told, options);
    },
  };
}

function pathOf(of: Parameters<typeof undo>[1]['undo']): string | undefined {
  return of.kind === 'file.restore' ? of.path : of.kind === 'agent.restore' ? of.config : undefined;
}

async function phase1Disk(): Promise<Disk> {
  const recording = recordingFrom(emptyDisk());
  const { files, disk } = memoryFiles(recording);
  for (const directory of ['/crash', root, ...['/code', '/hub', '/etc'].map((path) => root + path)])
    await files.mkdir(directory, 0o755);
  for (const [path, content] of Object.entries(original)) {
    const file = await files.open(root + path, 0o100 | 1, 0o640);
    await file.write(Buffer.from(content), 0, Buffer.byteLength(content), 0);
    await file.chown(0, path === config ? 1_000 : 0);
  }
  return disk;
}

/** No holder of a lock lives after a power cut; here it would be this process. */
function ofAnotherBoot(disk: Disk): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  for (const inode of disk.values())
    if (inode.data.includes(boot))
      inode.data = Buffer.from(
        inode.data.toString('latin1').replaceAll(`"boot":"${boot}"`, '"boot":"before"'),
        'latin1',
      );
}

function contentIn(disk: Disk, path: string): string | null {
  const found = tree(disk, root + path).get(root + path);
  return found === undefined ? null : Buffer.from(found.split(' ').slice(2).join(' '), 'latin1').toString();
}

function same(one: Map<string, string>, other: Map<string, string>): boolean {
  return one.size === other.size && [...one].every(([path, what]) => other.get(path) === what);
}

function differences(found: Map<string, string>, wanted: Map<string, string>): string {
  return [...new Set([...found.keys(), ...wanted.keys()])]
    .filter((path) => found.get(path) !== wanted.get(path))
    .map((path) => `${path} is ${JSON.stringify(found.get(path)?.slice(0, 120) ?? null)}`)
    .join(', ');
}
