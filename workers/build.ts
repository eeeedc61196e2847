// What the build left: the digest that must be the same on all workers, and the workflow bundle.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** What a worker runs. The CLI and the lab may differ. */
const parts = ['activities', 'plan', 'workers', 'workflows'];

/** Made by `npm run build`, so that a worker starts at once. */
export const workflowBundle = join(root, 'workflow-bundle.js');
export const workflowFile = join(root, 'workflows', `index${extname(import.meta.filename)}`);

/** sha256 over the names and contents of the workers' code. */
export async function buildDigest(): Promise<string> {
  return digestOf(root, parts, extname(import.meta.filename));
}

/** sha256 over the files below some directories of `base` whose names end with `extension`. */
export async function digestOf(base: string, directories: string[], extension: string): Promise<string> {
  const listed = await Promise.all(
    directories.map(async (directory) =>
      (await readdir(join(base, directory), { recursive: true })).map((name) => join(directory, name)),
    ),
  );
  const hash = createHash('sha256');
  for (const name of listed
    .flat()
    .filter((file) => file.endsWith(extension))
    .sort())
    hash
      .update(name)
      .update('\0')
      .update(await readFile(join(base, name)))
      .update('\0');
  return hash.digest('hex');
}
