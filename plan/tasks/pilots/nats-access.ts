// What pilots are told of how NATS is connected to, beside its URL: names of users, and paths of files.
import type { Plan } from '../../schema/plan.ts';

export const natsAccessKeys = ['ca_file', 'nkey_seed_file', 'username', 'password_file'] as const;

/** Keys of one block, each a line of its own in a file of others. */
export type NatsAccess = { [K in (typeof natsAccessKeys)[number]]?: string };

/** Undefined where it wants nothing. */
export function natsAccess({ messaging: { tls, users } }: Plan): NatsAccess | undefined {
  if (!tls && !users) return undefined;
  const { nkey, basicAuth } = users?.agents ?? {};
  return {
    ...(tls && { ca_file: tls.caFile }),
    ...(nkey?.seedFile && { nkey_seed_file: nkey.seedFile }),
    ...(basicAuth && { username: basicAuth.username, password_file: basicAuth.passwordFile }),
  };
}
