// A file system in memory that records what is done to it, so that a disk can be made as a power cut leaves it after any part of that.
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem, OpenFile, Status } from '../../../activities/files/file-system.ts';

interface Inode {
  directory: boolean;
  mode: number;
  uid: number;
  gid: number;
  data: Buffer;
  names: Map<string, number>;
}

/** By number; 1 is the root. */
export type Disk = Map<number, Inode>;

/** What changes a disk, or has it on the disk. `of` is the inode whose sync does. `path` is for people. */
export type Operation = { of: number; path: string } & (
  | { kind: 'write'; at: number; bytes: Buffer }
  | { kind: 'truncate'; length: number }
  | { kind: 'attributes'; mode?: number; uid?: number; gid?: number }
  | { kind: 'enter'; name: string; inode: number }
  | { kind: 'rename'; from: string; to: string; inode: number }
  | { kind: 'leave'; name: string }
  | { kind: 'sync' }
  /** Something that happens besides: where it lies in the recording tells what had happened before. */
  | { kind: 'mark'; mark: object }
);

/** Of a write that was not synced: only its first half, or that with the rest never written. */
export type Torn = 'short' | 'zeros';

export interface Recording {
  base: Disk;
  /** Inodes made since, as they are made. */
  born: Map<number, Inode>;
  operations: Operation[];
}

export const recordingFrom = (base: Disk): Recording => ({ base, born: new Map(), operations: [] });

export const emptyDisk = (): Disk => new Map([[1, inodeOf(true, 0o755)]]);

/** The disk with these operations on it, in their order. */
export function diskOf({ base, born }: Recording, operations: { operation: Operation; torn?: Torn }[]): Disk {
  const disk: Disk = new Map();
  for (const [number, inode] of [...base, ...born]) disk.set(number, { ...inode, names: new Map(inode.names) });
  for (const { operation, torn } of operations) apply(disk, operation, torn);
  return disk;
}

/** Those of the first `count` operations that a power cut could take. */
export function unsynced(operations: Operation[], count: number): Set<Operation> {
  const pending = new Set<Operation>();
  const of = new Map<number, Operation[]>();
  for (const operation of operations.slice(0, count)) {
    if (operation.kind === 'mark') continue;
    if (operation.kind === 'sync') {
      for (const synced of of.get(operation.of) ?? []) pending.delete(synced);
      of.delete(operation.of);
    } else {
      pending.add(operation);
      of.set(operation.of, [...(of.get(operation.of) ?? []), operation]);
    }
  }
  return pending;
}

/** Every file and directory below a path: its content, mode and owner. */
export function tree(disk: Disk, path: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (at: string, number: number) => {
    const { directory, mode, uid, gid, data, names } = disk.get(number)!;
    found.set(at, `${mode.toString(8)} ${uid}:${gid} ${directory ? 'directory' : data.toString('latin1')}`);
    for (const [name, inode] of [...names].sort()) walk(join(at, name), inode);
  };
  const number = numberAt(disk, path);
  if (number !== undefined) walk(path, number);
  return found;
}

