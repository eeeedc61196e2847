// A machine's ledger in one file: its lines and all that its undos need, with digests. What is imported is undone as the original would be.
import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { attributesOf, sha256, syncDirectory } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { isLive, read, type Book } from './journal.ts';
import { withLock } from './lock.ts';
import { pack, unpack } from './tar.ts';

/** Rises when a build of today would import wrongly what is exported from then on. */
const exportVersion = 2;
const [journal, backups, manifest] = ['ledger.jsonl', 'backups', 'export.json'];
/** What one who was killed leaves to the next: whom to start, what to write to its end, which fault to lift. */
const leftBehind = ['stopped', 'in-place', 'faults'];
/** Longer than a change takes. */
const patience = { waitMs: 150_000 };

/** What stands in the archive beside the files. */
interface Manifest {
  version: number;
  machine: string;
  /** Unix milliseconds. */
  at: number;
  /** By path below the ledger's directory. */
  sha256: Record<string, string>;
}

export interface Exported {
  files: number;
  /** Of the file. */
  sha256: string;
}

export function noLedger(directory: string): Error {
  return new Error(
    `There is no ledger in ${directory}: nothing was ever changed by hubshift on this machine, or this is another one`,
  );
}

export interface Imported {
  at: number;
  runs: string[];
  entries: number;
  live: number;
  /** Where what was there before is now. */
  aside: string[];
}

/** Writes `file`, which only its owner may read; throws when it is there already. */
export async function exportLedger(directory: string, machine: string, file: string): Promise<Exported> {
  if (!(await attributesOf(join(directory, journal)))) throw noLedger(directory);
  return withLock(join(directory, 'lock'), 'an export', patience, () =>
    inScratch(tmpdir(), async (scratch) => {
      const digests = await digestsIn(directory, [journal, backups, ...leftBehind]);
      const names = [...new Set(Object.keys(digests).map((path) => path.split('/')[0]!))];
      // Builds of before would not put back what was left behind.
      const version = names.some((name) => leftBehind.includes(name)) ? exportVersion : 1;
      const said: Manifest = { version, machine, at: Date.now(), sha256: digests };
      await writeFile(join(scratch, manifest), JSON.stringify(said, null, 2));
      const written = `${file}.${randomBytes(8).toString('hex')}`;
      try {
        // Made before tar does: it holds copies of configurations.
        await (await open(written, 'wx', 0o600)).close();
        await pack(written, [
          { directory: scratch, names: [manifest] },
          { directory, names },
        ]);
        await synced(written);
        // Not a rename, which replaces what is there.
        await link(written, file);
      } finally {
        await rm(written, { force: true });
      }
      await syncDirectory(dirname(file));
      return { files: Object.keys(digests).length, sha256: sha256(await readFile(file)) };
    }),
  );
}

/** Puts it where `directory` has no ledger, or one of which nothing is open and nothing stands. Throws before it changes anything. */
export async function importLedger(directory: string, machine: string, file: string): Promise<Imported> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return withLock(join(directory, 'lock'), 'an import', patience, () =>
    inScratch(directory, async (scratch) => {
      const { at } = await unpacked(file, scratch, machine);
      const book = await read(scratch);
      refuseInUse(await read(directory), directory);
      await addNote(join(scratch, journal), `imported: the ledger of ${new Date(at).toISOString()}`);
      const aside = await setAside(directory);
      // Its lines last: without them nothing is there yet.
      await rename(join(scratch, backups), join(directory, backups)).catch(nullIfMissing);
      for (const name of leftBehind) await putInto(join(directory, name), join(scratch, name));
      await rename(join(scratch, journal), join(directory, journal));
      await syncDirectory(directory);
      return {
        at,
        aside,
        runs: [...new Set([...book.opened.keys(), ...book.entries.map(({ run }) => run)])],
        entries: book.entries.length,
        live: book.entries.filter(isLive).length,
      };
    }),
  );
}

