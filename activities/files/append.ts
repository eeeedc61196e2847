// Adds to the end of a file: all of it, and on the disk, or nothing.
import { constants } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closing, readAll, writeAll } from './bytes.ts';
import { syncDirectory } from './disk.ts';
import { nodeFiles, type FileSystem } from './file-system.ts';

const { O_CREAT, O_RDWR } = constants;

/** Adds to the end of a file, which has this mode from now on: all of it or nothing. */
export async function appendSynced(path: string, text: string, mode: number): Promise<void> {
  await appendChecked(path, Buffer.from(text), mode, nodeFiles);
  await chmod(path, mode);
  await syncDirectory(dirname(path));
}

/** Adds to the end of a file, and reads it back; what can't be added whole is taken away again. */
export async function appendChecked(path: string, bytes: Buffer, mode: number, files: FileSystem): Promise<void> {
  const file = await files.open(path, O_RDWR | O_CREAT, mode);
  await closing(file, async () => {
    const { size } = await file.stat();
    try {
      await writeAll(file, bytes, size);
      await file.sync();
      if (!(await readAll(file, size)).equals(bytes))
        throw new Error(`${path} does not hold what was written to it: look at its disk`);
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  });
}
