// Renders the dual-hub settings of one agent: 2D.template, 2D.NAME.new.
import type { DualHubSettings } from '../../machine-api/files.ts';
import type { Agent } from '../../schema/agent.ts';
import { type Plan, type Service, serviceOf, servicesOf } from '../../schema/plan.ts';
import { gatewayUrl } from '../shared/gateways.ts';
import { hubUrl } from '../shared/hubs.ts';
import { metricsSubject, natsUrl } from '../shared/nats.ts';
import { type HubAccess, hubAccess } from './hub-access.ts';
import { type NatsAccess, natsAccess } from './nats-access.ts';

/** What the agent's configuration gets. Throws when the plan has no metrics subject for the agent's machine. */
export function dualHubSettings(plan: Plan, agent: Agent): DualHubSettings {
  const { failover, env } = plan.migration;
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const gateway = nearest(plan, 'pushgateway', agent.machine);
  const primary = hubUrl(edge);
  const toHubs = toldOf(plan, agent);
  const toNats = toldOfNats(plan);
  return {
    hub_endpoints: { primary, fallback: hubUrl(central), pushgateway: gatewayUrl(gateway) },
    ...(toHubs && { hub_access: toHubs }),
    failover_config: {
      health_check_interval: failover.healthCheckInterval / 1000,
      max_retries: failover.maxRetries,
      failover_threshold: failover.failoverThreshold,
      recovery_timeout: failover.recoveryTimeout / 1000,
      ...probing(failover),
    },
    nats: {
      nats_url: natsUrl(plan, nearest(plan, 'nats', agent.machine)),
      health_subject: plan.messaging.healthSubject,
      metrics_subject: metricsSubject(plan, agent.machine),
    },
    ...(toNats && { nats_access: toNats }),
    ...(env.via === 'yaml' && { environment: { [env.name]: primary } }),
  };
}

/** Only what the plan asks for: an agent that refuses keys which it does not know would not start. */
function probing({ probeInterval, probeTimeout, batchTimeout }: Plan['migration']['failover']) {
  return {
    ...(probeInterval !== undefined && { probe_interval: probeInterval / 1000 }),
    ...(probeTimeout !== undefined && { probe_timeout: probeTimeout / 1000 }),
    ...(batchTimeout !== undefined && { batch_timeout: batchTimeout / 1000 }),
  };
}

/** How hubs and its Pushgateway are asked; undefined where it is not told. */
export function toldOf(plan: Plan, agent: Agent): HubAccess | undefined {
  if (!plan.migration.access) return undefined;
  return hubAccess({
    primary: serviceOf(plan, 'edge-hub'),
    fallback: serviceOf(plan, 'central-hub'),
    pushgateway: nearest(plan, 'pushgateway', agent.machine),
  });
}

export function toldOfNats(plan: Plan): NatsAccess | undefined {
  return plan.migration.access && natsAccess(plan);
}

/** What a pilot finds in its environment, where supervisord puts it there. */
export function environmentOf(plan: Plan): { env?: { name: string; value: string } } {
  const { name, via } = plan.migration.env;
  return via === 'supervisor' ? { env: { name, value: hubUrl(serviceOf(plan, 'edge-hub')) } } : {};
}

/** The service on the agent's own machine, else the plan's first. */
function nearest<K extends Service['kind']>(plan: Plan, kind: K, machine: string): Extract<Service, { kind: K }> {
  return servicesOf(plan, kind).find((service) => service.machine === machine) ?? serviceOf(plan, kind);
}
