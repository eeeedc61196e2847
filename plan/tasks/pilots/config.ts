// Renders the dual-hub settings of one agent: 2D.template, 2D.NAME.new.
import type { DualHubSettings } from '../../machine-api/files.ts';
import { machineId } from '../../names.ts';
import type { Agent } from '../../schema/agent.ts';
import { type Plan, type Service, serviceOf, servicesOf } from '../../schema/plan.ts';
import { gatewayUrl } from '../shared/gateways.ts';
import { hubUrl } from '../shared/hubs.ts';
import { natsUrl } from '../shared/nats.ts';
import { hubAccess } from './hub-access.ts';

/** What the agent's configuration gets. Throws when the plan has no metrics subject for the agent's machine. */
export function dualHubSettings(plan: Plan, agent: Agent): DualHubSettings {
  const { failover, env } = plan.migration;
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const gateway = nearest(plan, 'pushgateway', agent.machine);
  const primary = hubUrl(edge);
  const access = plan.migration.access && hubAccess({ primary: edge, fallback: central, pushgateway: gateway });
  return {
    hub_endpoints: { primary, fallback: hubUrl(central), pushgateway: gatewayUrl(gateway) },
    ...(access && { hub_access: access }),
    failover_config: {
      health_check_interval: failover.healthCheckInterval / 1000,
      max_retries: failover.maxRetries,
      failover_threshold: failover.failoverThreshold,
      recovery_timeout: failover.recoveryTimeout / 1000,
      probe_interval: failover.probeInterval / 1000,
      probe_timeout: failover.probeTimeout / 1000,
      batch_timeout: failover.batchTimeout / 1000,
    },
    nats: {
      nats_url: natsUrl(nearest(plan, 'nats', agent.machine)),
      health_subject: plan.messaging.healthSubject,
      metrics_subject: metricsSubject(plan, agent.machine),
    },
    environment: { [env.name]: primary },
  };
}

/** The subject on which agents of a machine publish their metrics: the one in a stream's `publishes` that ends with its id. */
export function metricsSubject(plan: Plan, machine: string): string {
  const subjects = plan.messaging.streams.flatMap((stream) => stream.publishes);
  const found = subjects.find((subject) => subject.endsWith(`.${machineId(machine)}`));
  if (!found)
    throw new Error(
      `The plan ${plan.name} has no metrics subject for ${machine}: add one that ends with ".${machineId(machine)}" to a stream's publishes; found ${subjects.join(', ')}`,
    );
  return found;
}

/** The service on the agent's own machine, else the plan's first. */
function nearest<K extends Service['kind']>(plan: Plan, kind: K, machine: string): Extract<Service, { kind: K }> {
  return servicesOf(plan, kind).find((service) => service.machine === machine) ?? serviceOf(plan, kind);
}
