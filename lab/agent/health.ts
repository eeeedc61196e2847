// The document of GET /health.
import type { DeliveryCounts } from './delivery.ts';
import type { Role } from './failover.ts';
import type { NatsStatus } from './messenger.ts';
import type { PeerPost } from './peers.ts';
import type { AgentState } from './state.ts';

/** Times are ISO 8601, UTC. */
export interface Health {
  /** `degraded`: no hub is reachable, or the last batch found none. */
  status: 'ok' | 'degraded';
  agent: string;
  kind: string;
  phase: 1 | 2;
  startedAt: string;
  uptimeSeconds: number;
  hubs: { active: Role; list: { role: Role; url: string; reachable: boolean; checkedAt: string | null }[] };
  failovers: { at: string; from: Role; to: Role }[];
  sequence: DeliveryCounts;
  nats: NatsStatus | null;
  peer: PeerPost | null;
  environment: { OBS_HUB_URL?: string };
}

export function healthOf(agent: AgentState): Health {
  const { config } = agent;
  const { active, hubs, failovers } = agent.hubs.state();
  const list = config.hubs.map(({ role, url }) => ({
    role,
    url,
    reachable: hubs[role]!.reachable,
    checkedAt: iso(hubs[role]!.checkedAt),
  }));
  return {
    status: agent.delivery.delivering() && list.some((hub) => hub.reachable) ? 'ok' : 'degraded',
    agent: config.name,
    kind: config.kind,
    phase: config.phase,
    startedAt: new Date(agent.startedAt).toISOString(),
    uptimeSeconds: agent.uptimeSeconds(),
    hubs: { active, list },
    failovers: failovers.map(({ at, from, to }) => ({ at: new Date(at).toISOString(), from, to })),
    sequence: agent.delivery.counts(),
    nats: agent.messenger?.status() ?? null,
    peer: agent.poster?.last() ?? null,
    environment: config.obsHubUrl ? { OBS_HUB_URL: config.obsHubUrl } : {},
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
