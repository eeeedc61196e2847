// Writes what only its owner may read.
import { open } from 'node:fs/promises';

/** Also into a file that is there, and that others could read until now. */
export async function writeForOwner(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    // Terminals, pipes and devices stay as they are.
    if ((await file.stat()).isFile()) await file.chmod(0o600);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
