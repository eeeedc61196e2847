// Files and directories of a machine: made, written and edited through its ledger.
import { refusal } from '../context/refusal.ts';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { isOfTask, type Mounted, type Undo } from '../../plan/week/undo.ts';
import type { Change } from '../../plan/machine-api/ledger.ts';
import type { DirectoryState, FileActivities, Written } from '../../plan/machine-api/files.ts';
import type { Host } from '../context/host.ts';
import { closing } from './bytes.ts';
import { attributesOf, makeDirectories, readIfThere, sha256, type FileAttributes } from './disk.ts';
import { nullIfMissing } from './errors.ts';
import type { Acting, Ledger, Preparing } from '../ledger/ledger.ts';
import { fileOf, keptAt, replacedBy } from '../ledger/backups.ts';
import { isLive, type Entry } from '../ledger/journal.ts';
import { isMountedAlone } from './mounts.ts';
import { changedAt, isWithin } from './paths.ts';
import { refuseUnloadable } from '../prometheus/hub-file.ts';
import { placeFile } from './place.ts';
import { refuseJobs } from './scrape-jobs.ts';
import { edited } from './edits.ts';
import { foreignOwner, isFilled, refuseDirectory } from './whose.ts';

type FileRestore = Extract<Undo, { kind: 'file.restore' }>;

export function fileActivities(host: Host, ledger: Ledger): FileActivities {
  /** Writes what `next` makes of the file that is there, if that differs. `next` throws where it may not be touched. */
  async function rewrite(
    change: Change,
    path: string,
    next: (current: Buffer | null) => Promise<{ content: Buffer; attributes: FileAttributes }>,
    more: Partial<FileRestore> = {},
  ): Promise<Written> {
    const file = host.path(path);
    const prepare = async ({ keep }: Preparing): Promise<Undo | null> => {
      const current = await readIfThere(file, host.files);
      const { content } = await next(current);
      return current?.equals(content)
        ? null
        : { kind: 'file.restore', path, ...(await keep(file)), wroteSha256: sha256(content), ...more };
    };
    const act = async ({ writes }: Acting): Promise<Written> => {
      const current = await readIfThere(file, host.files);
      const { content, attributes } = await next(current);
      const written = { path, sha256: sha256(content), changed: !current?.equals(content) };
      if (!written.changed) return written;
      await writes(content, current);
      await placeFile(host, file, content, attributes, await isMountedAlone(host, file), current);
      return written;
    };
    return ledger.change(change, `file ${path}`, prepare, act, { beforeOfEach: true });
  }

  const changesOf = async ({ run, task }: { run: string; task?: string }, path: string): Promise<Entry[]> =>
    (await ledger.entries(run)).filter(
      (entry) => fileOf(entry) === path && (task === undefined || isOfTask(entry.step, task)),
    );

  /** What the newest change of a task replaced, and whether others changed the file after every change of the run was undone. */
  async function sinceChanges(changes: Entry[], task: string) {
    const newest = changes.findLast(({ step }) => isOfTask(step, task));
    if (!newest) return {};
    const replaced = await replacedBy(host, newest);
    const isBack = changes.every(({ end }) => end !== undefined && end.result !== 'left');
    const undoneAt = Math.max(...changes.map(({ end }) => end?.at ?? 0));
    const [path] = changes.map(fileOf) as [string];
    const changedSince = isBack && ((await changedAt(host.path(path), host.files)) ?? 0) > undoneAt;
    return { ...(replaced === undefined ? {} : { replaced }), changedSince };
  }

  return {
    async ensureDirectories({ change, base, directories, adopt = false }) {
      if (!adopt) for (const { path } of directories) await refuseDirectory(host, ledger, change.run, path);
      await ledger.change(
        change,
        `directory ${base}`,
        ({ entries }) => removal(host, base, directories, entries),
        () => makeDirectories(host.path(base), 0o755, host.files),
      );
      const states: DirectoryState[] = [];
      for (const { path, owner } of directories) {
        const state = await ledger.change(
          change,
          `directory ${path}`,
          async ({ entries }) => (isMounted(path, entries) ? null : removal(host, path, directories, entries)),
          async ({ entries }) => {
            await makeDirectories(host.path(path), 0o755, host.files);
            await own(host, path, owner, isOurs(path, entries));
            return stateOf(host, path, entries);
          },
        );
        states.push(state);
      }
      return states;
    },

    directoryState: async ({ path }) => {
      const runs = await Promise.all((await ledger.runs()).map(({ run }) => ledger.entries(run)));
      return stateOf(host, path, runs.flat());
    },

    writeFile: ({ change, path, content, owner }) => {
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      const made = { content: Buffer.from(content), attributes: { mode: 0o644, uid, gid } };
      return rewrite(change, path, async () => made);
    },

    async editFile({ change, path, edit, reload, adopt = [], container }) {
      let checked: string | undefined;
      return rewrite(
        change,
        path,
        async (current) => {
          const attributes = await attributesOf(host.path(path), host.files);
          if (!current || !attributes)
            throw refusal(
              'FileMissing',
              `${path} on ${host.machine} is to be edited and is not there: put the right path into the plan`,
            );
          const after = edited(host, path, current, edit);
          if (edit.kind === 'scrape-jobs') {
            const names = edit.jobs.map((job) => job.job_name).filter((name) => !adopt.includes(name));
            await refuseJobs(host, ledger, change.run, { path, current, names });
          }
          if (container !== undefined && checked !== after)
            await refuseUnloadable(host, container, path, { before: current.toString(), after });
          checked = after;
          return { content: Buffer.from(after), attributes };
        },
        reload && { reload },
      );
    },

    async digestFile({ path, before, changedBy }) {
      const first = before && (await changesOf(before, path)).find(isLive);
      const at = first ? keptAt(host, first.undo) : host.path(path);
      const bytes = at && (await readIfThere(at, host.files));
      return {
        exists: bytes !== null,
        sha256: bytes && sha256(bytes),
        bytes: bytes?.length ?? 0,
        ...(changedBy && (await sinceChanges(await changesOf({ run: changedBy.run }, path), changedBy.task))),
      };
    },
  };
}

