// Opens files that others own, to be read: a pipe, a socket or a device that was put there must not hold us, or feed us without an end.
import { constants } from 'node:fs';
import { nullIfMissing } from './errors.ts';
import { nodeFiles, type FileSystem, type OpenFile } from './file-system.ts';

const { O_NONBLOCK, O_RDONLY } = constants;

/** What is at a path is no file. */
export class NoFile extends Error {
  override name = 'NoFile';
}

/** null when nothing is there. `called` is the path for people. */
export async function openRegular(
  path: string,
  files: FileSystem = nodeFiles,
  { flags = O_RDONLY, called = path }: { flags?: number; called?: string } = {},
): Promise<OpenFile | null> {
  const refusal = () =>
    new NoFile(
      `${called} is not a regular file (a pipe, a socket, a device or a directory): remove it, or put the file back`,
    );
  const file = await files.open(path, flags | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    // So open() says it of a socket, or of a device that is not there.
    if (error.code === 'ENXIO' || error.code === 'ENODEV') throw refusal();
    return nullIfMissing(error);
  });
  if (!file || (await isRegular(file))) return file;
  await file.close();
  throw refusal();
}

async function isRegular(file: OpenFile): Promise<boolean> {
  try {
    return (await file.stat()).isFile();
  } catch (error) {
    await file.close();
    throw error;
  }
}
