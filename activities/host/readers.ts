// Who reads a file, and whether it may: by owner, group and the rest, with the directories on the way to it.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Host } from '../context/host.ts';
import { processFile } from './proc.ts';

/** As the file system knows it. */
export interface Reader {
  uid: number;
  gids: number[];
}

/** Of a numeric uid:gid. */
export function readerBy(user: string): Reader {
  const [uid = 0, gid = 0] = user.split(':').map(Number);
  return { uid, gids: [gid] };
}

/** Of a process; null where it has ended. */
export async function readerOf(pid: number): Promise<Reader | null> {
  const status = await processFile(pid, 'status');
  return status === null ? null : readerIn(status);
}

/** From /proc/PID/status: the last of the ids is that for files. */
export function readerIn(status: string): Reader {
  const numbers = (key: string) =>
    (new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? '').trim().split(/\s+/);
  const ids = (key: string) => numbers(key).filter(Boolean).map(Number);
  return { uid: ids('Uid').at(-1) ?? 0, gids: [...ids('Gid').slice(-1), ...ids('Groups')] };
}

export function nameOf({ uid, gids: [gid] }: Reader): string {
  return `${uid}:${gid}`;
}

interface Found {
  uid: number;
  gid: number;
  mode: number;
  isDirectory(): boolean;
}

/** By its mode; of a directory, whether what is in it can be reached. */
export function mayRead(found: Found, { uid, gids }: Reader): boolean {
  if (uid === 0) return true;
  const bit = found.isDirectory() ? 0o1 : 0o4;
  const place = found.uid === uid ? 6 : gids.includes(found.gid) ? 3 : 0;
  return (found.mode & (bit << place)) !== 0;
}

/** What keeps a reader from a file. */
interface Bar extends Pick<Found, 'uid' | 'gid' | 'mode'> {
  path: string;
}

/** The first directory from `top` on that it can't go through, or the file; null where nothing bars it. Throws what `stat` throws. */
export async function whatBars(path: string, reader: Reader, top: string): Promise<Bar | null> {
  for (const at of [...directoriesTo(path, top), path]) {
    const found = await stat(at);
    if (!mayRead(found, reader)) return { path: at, uid: found.uid, gid: found.gid, mode: found.mode };
  }
  return null;
}

/** For people, with paths as the plan has them. */
export function barred({ machine, planned }: Host, { path, uid, gid, mode }: Bar, reader: Reader, name: string): Error {
  const [user, at] = [nameOf(reader), planned(path)];
  return new Error(
    `${at} on ${machine} can't be read by ${user}, the user of ${name}: it belongs to ${uid}:${gid} with mode ${(mode & 0o777).toString(8)}. Give it to that user ("chown ${user} ${at}"), or to a group of it`,
  );
}

/** From `top`, which is one of them where it is a directory on the way, to that of the file. */
function directoriesTo(path: string, top: string): string[] {
  if (path === top) return [];
  const all: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    all.unshift(at);
    if (at === top || at === '/') return all;
  }
}
