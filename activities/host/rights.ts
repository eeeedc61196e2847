// Whether this worker may do what the steps need. Tries without changing anything.
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Right, RightsAsk } from '../../plan/machine-api/host.ts';
import { humanDuration, humanSize } from '../../plan/schema/duration.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { until } from '../context/polling.ts';
import { refusal } from '../context/refusal.ts';
import { tryConfig } from '../agents/config.ts';
import { tryEnvironment } from '../agents/environment.ts';
import { logFileOf } from '../agents/log-source.ts';
import { copyProgram } from '../files/file-system.ts';
import { freeAt } from '../files/free.ts';
import { isMountedAlone } from '../files/mounts.ts';
import { mustLetBeWritten } from '../files/place.ts';
import { openRegular } from '../files/regular.ts';
import { engine, socketOf } from '../docker/engine.ts';
import { resolveImage } from '../docker/images.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { looksAtAccess } from './access.ts';
import { looksAt } from './not-ours.ts';
import { tryHubFile } from '../prometheus/hub-file.ts';
import { mayChown } from './proc.ts';
import { programStatus } from '../programs/programs.ts';
import { runnerOf } from '../programs/runners.ts';

interface Found {
  detail: string;
  warning?: string;
}

const user = `uid ${process.getuid?.() ?? '?'}`;

export async function checkRights(host: Host, ledger: Ledger, ask: RightsAsk): Promise<Right[]> {
  const checks = [
    right(
      'Docker',
      async () =>
        `answers at ${socketOf(host)}, version ${(await engine(host, 'say its version', () => host.docker.version(), 5_000)).Version}`,
    ),
    ...ask.directories.map((path) => right(`directory ${path}`, () => directory(host, path))),
    ...ask.files.map((path) => right(`file ${path}`, () => file(host, path))),
    ...ask.programs.map((named) => right(`program ${named}`, () => program(host, named, ask.stopWithin))),
    ...ask.images.map((image) => right(`image ${image}`, () => resolvable(host, image))),
    ...(ask.partition ? [right('nftables', () => nft(host))] : []),
    ...(ask.chown ? [right('change of owners', chown)] : []),
    ...(ask.makes
      ? looksAt(host, ledger, ask.makes).map(({ what, look }) =>
          right(what, async () => (await look(), 'free, or ours')),
        )
      : []),
    ...(ask.edits ?? []).flatMap(({ paths, edit, checks }) =>
      paths.map((path) => right(`edit of ${path}`, () => tryConfig(host, path, edit, checks?.[path]))),
    ),
    ...(ask.moved ?? []).flatMap(({ program: named, config, log }) => [
      right(`move of ${named}`, () => movable(host, named, config)),
      ...(log === undefined ? [] : [right(`log of ${named}`, () => readable(host, log))]),
    ]),
    ...(ask.running ?? []).map((named) => right(`${named} runs`, () => runs(host, named))),
    ...(ask.room ?? []).map((wanted) => right(`room in ${wanted.path}`, () => room(host, wanted))),
    ...(ask.environments ?? []).map(({ program: named, env }) =>
      right(`environment of ${named}`, () => tryEnvironment(host, named, env)),
    ),
    ...(ask.hubFile ? [right(`edit of ${ask.hubFile.path}`, () => tryHubFile(host, ask.hubFile!))] : []),
    ...(ask.access ? looksAtAccess(host, ask.access).map(({ what, look }) => right(what, look)) : []),
  ];
  return Promise.all(checks);
}

/** `check` gives what was found, or throws what is missing and how to mend it. */
async function right(what: string, check: () => Promise<string | Found>): Promise<Right> {
  try {
    const found = await check();
    return { what, ok: true, ...(typeof found === 'string' ? { detail: found } : found) };
  } catch (error) {
    cancelled().throwIfAborted();
    return { what, ok: false, detail: (error as Error).message };
  }
}

/** The directory itself, or the nearest parent that exists, must be writable. */
async function directory(host: Host, path: string): Promise<string> {
  for (let at = host.path(path); ; at = dirname(at)) {
    const answer = await accessible(at, constants.W_OK | constants.X_OK);
    if (answer === 'ENOENT' && at !== '/') continue;
    if (answer !== null)
      throw new Error(
        `${host.planned(at)} on ${host.machine} can't be written by ${user} (${answer}): give that user the right to it, or run the worker as root`,
      );
    return host.planned(at) === path ? 'writable' : `will be made under ${host.planned(at)}, which is writable`;
  }
}

async function file(host: Host, path: string): Promise<string> {
  const answer = await accessible(host.path(path), constants.R_OK | constants.W_OK);
  if (answer === 'ENOENT') throw new Error(`${path} is not on ${host.machine}: correct the path in the plan`);
  if (answer === 'EACCES')
    throw new Error(
      `${path} on ${host.machine} can't be read and written by ${user} (${answer}): give that user the right to it, or run the worker as root`,
    );
  await (await openRegular(host.path(path), host.files, { called: `${path} on ${host.machine}` }))?.close();
  const beside = await accessible(dirname(host.path(path)), constants.W_OK | constants.X_OK);
  if (beside === 'EACCES')
    throw new Error(
      `${dirname(path)} on ${host.machine} can't be written by ${user} (${beside}), and a backup is put beside the file: give that user the right to it`,
    );
  await mustLetBeWritten(host, host.path(path), await isMountedAlone(host, host.path(path)));
  const lost = await notKept(host, path);
  if (lost !== null)
    throw new Error(
      `${path} on ${host.machine}: ${lost}, so its undo could not give them back. Put "state" on a file system that keeps them, or take off what can't be kept ("getfattr -d -m -" shows it)`,
    );
  return 'readable and writable, and so is its directory';
}

