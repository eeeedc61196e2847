// With what the agent connects to a NATS that wants it: an authority, and a user. Read at each connection.
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, nkeyAuthenticator } from 'nats';

export const natsAccessKeys = ['ca_file', 'nkey_seed_file', 'username', 'password_file'] as const;

/** As `nats_access` has it. */
export type NatsAccess = { [K in (typeof natsAccessKeys)[number]]?: string };

export function natsOptions(access: NatsAccess): ConnectionOptions {
  const { ca_file: caFile, nkey_seed_file: seed, username, password_file: password } = access;
  return {
    ...(caFile && { tls: { caFile } }),
    ...(seed && { authenticator: readable((nonce) => nkeyAuthenticator(bytesOf(seed))(nonce)) }),
    ...(username && password && { authenticator: readable(() => ({ user: username, pass: secret(password) })) }),
  };
}

type Login = (nonce?: string) => unknown;

/** Without its file it is refused, and tries again: an error would end the connection for good. */
function readable(login: Login) {
  return ((nonce?: string) => {
    try {
      return login(nonce);
    } catch {
      return {};
    }
  }) as ConnectionOptions['authenticator'];
}

function bytesOf(file: string): Uint8Array {
  return new TextEncoder().encode(/\bSU[A-Z2-7]{56}\b/.exec(secret(file))?.[0] ?? '');
}

function secret(file: string): string {
  return readFileSync(file, 'utf8').trim();
}
