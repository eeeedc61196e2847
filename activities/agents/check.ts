// The agent's own check of a configuration. It is the agent's code on the agent's file, so it runs as the agent's user.
import { execa } from 'execa';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { withoutQuoted } from '../../plan/secrets/quoted.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, makeDirectories, putFile } from '../files/disk.ts';
import { ownerAlone } from '../files/in-place.ts';
import type { Checked } from '../programs/runner.ts';
import { runnerOf } from '../programs/runners.ts';
import { nullIfMissing } from '../files/errors.ts';
import { endOf } from '../../plan/week/cut-text.ts';

const checkTimeoutMs = 30_000;
const outputKept = 2_000;
/** The group of who has none, by Linux' own overflowgid. */
const nobody = 65_534;

interface User {
  uid: number;
  gid: number;
}

/** Of which program, and which file of the plan it is checked to become. */
export interface Of {
  program: string;
  config: string;
}

/** Of a file that is there; `{config}` in the command stands for it. */
export async function runCheck(host: Host, check: string[], file: string, of?: Of): Promise<Checked> {
  const { runner, name } = runnerOf(of?.program ?? '');
  if (of && runner.check)
    return runner.check(host, name, { command: check, config: of.config, file, timeoutMs: checkTimeoutMs });
  return runAs(await userOf(host, [file, ...check]), check, file);
}

/** Of a text that is to become the file, in a directory of its own; `name` is what it is called there. */
export async function runCheckOfText(
  host: Host,
  check: string[],
  file: string,
  text: string,
  { of, name = basename(file) }: { of?: Of; name?: string } = {},
): Promise<Checked> {
  const inContainer = of !== undefined && runnerOf(of.program).runner.check !== undefined;
  // A worker may have a /tmp of its own, of which Docker knows nothing.
  if (inContainer) await makeDirectories(host.state, 0o700, host.files);
  const directory = await mkdtemp(join(inContainer ? host.state : tmpdir(), 'hubshift-check-'));
  try {
    const copy = join(directory, name);
    const user = inContainer ? undefined : await userOf(host, [file, ...check]);
    const original = inContainer ? await attributesOf(file, host.files) : null;
    await putFile(
      copy,
      Buffer.from(text),
      { ...ownerAlone(), ...user, ...original, mayLose: true },
      { files: host.files },
    );
    if (user) await chown(directory, user.uid, user.gid);
    return inContainer ? await runCheck(host, check, copy, of) : await runAs(user, check, copy);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Who owns the first of these that is not root's, or of the directories it lies in: who may put another there. undefined when all are root's,
 * or when we may not choose.
 */
async function userOf(host: Host, paths: string[]): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const path of paths.filter(isAbsolute)) {
    for (let at = path; at !== dirname(at); at = dirname(at)) {
      // Of a link itself: its owner must not choose another user by it.
      const found = await host.files.lstat(at).catch(nullIfMissing);
      if (found && found.uid !== 0) return { uid: found.uid, gid: await groupOf(found.uid) };
    }
  }
  return undefined;
}

/** A user's own group: that of a file may be one that the user is not in, such as root's. */
async function groupOf(uid: number): Promise<number> {
  const { stdout } = await execa('getent', ['passwd', `${uid}`], { reject: false, stdin: 'ignore', timeout: 5_000 });
  return Number(stdout?.split(':')[3] ?? '') || nobody;
}

async function runAs(user: User | undefined, check: string[], file: string): Promise<Checked> {
  const [program = '', ...args] = check.map((part) => part.replaceAll('{config}', file));
  const { all, failed, exitCode, isCanceled, shortMessage } = await execa(program, args, {
    ...user,
    all: true,
    reject: false,
    stdin: 'ignore',
    cwd: '/',
    // Nothing of ours: our environment may hold tokens.
    extendEnv: false,
    env: { PATH: process.env['PATH'] },
    cancelSignal: within(checkTimeoutMs),
  });
  const said = isCanceled
    ? `${program} did not end within ${checkTimeoutMs / 1000} s`
    : failed && exitCode === undefined
      ? shortMessage
      : all;
  // Before it is cut: a value without its key is not known as a secret.
  return { ok: !failed, output: endOf(redact(withoutQuoted(said ?? '')), outputKept) };
}
