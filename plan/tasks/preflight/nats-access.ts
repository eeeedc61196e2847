// What a secured NATS takes of a machine: certificates and secrets for its server, and what the week and pilots connect with from there.
import type { NatsAsk } from '../../machine-api/access.ts';
import { pilotsOf, type Plan, servicesOf } from '../../schema/plan.ts';
import { secretsWanted } from '../messaging/secured.ts';

/** Undefined where the plan secures nothing of it, or nobody on this machine has to do with it. */
export function natsAccessOn(plan: Plan, machine: string): NatsAsk | undefined {
  const { tls, users, secretsFile } = plan.messaging;
  const servers = servicesOf(plan, 'nats');
  const here = servers.filter((server) => server.machine === machine);
  const hasPilots = pilotsOf(plan).some((pilot) => pilot.machine === machine);
  const ca = tls && { caFile: tls.caFile };
  const ask: NatsAsk = {
    certificates: tls
      ? here.map(({ name }) => ({
          ...tls,
          server: name,
          machine,
          others: [...new Set(servers.map((server) => server.machine))].filter((other) => other !== machine),
        }))
      : [],
    secrets: secretsFile && here.length > 0 ? { path: secretsFile, wanted: secretsWanted(plan) } : null,
    users: [
      ...(users && here.length > 0 ? [{ whose: 'week' as const, ...users.week, ...ca }] : []),
      ...(users && hasPilots ? [{ whose: 'agents' as const, ...users.agents, ...ca }] : []),
    ],
  };
  return ask.secrets || ask.certificates.length + ask.users.length > 0 ? ask : undefined;
}
