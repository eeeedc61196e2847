// A disk that is really full, from each write of a deployment and of a rollback on in turn: all or nothing, and the way back is open.
import { chown, lstat, mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import type { FileSystem } from '../../../activities/files/file-system.ts';
import { isWithin } from '../../../activities/files/paths.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { agent, config } from '../crash/programs.ts';
import { changes, mounted, original, run } from '../crash/week.ts';
import { temporaryMachine } from '../machine.ts';
import { loopDisk, noLoopDisk, ofTheDisk, type Lacks, type LoopDisk } from './loop-disk.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('../crash/programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({ awaitReady: async (url: string) => ({ url, ok: true }) }));

vi.setConfig({ testTimeout: 300_000 });

const refused = await noLoopDisk();
if (refused) process.stdout.write(`No test of full disks: this machine mounts no loop devices (${refused})\n`);

type What = 'ledger' | '/code' | '/pc2' | '/hub' | '/etc';

/** So long that what the week adds needs a block more. */
const before = Object.fromEntries(
  Object.entries(original).map(([path, text]) => [path, `${text}${'#'.repeat(1_000 - text.length)}\n`]),
);

async function machine(what: What) {
  const given = await temporaryMachine();
  const docker = (await temporaryMachine([{ name: 'hub', running: true, mounts: [given.path(mounted)] }])).docker;
  const host: Host = { ...given, docker };
  const disk = await loopDisk(what === 'ledger' ? host.state : host.path(what), what === 'ledger' ? 4 : 1);
  for (const [path, text] of Object.entries(before)) {
    await mkdir(dirname(host.path(path)), { recursive: true });
    await writeFile(host.path(path), text, { mode: 0o640 });
  }
  await chown(host.path(config), 1_000, 1_000);
  const phase1 = await tree(host.path('/'));
  const contentOf = async (path: string) => readFile(host.path(path), 'utf8').catch(() => null);

  return {
    host,
    disk,
    phase1,
    now: () => tree(host.path('/')),
    contentOf,
    /** As the first time: with an empty ledger, and the agent running. */
    async begin() {
      for (const name of await readdir(host.state).catch(() => []))
        if (!ofTheDisk.includes(name)) await rm(join(host.state, name), { recursive: true });
      agent.goesOn(await contentOf(config));
    },
  };
}

/** Every file and directory below a path: its content, mode and owner. */
async function tree(path: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (at.split('/').some((name) => ofTheDisk.includes(name))) continue;
    const { mode, uid, gid } = await lstat(at);
    found.set(at, `${mode.toString(8)} ${uid}:${gid} ${entry.isFile() ? await readFile(at, 'utf8') : 'directory'}`);
  }
  return found;
}

/** The machine, whose disk gets full just before the operation with this number that takes of it what it then lacks. */
function fullAt(host: Host, disk: LoopDisk, lacks: Lacks, number: number) {
  const count = { takes: 0 };
  const beforeTaking = async (path: string) => {
    const at = await realpath(dirname(path)).catch(() => dirname(path));
    if (isWithin(disk.at, at) && (count.takes += 1) === number) await disk.fill(lacks);
  };
  const files: FileSystem = {
    ...unattributed(host).files,
    async open(path, flags, mode) {
      if (lacks === 'inodes' && flags & constants.O_CREAT) await beforeTaking(path);
      const file = await host.files.open(path, flags, mode);
      if (lacks === 'inodes' || !(flags & (constants.O_WRONLY | constants.O_RDWR))) return file;
      const real = await readlink(`/proc/self/fd/${file.fd}`);
      return {
        ...file,
        async write(...asked) {
          await beforeTaking(real);
          return file.write(...asked);
        },
      };
    },
    async mkdir(path, mode) {
      await beforeTaking(path);
      return host.files.mkdir(path, mode);
    },
  };
  return { host: { ...host, files }, count };
}

/** Without a process for the ACL of each file, which is half of the time. */
function unattributed(host: Host): Host {
  return { ...host, files: { ...host.files, copyAttributes: async () => undefined } };
}

