// Where a NATS server is reached, by its clients and by those who look at it, and on what agents publish.
import type { NatsTarget } from '../../machine-api/target.ts';
import { machineId } from '../../names.ts';
import type { NatsCredentials } from '../../schema/nats-access.ts';
import type { Plan } from '../../schema/plan.ts';
import type { NatsServer } from '../messaging/schema.ts';

export function natsUrl({ messaging }: Plan, { machine, ports }: NatsServer): string {
  return `${messaging.tls ? 'tls' : 'nats'}://${machine}:${ports.client.host}`;
}

/** As the week connects to it. */
export function natsTarget(plan: Plan, server: NatsServer): NatsTarget {
  const { tls, users } = plan.messaging;
  const url = natsUrl(plan, server);
  const credentials: NatsCredentials = { ...(tls && { caFile: tls.caFile }), ...users?.week };
  return Object.keys(credentials).length === 0 ? url : { url, ...credentials };
}

/** Every file that the plan names for it, whoever reads it. */
export function natsFiles({ messaging: { tls, users, secretsFile } }: Plan): string[] {
  const ofUsers = Object.values(users ?? {}).flatMap(({ nkey, basicAuth }) => [
    nkey?.seedFile,
    basicAuth?.passwordFile,
  ]);
  return [...Object.values(tls ?? {}), ...ofUsers, secretsFile].filter((path) => path !== undefined);
}

export function monitorUrl({ machine, ports }: NatsServer): string {
  return `http://${machine}:${ports.monitor.host}`;
}

/** Where the week is answered, when it has a login: an inbox that agents may not listen to. */
export const weekInbox = '_INBOX_hubshift';

/** Whether a subject is a machine's: it ends with its id, and with that of no machine whose name has more parts. */
export function isOfMachine({ machines }: Plan, subject: string, machine: string): boolean {
  const all = machines.map(({ name }) => machineId(name)).filter((one) => subject.endsWith(`.${one}`));
  return all.toSorted((one, other) => other.length - one.length)[0] === machineId(machine);
}

/** Those in the streams' `publishes` that are a machine's. */
export function subjectsFor(plan: Plan, machine: string): string[] {
  const subjects = plan.messaging.streams.flatMap(({ publishes }) => publishes);
  return subjects.filter((subject) => isOfMachine(plan, subject, machine));
}

/** The subject on which agents of a machine publish their metrics. */
export function metricsSubject(plan: Plan, machine: string): string {
  const [found] = subjectsFor(plan, machine);
  if (!found)
    throw new Error(
      `The plan ${plan.name} has no metrics subject for ${machine}: add one that ends with ".${machineId(machine)}" to a stream's publishes; found ${plan.messaging.streams.flatMap(({ publishes }) => publishes).join(', ')}`,
    );
  return found;
}