/** Everything in it is what was exported, and on the disk, or it throws. */
async function unpacked(file: string, scratch: string, machine: string): Promise<Manifest> {
  await unpack(file, scratch).catch((error: Error) => {
    throw new Error(`${file} can't be unpacked: ${error.message}`, { cause: error });
  });
  const found = await digestsIn(scratch, await readdir(scratch));
  const said = found[manifest] ? manifestIn(await readFile(join(scratch, manifest), 'utf8')) : null;
  delete found[manifest];
  if (!said) throw new Error(`${file} is no export of a ledger: it has no ${manifest} that says what is in it`);
  if (!(said.version <= exportVersion))
    throw new Error(
      `${file} is an export of version ${said.version}, and this build knows versions up to ${exportVersion}`,
    );
  if (said.machine !== machine)
    throw new Error(
      `${file} is the ledger of ${said.machine}, and this is ${machine}: its undos are of another machine`,
    );
  const paths = [...new Set([...Object.keys(said.sha256), ...Object.keys(found)])];
  const wrong = paths.filter((path) => said.sha256[path] !== found[path]);
  if (wrong.length > 0 || !found[journal])
    throw new Error(`${file} is damaged: ${wrong[0] ?? journal} in it is not what was exported. Take another one`);
  for (const path of Object.keys(found)) await synced(join(scratch, path));
  for (const path of new Set(Object.keys(found).map(dirname))) await syncDirectory(join(scratch, path));
  return said;
}

function manifestIn(text: string): Manifest | null {
  try {
    const said = JSON.parse(text) as Manifest | null;
    return said && typeof said.version === 'number' && (said.version > exportVersion || said.sha256) ? said : null;
  } catch {
    return null;
  }
}

function refuseInUse({ entries, opened, closed, kept }: Book, directory: string): void {
  const standing = (run: string) => entries.filter((entry) => entry.run === run && isLive(entry)).length;
  const isOpen = (run: string) => !closed.has(run) && !kept.has(run);
  const runs = [...new Set([...opened.keys(), ...entries.map((entry) => entry.run)])];
  const run = runs.find((one) => isOpen(one) || standing(one) > 0);
  if (run)
    throw new Error(
      `The ledger in ${directory} is in use: run ${run} is ${isOpen(run) ? 'open' : kept.has(run) ? 'kept by a GO' : 'not wholly undone'}, and ${standing(run)} of its changes stand. ` +
        `Nothing was imported. If that ledger is damaged and the export is what counts, move ${join(directory, journal)} away first`,
    );
}

async function setAside(directory: string): Promise<string[]> {
  const moved: string[] = [];
  for (const name of [journal, backups]) {
    const aside = join(directory, `${name}.before-import-${Date.now()}`);
    const there = await rename(join(directory, name), aside).then(() => true, nullIfMissing);
    if (there) moved.push(aside);
  }
  return moved;
}

/** What is there already was left here since, and stays. */
async function putInto(directory: string, from: string): Promise<void> {
  const names = await readdir(from).catch(nullIfMissing);
  if (!names) return;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of names)
    await link(join(from, name), join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await syncDirectory(directory);
}

/** Of all that has one of these names there, or is below it. Throws for what is neither a file nor a directory: no undo has such. */
async function digestsIn(directory: string, names: string[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  const look = async (path: string): Promise<void> => {
    const found = await lstat(path).catch(nullIfMissing);
    if (found?.isDirectory()) for (const name of await readdir(path)) await look(join(path, name));
    else if (found?.isFile()) digests[relative(directory, path)] = sha256(await readFile(path));
    else if (found) throw new Error(`${path} is no file, and nothing that hubshift keeps`);
  };
  for (const name of names) await look(join(directory, name));
  return digests;
}

/** On the file system of `beside`, and gone afterwards. */
async function inScratch<T>(beside: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(beside, '.hubshift-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** In the place of a last line that a crash tore. */
async function addNote(path: string, note: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, `${text.slice(0, text.lastIndexOf('\n') + 1)}${JSON.stringify({ note, at: Date.now() })}\n`);
  await synced(path);
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