const deploy = (host: Host) => changes(host, ledgerOf(host, undo), async (_, change) => void (await change()));
const back = (host: Host) => ledgerOf(host, undo).rollback({ run, scope: 'all' });
const notUndone = (undone: Awaited<ReturnType<typeof back>>) =>
  undone.filter(({ result }) => result === 'failed' || result === 'left').map(({ target, detail }) => [target, detail]);

describe.skipIf(refused !== null).each<What>(['ledger', '/code', '/pc2', '/hub', '/etc'])(
  'with the disk of %s',
  (what) => {
    it.each<Lacks>(['bytes', 'inodes'])(
      'out of %s wherever a deployment needs some: all or nothing, the error names it, and all of it is undone',
      async (lacks) => {
        const { host, disk, phase1, now, contentOf, begin } = await machine(what);
        await begin();
        await deploy(unattributed(host));
        const after = await now();
        await back(host);

        const named = new RegExp(`disk .*${disk.at}.*(free some space|remove some files)`);
        let number = 0;
        for (let reached = true; reached;) {
          number += 1;
          await begin();
          const full = fullAt(host, disk, lacks, number);
          const error = await deploy(full.host).then(
            () => null,
            (thrown: Error) => thrown,
          );
          reached = full.count.takes >= number;
          const at = `at ${number}: ${error?.message}`;
          if (error) expect(error.message, at).toMatch(named);
          for (const [path, found] of await now())
            expect([phase1.get(path), after.get(path)], `${at}: ${path}`).toContain(found);
          expect(agent.runs(), at).toBe(await contentOf(config));

          // Before there was a reserve nothing was changed.
          const began = (await ledgerOf(host, undo).entries(run)).length > 0;
          const undone = await back(host).catch((thrown: Error) => {
            if (began) throw thrown;
            expect(thrown.message, at).toMatch(named);
            return [];
          });
          expect(notUndone(undone), at).toEqual([]);
          expect(await now(), at).toEqual(phase1);
          expect(agent.runs(), at).toBe(before[config]);
          await disk.free();
        }
        console.log(`${what} out of ${lacks}: ${number - 1} times in a deployment`);
      },
    );

    it.each<Lacks>(['bytes', 'inodes'])(
      'out of %s wherever a rollback needs some: all of it is undone',
      async (lacks) => {
        const { host, disk, phase1, now, begin } = await machine(what);
        let number = 0;
        for (let reached = true; reached;) {
          number += 1;
          await begin();
          await deploy(unattributed(host));
          const full = fullAt(host, disk, lacks, number);
          const undone = await back(full.host);
          reached = full.count.takes >= number;
          const at = `at ${number}`;
          expect(notUndone(undone), at).toEqual([]);
          expect(await now(), at).toEqual(phase1);
          expect(agent.runs(), at).toBe(before[config]);
          await disk.free();
        }
        console.log(`${what} out of ${lacks}: ${number - 1} times in a rollback`);
      },
    );
  },
);

describe.skipIf(refused !== null).each<Lacks>(['bytes', 'inodes'])('with the disk of the ledger out of %s', (lacks) => {
  it.each([
    [
      'closes the ledger of a week that ended without this machine',
      async (host: Host) => {
        await ledgerOf(host, undo).close(run);
        expect(await ledgerOf(host, undo).closing(run)).toMatchObject({ by: 'the week' });
      },
    ],
    ['ends what was cut off', (host: Host) => ledgerOf(host, undo).recover()],
    [
      'notes a change that was taken back otherwise',
      async (host: Host) => {
        const [last] = (await ledgerOf(host, undo).entries(run)).reverse();
        await ledgerOf(host, undo).settle(run, last!.key);
        expect((await ledgerOf(host, undo).entries(run)).at(-1)?.end?.result).toBe('undone');
      },
    ],
  ])('it %s', async (_, work) => {
    const { host, disk, begin } = await machine('ledger');
    await begin();
    await deploy(unattributed(host));
    await disk.fill(lacks);
    await work(unattributed(host));
    await disk.free();
  });
});