/** The undo of making a directory: null when it is there. Parents count as ours when they are missing now or this run made them. */
async function removal(host: Host, path: string, directories: Mounted[], entries: Entry[]): Promise<Undo | null> {
  if (await attributesOf(host.path(path), host.files)) return null;
  const made = entries.flatMap(({ undo }) => (undo.kind === 'directory.remove' ? [undo.path, ...undo.parents] : []));
  const parents: string[] = [];
  for (let parent = dirname(path); parent !== '/'; parent = dirname(parent)) {
    if (!made.includes(parent) && (await attributesOf(host.path(parent), host.files))) break;
    parents.push(parent);
  }
  const mounted = directories.map((directory) => ({ path: directory.path, owner: directory.owner }));
  return { kind: 'directory.remove', path, parents, mounted };
}

/** Whether this directory will go with an undo: it or one above it was made by us. */
function isOurs(path: string, entries: Entry[]): boolean {
  return entries.some(
    (entry) => entry.undo.kind === 'directory.remove' && isLive(entry) && isWithin(entry.undo.path, path),
  );
}

/** Whether an undo takes this directory away, with what a container writes there. */
function isMounted(path: string, entries: Entry[]): boolean {
  return entries.some(
    ({ undo, end }) =>
      undo.kind === 'directory.remove' &&
      !end &&
      (undo.mounted ?? [undo]).some((mounted) => isWithin(mounted.path, path)) &&
      isWithin(undo.path, path),
  );
}

/** Puts the owner right on a directory that we made; one that was there before is the owner's business. */
async function own(host: Host, path: string, owner: string, ours: boolean): Promise<void> {
  const [uid = 0, gid = 0] = owner.split(':').map(Number);
  const attributes = await attributesOf(host.path(path), host.files);
  if (attributes?.uid === uid && attributes.gid === gid) return;
  if (!ours) throw foreignOwner(host, path, attributes, owner);
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const directory = await host.files.open(host.path(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  await closing(directory, async () => {
    await directory.chown(uid, gid);
    await directory.sync();
  });
}

async function stateOf(host: Host, path: string, entries: Entry[]): Promise<DirectoryState> {
  const directory = host.path(path);
  const found = await host.files.stat(directory).catch(nullIfMissing);
  let nearest = directory;
  while (!(await attributesOf(nearest, host.files))) nearest = dirname(nearest);
  const { bavail, bsize } = await host.files.statfs(nearest);
  return {
    path,
    exists: found?.isDirectory() ?? false,
    filled: await isFilled(directory, host.files),
    owner: found ? `${found.uid}:${found.gid}` : '',
    mode: found ? (found.mode & 0o7777).toString(8) : '',
    freeBytes: bavail * bsize,
    made: isOurs(path, entries),
  };
}
