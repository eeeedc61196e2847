// The metrics at GET /metrics, and the gauges for the Pushgateway. Gauges read the agent's state when they are asked for.
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { healthOf } from './health.ts';
import type { AgentState } from './state.ts';

export function createMetrics(agent: AgentState): { registry: Registry; requests: Counter<'route' | 'status'> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = gaugesOf(registry);
  gauge('agent_up', '1: the agent runs', () => 1);
  gauge('agent_healthy', '1 while the agent is healthy, 0 while it is degraded', () => healthy(agent));
  gauge('agent_phase', '1: one hub, 2: a primary and a fallback', () => agent.config.phase);
  gauge(
    'agent_pushed_sequence_last',
    'sequence number of the newest batch',
    () => agent.delivery.counts().lastSent ?? 0,
  );
  gauge(
    'agent_acknowledged_sequence_last',
    'sequence number of the newest acknowledged batch',
    () => agent.delivery.counts().lastAcknowledged ?? 0,
  );
  gauge('agent_batches_sent', 'batches made since the start', () => agent.delivery.counts().sent);
  gauge(
    'agent_batches_acknowledged',
    'batches acknowledged by a hub since the start',
    () => agent.delivery.counts().acknowledged,
  );
  gauge('agent_batches_buffered', 'batches that wait for a hub', () => agent.delivery.counts().buffered);
  gauge('agent_batches_dropped', 'batches given up since the start', () => agent.delivery.counts().dropped);
  if (agent.config.kind === 'resource_manager') {
    gauge('system_cpu_percent', 'CPU used, of all cores', () => agent.system()?.cpuPercent ?? NaN);
    gauge('system_load1', 'load average of one minute', () => agent.system()?.load1 ?? NaN);
    gauge('system_memory_used_percent', 'memory used', () => agent.system()?.memoryUsedPercent ?? NaN);
    gauge('system_disk_used_percent', 'root file system used', () => agent.system()?.diskUsedPercent ?? NaN);
  }
  new Gauge({
    name: 'agent_hub_active',
    help: '1 for the active hub',
    labelNames: ['hub'],
    registers: [registry],
    collect() {
      for (const { role } of agent.config.hubs) this.set({ hub: role }, agent.hubs.state().active === role ? 1 : 0);
    },
  });
  const requests = new Counter({
    name: 'agent_http_requests_total',
    help: 'requests answered',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  return { registry, requests };
}

/** For `/metrics/job/agents/instance/NAME`: the group's labels say which agent it is. */
export function createGatewayMetrics(agent: AgentState): Registry {
  const registry = new Registry();
  const gauge = gaugesOf(registry);
  gauge('agent_gateway_healthy', '1 while the agent is healthy, 0 while it is degraded', () => healthy(agent));
  gauge('agent_gateway_uptime_seconds', 'time since the start', () => agent.uptimeSeconds());
  gauge(
    'agent_gateway_batches_acknowledged',
    'batches acknowledged by a hub since the start',
    () => agent.delivery.counts().acknowledged,
  );
  gauge('agent_gateway_batches_buffered', 'batches that wait for a hub', () => agent.delivery.counts().buffered);
  return registry;
}

function gaugesOf(registry: Registry): (name: string, help: string, read: () => number) => void {
  return (name, help, read) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
}

function healthy(agent: AgentState): number {
  return healthOf(agent).status === 'ok' ? 1 : 0;
}
