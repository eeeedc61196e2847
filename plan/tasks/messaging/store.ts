// Where JetStream stores, and how much of it there may be.
import { bare, directoryOf } from '../shared/mounts.ts';
import type { NatsServer } from './schema.ts';

/** A server's limits where the plan sets none, as NATS spells them: of the powers of two. */
export const unlimited = { maxMemoryStore: '64MB', maxFileStore: '2GB' };
export const unlimitedBytes = { maxFileStore: 2 * 2 ** 30 };

/** The directory that the store is in, where the container does not keep it for itself. */
export function mountOf(server: NatsServer): NatsServer['directories'][number] | undefined {
  return directoryOf(server, server.store);
}

/** The directory of the machine that the store is in, as far as the plan limits it. */
export function storeOf(server: NatsServer): { path: string; bytes: number } | undefined {
  const { store, jetstream } = server;
  if (jetstream?.maxFileStore === undefined) return undefined;
  const mounted = mountOf(server);
  return (
    mounted && { path: `${mounted.path}${store.slice(bare(mounted.mount).length)}`, bytes: jetstream.maxFileStore }
  );
}
