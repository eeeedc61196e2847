// What asking its targets takes of a machine: files and variables for its worker, and files for the containers that ask or answer there.
import type { AccessAsk } from '../../machine-api/access.ts';
import type { HttpTarget } from '../../machine-api/target.ts';
import { credentialsOf } from '../../schema/access.ts';
import { isMade, type Made, type Plan } from '../../schema/plan.ts';
import { measuresOf } from '../measures.ts';
import { scrapeJobs } from '../pushgateways/scrape-jobs.ts';
import { readOnlyBinds } from '../read-only-binds.ts';
import { healthTarget } from '../services.ts';
import { accessOf } from '../shared/access.ts';
import { filesOfJob } from '../shared/scraped.ts';
import { webDirectory } from '../shared/web.ts';
import { natsAccessOn } from './nats-access.ts';

/** Undefined in a plan that secures nothing. */
export function accessOn(plan: Plan, machine: string): AccessAsk | undefined {
  const { urls, outside = {} } = measuresOf(plan, machine, '');
  const asked: [name: string, HttpTarget][] = [
    ...plan.services.map((service): [string, HttpTarget] => [service.name, healthTarget(service)]),
    ...Object.entries(urls).map(([name, { url }]): [string, HttpTarget] => [name, url]),
    ...Object.entries(outside),
  ];
  const later = new Set(plan.services.filter(isMade).map(({ name }) => name));
  const logins = new Map<string, AccessAsk['logins'][number]>();
  for (const [name, target] of asked) {
    if (typeof target === 'string') continue;
    const credentials = credentialsOf(target);
    const key = JSON.stringify(credentials);
    const isThere = !later.has(name);
    // Of those that are asked alike the first that can be asked already.
    if (!logins.has(key) || (isThere && !logins.get(key)!.isThere))
      logins.set(key, { url: target.url, isThere, credentials });
  }
  const made = plan.services.filter(isMade).filter((service) => service.machine === machine);
  const ask = {
    logins: [...logins.values()],
    mounted: made.flatMap((service) =>
      readOnlyBinds(plan, service)
        .filter(({ host }) => host !== webDirectory(service))
        .map(({ host: path }) => ({ path, container: service.name, user: userOf(service) })),
    ),
    seen: plan.services.flatMap((service) => {
      const files = new Set(service.machine === machine && !isMade(service) ? jobFiles(plan, service.name) : []);
      return files.size > 0 ? [{ container: service.name, files: [...files] }] : [];
    }),
    web: made.flatMap((service) => {
      if (!('webConfigFile' in service) || !service.webConfigFile) return [];
      const { scheme = 'http', basicAuth, tlsConfig } = accessOf(service);
      return [
        {
          path: service.webConfigFile,
          container: service.name,
          user: userOf(service),
          scheme,
          username: basicAuth?.username ?? null,
          certificate: tlsConfig?.certFile !== undefined,
        },
      ];
    }),
  };
  const nats = natsAccessOn(plan, machine);
  if (nats) return { ...ask, nats };
  return Object.values(ask).some((list) => list.length > 0) ? ask : undefined;
}

function jobFiles(plan: Plan, hub: string): string[] {
  return scrapeJobs(plan, hub).flatMap(filesOfJob);
}

/** Who runs in the container owns its directories. */
function userOf({ directories }: Made): string {
  return directories[0]!.owner;
}
