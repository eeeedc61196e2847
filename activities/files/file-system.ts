// The part of a file system that the ledger, its files and the undos use: node's own on a machine, a recording in tests.
import * as node from 'node:fs/promises';

export interface FileSystem {
  open(path: string, flags: number, mode?: number): Promise<OpenFile>;
  mkdir(path: string, mode?: number): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  link(path: string, added: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  stat(path: string): Promise<Status>;
  lstat(path: string): Promise<Status>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  statfs(path: string): Promise<{ bavail: number; bsize: number }>;
  /** Permissions, owner, ACL and extended attributes. Throws NotKept where not all of them can be, unless it `mayLose` some. */
  copyAttributes(from: OpenFile, to: OpenFile, mayLose: boolean): Promise<void>;
}

export interface OpenFile {
  fd: number;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  /** May write less than it was asked to. */
  write(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  stat(): Promise<Status>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Status {
  /** Together they tell one file from another, however it is named. */
  dev: number;
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Of a file's permissions, owner, ACL and extended attributes not all could be given to another. */
export class NotKept extends Error {
  override name = 'NotKept';
}

/** By its whole name: an undo depends on nobody's PATH. */
export const copyProgram = '/bin/cp';
const copyMs = 10_000;

export const nodeFiles: FileSystem = {
  ...node,
  async copyAttributes(from, to, mayLose) {
    const held = ({ fd }: OpenFile) => `/proc/${process.pid}/fd/${fd}`;
    // Loaded when it is wanted: the start of an emergency command counts.
    const { execa } = await import('execa');
    // "all" passes over what can't be kept.
    const preserve = mayLose ? ['--preserve=all', '--no-preserve=timestamps'] : ['--preserve=mode,ownership,xattr'];
    const { exitCode, stderr, shortMessage } = await execa(
      copyProgram,
      ['--attributes-only', ...preserve, '--', held(from), held(to)],
      { stdin: 'ignore', timeout: copyMs, reject: false, env: { LC_ALL: 'C' } },
    );
    if (exitCode === undefined) throw new Error(shortMessage);
    if (exitCode !== 0) throw new NotKept(stderr.split('\n')[0]?.split(': ').at(-1) ?? '');
  },
};