/** What of a file's ACL and extended attributes a copy beside the ledger would not have; null when it has all. */
async function notKept(host: Host, path: string): Promise<string | null> {
  let at = host.state;
  while ((await accessible(at, constants.F_OK)) !== null && at !== '/') at = dirname(at);
  const directory = await mkdtemp(join(at, '.hubshift-check-')).catch(() => null);
  if (directory === null) return null;
  try {
    const options = ['--attributes-only', '--preserve=mode,ownership,xattr', '--'];
    const { failed, stderr, shortMessage } = await execa(
      copyProgram,
      [...options, host.path(path), join(directory, 'copy')],
      {
        reject: false,
        cancelSignal: within(5_000),
        stdin: 'ignore',
      },
    );
    return failed
      ? `the file system of ${host.state} can't keep all of its attributes (${(stderr || shortMessage || '').split('\n')[0]})`
      : null;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A group may have hundreds. */
const alikeShown = 5;

async function program(host: Host, named: string, stopWithin = Infinity): Promise<Found> {
  const { runner, name } = runnerOf(named);
  const { state } = await programStatus(host, named);
  if (state === 'UNKNOWN') {
    const alike = await runner.alikeTo(host, name);
    const but = alike.length > 0 ? `, but ${alike.slice(0, alikeShown).join(', ')}` : '';
    throw new Error(`${runner.unknown(host, name)}${but}: correct the name in the plan, or add it there`);
  }
  const stopMs = await runner.stopWaitMs(host, name);
  if (stopMs === null || stopMs <= stopWithin) return { detail: state };
  const warning = `${name} on ${host.machine} may take ${humanDuration(stopMs)} for its stop (its ${runner.stopWait}), longer than the limits of levels 2 and 3 leave for it`;
  return { detail: state, warning };
}

/** What somebody started just now is waited for. */
const comesUpMs = 10_000;

/** Of one that is moved. What somebody has stopped is not started by its deployment. */
async function runs(host: Host, named: string): Promise<string> {
  const { value, done } = await until(
    comesUpMs,
    () => programStatus(host, named),
    ({ state }) => !['STARTING', 'BACKOFF'].includes(state),
  );
  const { state, pid } = value;
  if (state === 'RUNNING') return `${state}, pid ${pid}`;
  if (state === 'UNKNOWN') return `as "program ${named}" says`;
  if (!done)
    throw new Error(
      `${named} on ${host.machine} is still ${state}: see that it stays up (its log says why it does not, and a long startsecs takes its time), then try again`,
    );
  throw refusal(
    'ProgramStopped',
    `${named} on ${host.machine} is ${state}, so what answers at its port, if anything does, is not it: start it and see that it stays up, or take it out of the plan`,
  );
}

async function room(host: Host, { path, atLeast }: NonNullable<RightsAsk['room']>[number]): Promise<string> {
  const { bytes } = await freeAt(host, path);
  const found = `${humanSize(bytes)} free`;
  if (bytes >= atLeast) return found;
  throw new Error(
    `${found} on the disk of ${path} on ${host.machine}; the plan wants ${humanSize(atLeast)}: make room, or name a directory on another disk`,
  );
}

async function movable(host: Host, named: string, config: string): Promise<string> {
  const { runner, name } = runnerOf(named);
  await runner.refuseUnfit?.(host, name, config);
  return `can be stopped and started with another ${config}`;
}

async function readable(host: Host, log: string): Promise<string> {
  const path = await logFileOf(host, log);
  const answer = await accessible(path, constants.R_OK);
  if (answer === null) return `readable, ${path}`;
  throw new Error(
    `${path} on ${host.machine} can't be read by ${user} (${answer}): run the worker as root, or name another log in the plan`,
  );
}

async function resolvable(host: Host, image: string): Promise<string> {
  const found = await resolveImage(host, image);
  if (!found)
    throw new Error(
      `${image} is not on ${host.machine}, and no registry gives it: check the name and the network, or load it with "docker load"`,
    );
  return found.digest ?? found.id;
}

async function nft(host: Host): Promise<string> {
  const limit = within(5_000);
  const { exitCode, stderr, shortMessage } = await execa('nft', ['list', 'tables'], {
    reject: false,
    cancelSignal: limit,
    stdin: 'ignore',
  });
  if (exitCode === undefined)
    throw new Error(`nft can't be run on ${host.machine} (${shortMessage?.split('\n')[0]}): install nftables`);
  if (exitCode !== 0)
    throw new Error(
      `"nft list tables" on ${host.machine} failed for ${user}: ${stderr.trim().split('\n')[0]}. Run the worker as root or give it CAP_NET_ADMIN`,
    );
  return 'nft answers';
}

async function chown(): Promise<string> {
  if (process.getuid?.() === 0 || mayChown(await readFile('/proc/self/status', 'utf8')))
    return `${user} may change owners`;
  throw new Error(`${user} may not change the owner of directories: run the worker as root or give it CAP_CHOWN`);
}

/** Null when it is, else the error's code. */
async function accessible(path: string, mode: number): Promise<string | null> {
  return access(path, mode).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}
