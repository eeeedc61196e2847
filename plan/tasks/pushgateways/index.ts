// Task 2B: a Pushgateway on each machine, scraped by the hubs.
import { type Plan, serviceOf } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { filesOfAccess } from '../../schema/access.ts';
import type { Task } from '../contract.ts';
import { refuseVariables } from '../shared/access.ts';
import { gatewayTarget } from '../shared/gateways.ts';
import { hubTarget } from '../shared/hubs.ts';
import { refuseWeb } from '../shared/web.ts';
import type { Desired } from '../desired.ts';
import { refuseElsewhere, refuseOtherwise, refuseRepeated, refuseUnkept } from '../shared/answers-at.ts';
import { lastPart, saidIn } from '../shared/fallbacks.ts';
import { directoryOf, inContainer } from '../shared/mounts.ts';
import { fallbacks, ownPort, storageFlag, usualServices, workingDirectory } from './fallbacks.ts';
import { knownBad } from './known-bad.ts';
import { purpose } from './purpose.ts';
import { rows, undoRows } from './rows.ts';
import { adoptedJobs, scrapeJobs } from './scrape-jobs.ts';

export const pushgateways = {
  called: 'Task 2B',
  purpose,
  standsOn: ['2A'],
  services: {
    pushgateway: {
      ports: ({ port }) => [port],
      healthTarget: (gateway) => gatewayTarget(gateway, '/-/ready'),
    },
  },
  usualServices,
  fallbacks,
  references,
  contradictions,
  accesses,
  rows,
  undoRows,
  desired: (plan) =>
    [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')].map((hub): Desired => ({
      what: 'scrape jobs',
      machine: hub.machine,
      target: hub.name,
      hub: hubTarget(hub),
      jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
      adopt: adoptedJobs(plan),
    })),
  knownBad,
  report: { heading: 'Pushgateways', place: 4 },
} satisfies Task;

function references({ services }: Plan, refuse: Refuse): void {
  const hubs = services.filter(({ kind }) => kind === 'central-hub' || kind === 'edge-hub').map(({ name }) => name);
  services.forEach((service, index) => {
    if (service.kind !== 'pushgateway') return;
    service.scrapedBy.forEach((hub, at) => {
      if (!hubs.includes(hub))
        refuse(['services', index, 'scrapedBy', at], `one of the plan's hubs: ${hubs.join(', ')}`);
    });
  });
}

function contradictions({ services }: Plan, refuse: Refuse): void {
  services.forEach((service, index) => {
    if (service.kind !== 'pushgateway') return;
    refuseRepeated(service, index, refuse);
    refuseElsewhere(service, index, ownPort, refuse);
    const file = saidIn(service, storageFlag);
    const kept = file === undefined ? undefined : directoryOf(service, inContainer(file, workingDirectory));
    refuseUnkept(kept, storageFlag, index, refuse);
  });
  refuseSameTests(services, refuse);
}

function accesses(plan: Plan, refuse: Refuse): void {
  const { version, services } = plan;
  services.forEach((service, index) => {
    if (service.kind !== 'pushgateway') return;
    refuseOtherwise(service, index, version, refuse);
    refuseWeb(service, index, plan, refuse);
    refuseVariables(service, ['services', index], service.scrapedBy[0] ?? 'a hub', refuse);
  });
  refuseAlike(services, refuse);
}

/** Files that CentralHub sees in one directory go by their names there. */
function refuseAlike(services: Plan['services'], refuse: Refuse): void {
  const central = services.find(({ kind }) => kind === 'central-hub');
  if (central?.kind !== 'central-hub' || central.filesIn === undefined) return;
  const asked = services.flatMap((service) =>
    service.kind === 'pushgateway' && service.scrapedBy.includes(central.name) ? filesOfAccess(service) : [],
  );
  const named = new Map<string | undefined, string>();
  for (const file of asked) {
    const other = named.get(lastPart(file));
    if (other !== undefined && other !== file)
      refuse(
        ['services', services.indexOf(central), 'filesIn'],
        `files of different names, since ${central.name} sees all in one directory: ${other} and ${file} end alike`,
      );
    named.set(lastPart(file), file);
  }
}

/** Two that a hub scrapes: it has one of two equal series, and which is chance. */
function refuseSameTests(services: Plan['services'], refuse: Refuse): void {
  const seen = new Map<string, string>();
  services.forEach((service, index) => {
    if (service.kind !== 'pushgateway') return;
    const { metric, job, instance } = service.test;
    for (const hub of service.scrapedBy) {
      const key = JSON.stringify([hub, metric, job, instance]);
      const other = seen.get(key);
      if (other !== undefined)
        refuse(
          ['services', index, 'test'],
          `a metric, job or instance that differs from that of ${other}: ${hub} scrapes both`,
        );
      seen.set(key, service.name);
    }
  });
}
