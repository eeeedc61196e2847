// Secrets that the lab makes up, and their hashes.
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';

export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** By bcrypt, as web configurations and NATS want it. The password is told on the standard input, where nobody sees it. */
export async function hashOf(password: string): Promise<string> {
  const { stdout } = await execa('htpasswd', ['-niB', 'anybody'], { input: password, timeout: 30_000 });
  return stdout.trim().slice('anybody:'.length);
}