/** Node's file system over a recording; `forgets` are syncs that do nothing. */
export function memoryFiles(recording: Recording, forgets: (path: string) => boolean = () => false) {
  const { operations, born } = recording;
  const disk = diskOf(
    recording,
    operations.map((operation) => ({ operation })),
  );
  const open = new Map<number, { number: number; path: string }>();

  function act(operation: Operation): void {
    operations.push(operation);
    apply(disk, operation);
  }

  function bear(directory: boolean, mode: number): number {
    const number = Math.max(...disk.keys()) + 1;
    const inode = inodeOf(directory, mode);
    born.set(number, { ...inode, names: new Map() });
    disk.set(number, inode);
    return number;
  }

  /** The directory of a path and the name in it. */
  function parentOf(path: string): { of: number; name: string; path: string } {
    const plain = plainOf(path);
    const at = plain.lastIndexOf('/');
    const parent = mustBe(plain.slice(0, at) || '/');
    if (!disk.get(parent)!.directory) throw fault('ENOTDIR', path);
    return { of: parent, name: plain.slice(at + 1), path: plain };
  }

  /** As the path of the directory that is held open, for /proc/self/fd/N. */
  function plainOf(path: string): string {
    const [, fd = '', rest = ''] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/.exec(path) ?? [];
    const plain = fd ? `${open.get(Number(fd))?.path}${rest}` : path;
    return plain.replace(/(.)\/+$/, '$1');
  }

  function mustBe(path: string): number {
    const number = numberAt(disk, plainOf(path));
    if (number === undefined) throw fault('ENOENT', path);
    return number;
  }

  function enter(path: string, inode: number): void {
    const at = parentOf(path);
    if (disk.get(at.of)!.names.has(at.name)) throw fault('EEXIST', path);
    act({ kind: 'enter', ...at, inode });
  }

  function leave(path: string, directory: boolean): void {
    const at = parentOf(path);
    const inode = disk.get(mustBe(path))!;
    if (inode.directory !== directory) throw fault(directory ? 'ENOTDIR' : 'EISDIR', path);
    if (inode.names.size > 0) throw fault('ENOTEMPTY', path);
    act({ kind: 'leave', ...at });
  }

  function opened(number: number, path: string): OpenFile {
    const fd = 3 + open.size;
    const where = { of: number, path: plainOf(path) };
    open.set(fd, { number, path: where.path });
    return {
      fd,
      async read(buffer, offset, length, position) {
        const { directory, data } = disk.get(number)!;
        if (directory) throw fault('EISDIR', path);
        const piece = data.subarray(position, position + length);
        piece.copy(buffer, offset);
        return { bytesRead: piece.length };
      },
      async write(buffer, offset, length, position) {
        act({ kind: 'write', ...where, at: position, bytes: Buffer.from(buffer.subarray(offset, offset + length)) });
        return { bytesWritten: length };
      },
      async truncate(length) {
        if (disk.get(number)!.data.length !== length) act({ kind: 'truncate', ...where, length });
      },
      stat: async () => statusOf(number, disk.get(number)!),
      async chmod(mode) {
        if (disk.get(number)!.mode !== mode) act({ kind: 'attributes', ...where, mode });
      },
      chown: async (uid, gid) => act({ kind: 'attributes', ...where, uid, gid }),
      async sync() {
        if (!forgets(where.path)) act({ kind: 'sync', ...where });
      },
      close: async () => undefined,
    };
  }

  const status = async (path: string) => {
    const number = mustBe(path);
    return statusOf(number, disk.get(number)!);
  };
  const files: FileSystem = {
    async open(path, flags, mode = 0o666) {
      const { O_CREAT, O_EXCL, O_DIRECTORY } = constants;
      const { of, name } = path === '/' ? { of: 1, name: '' } : parentOf(path);
      const found = name === '' ? of : disk.get(of)!.names.get(name);
      if (found !== undefined) {
        if (flags & O_EXCL) throw fault('EEXIST', path);
        if (flags & O_DIRECTORY && !disk.get(found)!.directory) throw fault('ENOTDIR', path);
        return opened(found, path);
      }
      if (!(flags & O_CREAT)) throw fault('ENOENT', path);
      const number = bear(false, mode);
      enter(path, number);
      return opened(number, path);
    },
    async mkdir(path, mode = 0o777) {
      parentOf(path);
      if (numberAt(disk, plainOf(path)) !== undefined) throw fault('EEXIST', path);
      enter(path, bear(true, mode));
    },
    readdir: async (path) => [...disk.get(mustBe(path))!.names.keys()],
    async rename(from, to) {
      const [one, other] = [parentOf(from), parentOf(to)];
      if (one.of !== other.of) throw new Error('Not here: a rename from one directory to another');
      act({ kind: 'rename', of: one.of, path: other.path, from: one.name, to: other.name, inode: mustBe(from) });
    },
    link: async (path, added) => enter(added, mustBe(path)),
    unlink: async (path) => leave(path, false),
    rmdir: async (path) => leave(path, true),
    stat: status,
    lstat: status,
    async readlink(path) {
      if (!path.startsWith('/proc/self/fd/')) throw fault('EINVAL', path);
      return plainOf(path);
    },
    async realpath(path) {
      mustBe(path);
      return plainOf(path);
    },
    statfs: async () => ({ bavail: 1_000_000, bsize: 4096 }),
    async copyAttributes(from, to) {
      const [source, target] = [open.get(from.fd)!, open.get(to.fd)!];
      const { mode, uid, gid } = disk.get(source.number)!;
      act({ kind: 'attributes', of: target.number, path: target.path, mode, uid, gid });
    },
  };
  return { files, disk, mark: (mark: object) => act({ kind: 'mark', of: 0, path: '', mark }) };
}

function apply(disk: Disk, operation: Operation, torn?: Torn): void {
  const inode = disk.get(operation.of)!;
  switch (operation.kind) {
    case 'write': {
      const { at } = operation;
      const bytes = torn ? operation.bytes.subarray(0, operation.bytes.length / 2) : operation.bytes;
      if (!torn && at === 0 && bytes.length >= inode.data.length) {
        inode.data = bytes;
        return;
      }
      const end = torn === 'zeros' ? at + operation.bytes.length : at + bytes.length;
      const data = Buffer.alloc(Math.max(inode.data.length, end));
      inode.data.copy(data);
      bytes.copy(data, at);
      inode.data = data;
      return;
    }
    case 'truncate': {
      const data = Buffer.alloc(operation.length);
      inode.data.copy(data);
      inode.data = data;
      return;
    }
    case 'attributes':
      inode.mode = operation.mode ?? inode.mode;
      inode.uid = operation.uid ?? inode.uid;
      inode.gid = operation.gid ?? inode.gid;
      return;
    case 'enter':
      inode.names.set(operation.name, operation.inode);
      return;
    case 'rename':
      if (inode.names.get(operation.from) === operation.inode) inode.names.delete(operation.from);
      inode.names.set(operation.to, operation.inode);
      return;
    case 'leave':
      inode.names.delete(operation.name);
  }
}

function numberAt(disk: Disk, path: string): number | undefined {
  let number: number | undefined = 1;
  for (const name of path.split('/').filter(Boolean)) number = number && disk.get(number)?.names.get(name);
  return number;
}

function inodeOf(directory: boolean, mode: number): Inode {
  return { directory, mode, uid: 0, gid: 0, data: Buffer.alloc(0), names: new Map() };
}

function statusOf(ino: number, { directory, mode, uid, gid, data }: Inode): Status {
  return {
    dev: 0,
    ino,
    mode,
    uid,
    gid,
    size: data.length,
    mtimeMs: 0,
    ctimeMs: 0,
    isFile: () => !directory,
    isDirectory: () => directory,
    isSymbolicLink: () => false,
  };
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
