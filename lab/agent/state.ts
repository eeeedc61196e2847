// What the documents and metrics of an agent are made from.
import type { AgentConfig } from './config.ts';
import type { Delivery } from './delivery.ts';
import type { Hubs } from './hubs.ts';
import type { Messenger } from './messenger.ts';
import type { createPeerPoster } from './peers.ts';
import type { SystemMetrics } from './system.ts';

export interface AgentState {
  config: AgentConfig;
  /** Unix ms. */
  startedAt: number;
  uptimeSeconds(): number;
  hubs: Hubs;
  delivery: Delivery;
  messenger: Messenger | null;
  poster: ReturnType<typeof createPeerPoster> | null;
  /** Of kind resource_manager, after the first collection. */
  system(): SystemMetrics | null;
  utilityCalls(): number;
}
