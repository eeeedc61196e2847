// What asking its targets takes of a machine: files and variables for its worker, and files for the containers that ask or answer there.
import type { AccessAsk } from '../../machine-api/access.ts';
import { runnerIn } from '../../machine-api/runs.ts';
import type { HttpTarget } from '../../machine-api/target.ts';
import { credentialsOf } from '../../schema/access.ts';
import { programOf } from '../../schema/agent.ts';
import { agentTarget } from '../../schema/endpoints.ts';
import { isMade, type Made, pilotsOf, type Plan } from '../../schema/plan.ts';
import { measuresOf } from '../measures.ts';
import { toldOf, toldOfNats } from '../pilots/config.ts';
import { filesTold } from '../pilots/hub-access.ts';
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
    // Whether they are seen is asked from everywhere.
    ...pilotsOf(plan).map((pilot): [string, HttpTarget] => [pilot.name, agentTarget(pilot)]),
  ];
  const told = pilotsOf(plan)
    .filter((pilot) => pilot.machine === machine)
    .map((pilot) => ({
      program: runnerIn(programOf(pilot)),
      files: filesTold({ ...toldOf(plan, pilot), ...toldOfNats(plan) }),
    }))
    .filter(({ files }) => files.length > 0);
  const made = plan.services.filter(isMade).filter((service) => service.machine === machine);
  const ask = {
    logins: loginsAt(plan, asked),
    mounted: made.flatMap((service) =>
      readOnlyBinds(plan, service)
        .filter(({ host }) => host !== webDirectory(service))
        .map(({ host: path }) => ({ path, container: service.name, user: userOf(service) })),
    ),
    seen: [
      ...plan.services.flatMap((service) => {
        const files = new Set(service.machine === machine && !isMade(service) ? jobFiles(plan, service.name) : []);
        return files.size > 0 ? [{ container: service.name, files: [...files] }] : [];
      }),
      ...told.flatMap(({ program, files }) => (program.runs === 'docker' ? [{ container: program.name, files }] : [])),
    ],
    read: told.flatMap(({ program, files }) =>
      program.runs === 'supervisor' ? [{ program: program.name, files }] : [],
    ),
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
          name: tlsConfig?.serverName ?? service.machine,
          ...(tlsConfig && { tlsConfig }),
        },
      ];
    }),
  };
  const nats = natsAccessOn(plan, machine);
  if (nats) return { ...ask, nats };
  return Object.values(ask).some((list) => list.length > 0) ? ask : undefined;
}

/** Those that are asked alike together, each target once. */
function loginsAt(plan: Plan, asked: [name: string, HttpTarget][]): AccessAsk['logins'] {
  const later = new Set(plan.services.filter(isMade).map(({ name }) => name));
  const logins = new Map<string, AccessAsk['logins'][number]>();
  for (const [name, target] of asked) {
    if (typeof target === 'string') continue;
    const { url } = target;
    const credentials = credentialsOf(target);
    const key = JSON.stringify(credentials);
    const login = logins.get(key) ?? { credentials, targets: [] };
    if (!login.targets.some((known) => known.url === url)) login.targets.push({ url, isThere: !later.has(name) });
    logins.set(key, login);
  }
  return [...logins.values()];
}

function jobFiles(plan: Plan, hub: string): string[] {
  return scrapeJobs(plan, hub).flatMap(filesOfJob);
}

/** Who runs in the container owns its directories. */
function userOf({ directories }: Made): string {
  return directories[0]!.owner;
}
