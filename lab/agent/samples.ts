// What the agent tells the hubs: the samples of a batch. The names differ from those of /metrics, which hubs scrape.
import { healthOf } from './health.ts';
import type { Sample } from './remote-write.ts';
import type { AgentState } from './state.ts';

/** The samples of the batch with this sequence number. */
export function samplesOf(agent: AgentState, seq: number): Sample[] {
  const samples = {
    sequence: seq,
    healthy: healthOf(agent).status === 'ok' ? 1 : 0,
    uptime_seconds: agent.uptimeSeconds(),
    ...ofKind(agent),
  };
  const labels = { agent: agent.config.name };
  return [
    ...Object.entries(samples).map(([name, value]) => ({ name: `agent_pushed_${name}`, labels, value })),
    ...hubSamples(agent, labels),
  ];
}

function ofKind(agent: AgentState): Record<string, number> {
  const { kind } = agent.config;
  const system = agent.system();
  if (kind === 'unified_utils_agent') return { utility_calls: agent.utilityCalls() };
  if (kind !== 'resource_manager' || !system) return {};
  return {
    cpu_percent: system.cpuPercent,
    load1: system.load1,
    memory_used_percent: system.memoryUsedPercent,
    disk_used_percent: system.diskUsedPercent,
  };
}

/** How the hubs look from here: the business of the agent that monitors the monitoring. */
function hubSamples(agent: AgentState, labels: Record<string, string>): Sample[] {
  if (agent.config.kind !== 'observability_hub') return [];
  const { hubs, active } = agent.hubs.state();
  return Object.entries(hubs).flatMap(([hub, { reachable }]) => [
    { name: 'agent_pushed_hub_reachable', labels: { ...labels, hub }, value: reachable ? 1 : 0 },
    { name: 'agent_pushed_hub_active', labels: { ...labels, hub }, value: hub === active ? 1 : 0 },
  ]);
}
