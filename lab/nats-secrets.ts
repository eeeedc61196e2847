// Secrets of NATS in a secured lab: the nkey with which the week connects, and the file that servers include.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from 'nats';
import type { Plan } from '../plan/schema/plan.ts';
import { authorityDirectory } from './certificates.ts';
import { hashOf, newSecret } from './secrets.ts';

interface Pair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
}

/** The one of this lab, made when it is first asked for: a plan names its public half, so that it is there before the lab. */
export function weekKey(directory = authorityDirectory): { publicKey: string; seed: string } {
  const file = join(directory, 'nats-week.seed');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, (nkeys.createUser() as Pair).getSeed(), { mode: 0o400 });
  }
  const seed = readFileSync(file);
  return { publicKey: (nkeys.fromSeed(seed) as Pair).getPublicKey(), seed: seed.toString() };
}

/** Of the key that the plan names. Another lab's plan names another. */
export function seedOf(publicKey: string, directory: string): string {
  const own = weekKey(directory);
  if (own.publicKey === publicKey) return own.seed;
  throw new Error(
    `The plan names the nkey ${publicKey} for the week, and this lab's is ${own.publicKey}: run "hubshift lab down", and the secured demo again`,
  );
}

/** What `secretsFile` has. `passwordOf` gives what is in a file of the plan. */
export async function includedSecrets(
  { messaging: { encryption, users } }: Plan,
  passwordOf: (file: string) => string,
): Promise<string> {
  const lines = encryption ? [`jetstream_key: "${newSecret()}"\n`] : [];
  for (const [name, { basicAuth }] of Object.entries(users ?? {}))
    if (basicAuth?.passwordFile)
      lines.push(`${name}_password: "${await hashOf(passwordOf(basicAuth.passwordFile))}"\n`);
  return lines.join('');
}
