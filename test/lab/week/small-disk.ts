// A small disk of its own for a directory of a machine, which a test fills and frees.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

export interface SmallDisk {
  /** To the last byte. */
  fill(): void;
  free(): void;
  /** What the directory held before is there again. */
  remove(): Promise<void>;
}

const run = (command: string, ...args: string[]) => execa(command, args, { timeout: 30_000 });

/** Has the files of the directory, and about 100 KiB more. */
export async function smallDisk(directory: string): Promise<SmallDisk> {
  const aside = await run('mktemp', '--directory').then(({ stdout }) => stdout);
  await run('cp', '--preserve=all', '--recursive', `${directory}/.`, aside);
  const { stdout: owner } = await run('stat', '--format=uid=%u,gid=%g,mode=%a', directory);
  await run('mount', '-t', 'tmpfs', '-o', `size=160k,${owner}`, 'tmpfs', directory);
  await run('cp', '--preserve=all', '--recursive', `${aside}/.`, directory);
  rmSync(aside, { recursive: true });
  const filler = join(directory, '.filler');
  return {
    fill() {
      for (let size = 64 * 1024; size >= 1; size = size === 1 ? 0 : size / 2)
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(size, 'x'), { flag: 'a' });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
    },
    free: () => rmSync(filler, { force: true }),
    remove: async () => void (await run('umount', directory)),
  };
}
