// Health between agents over HTTP: what came in from peers, and posting our own to the peer on the other machine.
import { z } from 'zod';
import type { Access } from './access.ts';
import type { Log } from './log.ts';
import { request, succeeded } from './request.ts';

/** The part of a peer's health that is kept; the rest of the document is ignored. */
const PeerHealth = z.object({ agent: z.string().min(1).max(100), status: z.string().max(100) });

export interface Peer {
  /** ISO 8601, UTC. */
  receivedAt: string;
  status: string;
  /** Messages since this agent started. */
  count: number;
}

const peersKept = 1000;
const postTimeoutMs = 1000;

/** `receive` throws a ZodError for anything that is not a health document. */
export function createPeerBook(): { receive(body: unknown): void; peers(): Record<string, Peer> } {
  const peers = new Map<string, Peer>();
  return {
    receive(body) {
      const { agent, status } = PeerHealth.parse(body);
      const count = (peers.get(agent)?.count ?? 0) + 1;
      peers.delete(agent);
      peers.set(agent, { receivedAt: new Date().toISOString(), status, count });
      if (peers.size > peersKept) peers.delete(peers.keys().next().value!);
    },
    peers: () => Object.fromEntries(peers),
  };
}

export interface PeerPost {
  url: string;
  /** ISO 8601, UTC; null before the first post. */
  postedAt: string | null;
  ok: boolean;
}

/** `post` sends one health document; `last` says how it went. A failure is logged once, and so is its end. */
export function createPeerPoster(
  url: string,
  access: Access | undefined,
  log: Log,
): { post(health: unknown): Promise<void>; last(): PeerPost } {
  let last: PeerPost = { url, postedAt: null, ok: false };
  return {
    async post(health) {
      const answer = await request(
        url,
        postTimeoutMs,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(health) },
        access,
      );
      const ok = succeeded(answer);
      if (ok && !last.ok) log.info('the peer takes our health', { url });
      if (!ok && (last.ok || last.postedAt === null))
        log.warn('the peer does not take our health', { url, reason: answer.reason });
      last = { url, postedAt: new Date().toISOString(), ok };
    },
    last: () => last,
  };
}
