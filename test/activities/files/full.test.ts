// Errors of a full disk, as people read them. On disks that are full: test/activities/full-disk.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFiles, type FileSystem } from '../../../activities/files/file-system.ts';
import { namingFullDisk } from '../../../activities/files/full.ts';

/** A file system on which nothing can be made, for this reason. */
function refusing(code: string): FileSystem {
  const mkdir = () => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
  return namingFullDisk({ ...nodeFiles, mkdir });
}

it.each([
  ['ENOSPC', tmpdir(), new RegExp(`^The disk mounted at /\\S*, where ${tmpdir()} is, is full: free some space`)],
  ['EDQUOT', tmpdir(), /gives us no more by its quota/],
  ['ENOSPC', '/nowhere/at/all', /^ENOSPC: no$/],
  ['EACCES', tmpdir(), /^EACCES: no$/],
])('%s in %s says what there is to do, and is told by its code', async (code, directory, message) => {
  const made = refusing(code).mkdir(join(directory, 'a'));
  await expect(made).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
