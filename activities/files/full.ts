// A file system whose errors name the disk that is full, and what to do.
import { readlink, realpath, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFull } from './errors.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { mountsOfHost, volumeIn } from './mountinfo.ts';

/** The code of an error stays: it is what others ask for. */
export function namingFullDisk(files: FileSystem): FileSystem {
  const opened = (file: OpenFile): OpenFile => {
    // What a file is called may be of a directory that is not held open any more.
    const at = async () => dirname(await readlink(`/proc/self/fd/${file.fd}`));
    return {
      fd: file.fd,
      read: (...asked) => file.read(...asked),
      write: (...asked) => naming(at, () => file.write(...asked)),
      truncate: (length) => naming(at, () => file.truncate(length)),
      stat: () => file.stat(),
      chmod: (mode) => file.chmod(mode),
      chown: (uid, gid) => file.chown(uid, gid),
      sync: () => naming(at, () => file.sync()),
      close: () => file.close(),
    };
  };
  const of = (path: string) => () => realpath(dirname(path));
  return {
    ...files,
    open: async (path, ...asked) => opened(await naming(of(path), () => files.open(path, ...asked))),
    mkdir: (path, mode) => naming(of(path), () => files.mkdir(path, mode)),
    rename: (from, to) => naming(of(to), () => files.rename(from, to)),
    link: (path, added) => naming(of(added), () => files.link(path, added)),
  };
}

async function naming<T>(where: () => Promise<string>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = await where()
      .then((directory) => reasonOf(directory, code))
      .catch(() => message);
    throw Object.assign(new Error(reason, { cause: error }), { code });
  }
}

async function reasonOf(directory: string, code: string | undefined): Promise<string> {
  const { point } = volumeIn(await mountsOfHost(), directory);
  const disk = `The disk mounted at ${point}, where ${directory} is,`;
  if (code === 'EDQUOT') return `${disk} gives us no more by its quota: free some space, or raise that, then try again`;
  const { ffree, files } = await statfs(directory);
  return files > 0 && ffree === 0
    ? `${disk} has no inodes left: remove some files, then try again`
    : `${disk} is full: free some space, then try again`;
}
