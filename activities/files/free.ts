// What is free for a directory, be it there or not.
import { dirname } from 'node:path';
import type { Capacity } from '../../plan/machine-api/containers.ts';
import type { Host } from '../context/host.ts';
import { attributesOf } from './disk.ts';

/** On its disk, or that of its nearest parent that is there. */
export async function freeAt(host: Host, path: string): Promise<Capacity['free'][number]> {
  let nearest = host.path(path);
  while (!(await attributesOf(nearest, host.files))) nearest = dirname(nearest);
  const [{ dev }, { bavail, bsize }] = await Promise.all([host.files.stat(nearest), host.files.statfs(nearest)]);
  return { path, disk: String(dev), bytes: bavail * bsize };
}
