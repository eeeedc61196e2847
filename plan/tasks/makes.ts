// What the week makes on a machine, and has no leave of the plan to take over.
import type { Makes } from '../machine-api/host.ts';
import { isMade, type Plan } from '../schema/plan.ts';
import type { DesiredOf } from './desired.ts';
import { desiredStateOf } from './desired-state.ts';
import { portsOf } from './services.ts';
import { publishedAt } from './publishing.ts';

export function makesOn(plan: Plan, machine: string, run: string): Makes {
  const here = desiredStateOf(plan, () => '').filter((desired) => desired.machine === machine);
  const free = (what: 'container' | 'directory') =>
    here.flatMap((desired) => (desired.what === what && !desired.adopt ? [desired.target] : []));
  const files = new Map(plan.services.flatMap((service) => (isMade(service) ? [] : [[service.name, service.config]])));
  const addresses = publishedAt(plan, machine);
  return {
    run,
    containers: free('container'),
    directories: free('directory'),
    jobs: here
      .filter((desired): desired is DesiredOf<'scrape jobs'> => desired.what === 'scrape jobs')
      .flatMap(({ target, jobs, adopt = [] }) => {
        const path = files.get(target);
        return path ? [{ path, names: jobs.filter((job) => !adopt.includes(job)) }] : [];
      }),
    ports: plan.services
      .filter(isMade)
      .filter((service) => service.machine === machine)
      .flatMap((service) => portsOf(service).map(({ host }) => ({ port: host, container: service.name }))),
    ...(addresses && { addresses }),
    owners: here.flatMap((desired) =>
      desired.what === 'directory' ? [{ path: desired.target, owner: desired.owner }] : [],
    ),
    adopted: {
      containers: here.flatMap((desired) => (desired.what === 'container' && desired.adopt ? [desired.target] : [])),
      streams: here.flatMap((desired) =>
        desired.what === 'stream' && desired.adopt
          ? [{ server: desired.server, name: desired.target, consumers: consumersOf(plan, desired.target) }]
          : [],
      ),
    },
    streams: here
      .filter((desired): desired is DesiredOf<'stream'> => desired.what === 'stream' && !desired.adopt)
      .map(({ server, target }) => ({ server, name: target })),
  };
}

function consumersOf(plan: Plan, stream: string): string[] {
  return plan.messaging.streams.find(({ name }) => name === stream)?.consumers ?? [];
}
