// Archives of files with all that a file system keeps of them: owner, mode, ACL, extended attributes. GNU tar does it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const withinMs = 10 * 60_000;
/** A colon in a name is no host. */
const all = ['--acls', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--force-local'];

/** What is in `from`, by directory. Throws with what tar says. */
export async function pack(archive: string, from: { directory: string; names: string[] }[]): Promise<void> {
  const members = from.flatMap(({ directory, names }) => [
    '--directory',
    directory,
    ...names.map((name) => `./${name}`),
  ]);
  await tar(['--create', ...all, '--file', archive, ...members]);
}

export async function unpack(archive: string, directory: string): Promise<void> {
  await tar(['--extract', ...all, '--same-owner', '--same-permissions', '--file', archive, '--directory', directory]);
}

async function tar(args: string[]): Promise<void> {
  try {
    await run('tar', args, { timeout: withinMs, env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw new Error('GNU tar is not installed here, which this needs', { cause: error });
    const said = stderr
      ?.trim()
      .split('\n')
      .find((line) => !line.includes('Removing leading'));
    throw new Error(said || message, { cause: error });
  }
}
