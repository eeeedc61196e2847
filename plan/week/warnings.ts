// What works, and people should know before it does not.
import { credentialsOf } from '../schema/access.ts';
import { pilotsOf, type Plan } from '../schema/plan.ts';
import { accessOf } from '../tasks/shared/access.ts';
import { routedAs } from './notice.ts';

const named = 4;

/** For these people must come. A plan of version 1 has them told as it says. */
const waits = ['held', 'question'] as const;

export function warningsOf(plan: Plan): string[] {
  const unchecked = pilotsOf(plan).flatMap(({ name, check }) => (check ? [] : [name]));
  // Of a plan that tells nobody anything it is asked whether that is meant.
  const isMeant = plan.version === 1 || plan.notify.channels.length === 0;
  const silent = isMeant ? [] : waits.filter((kind) => routedAs(plan, kind) !== kind);
  return [
    ...(unchecked.length > 0 ? [uncheckedText(unchecked)] : []),
    ...accessWarnings(plan),
    ...(silent.length > 0
      ? [
          `notify.routes has no ${silent.join(' and no ')}: that is told once, as an approval, and nobody is called for it`,
        ]
      : []),
  ];
}

function accessWarnings({ services, agents, messaging, migration }: Plan): string[] {
  const targets = [...services.map((service) => ({ name: service.name, ...accessOf(service) })), ...agents];
  const open = targets.filter((target) => target.scheme !== 'https' && (target.basicAuth || target.authorization));
  const hubs = services.filter((service) => Object.keys(credentialsOf(accessOf(service))).length > 0);
  return [
    ...(open.length > 0 ? [`${few(open)} asked by http with a login: whoever is on the way can read it`] : []),
    ...(messaging.users && !messaging.tls
      ? [
          `messaging.users without messaging.tls: whoever is on the way can read what is said, and whoever reaches a cluster port can join as a server, which wants no login`,
        ]
      : []),
    ...((messaging.users || messaging.tls) && !migration.access
      ? [
          'NATS is connected to with a login or certificates, and pilots are not told them (migration.access): each must have them itself',
        ]
      : []),
    ...(hubs.length > 0 && !migration.access
      ? [
          `${few(hubs)} asked with a login or certificates, and pilots are not told them (migration.access): each must have them itself`,
        ]
      : []),
  ];
}

function few(all: { name: string }[]): string {
  const more = all.length > named ? ` and ${all.length - named} more` : '';
  return `${all
    .slice(0, named)
    .map(({ name }) => name)
    .join(', ')}${more} ${all.length === 1 ? 'is' : 'are'}`;
}

/** Of agents without a check of their own. */
export function uncheckedText(agents: string[]): string {
  const more = agents.length > named ? ` and ${agents.length - named} more` : '';
  const have = agents.length === 1 ? 'has' : 'have';
  return `${agents.slice(0, named).join(', ')}${more} ${have} no check of their own: whether a new file loads is not known before the deployment`;
}
