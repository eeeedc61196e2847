// The scrape jobs that hubs get for the Pushgateways.
import type { ScrapeJob } from '../../machine-api/files.ts';
import { withFiles } from '../../schema/access.ts';
import { adopts, servicesOf, type Plan } from '../../schema/plan.ts';
import { scrapedWith } from '../shared/scraped.ts';

/** The jobs with which this hub scrapes its Pushgateways. `honor_labels` keeps the job and instance that were pushed. */
export function scrapeJobs(plan: Plan, hubName: string): ScrapeJob[] {
  return servicesOf(plan, 'pushgateway')
    .filter((gateway) => gateway.scrapedBy.includes(hubName))
    .map((gateway) => ({
      job_name: gateway.name,
      honor_labels: true,
      ...scrapedWith({ ...gateway, ...withFiles(gateway, (path) => seenBy(plan, hubName, path)) }),
      static_configs: [{ targets: [`${gateway.machine}:${gateway.port.host}`] }],
    }));
}

/** A file that a job names, as the hub sees it: EdgeHub by its own path, where it is mounted; CentralHub where the plan says. */
function seenBy(plan: Plan, hubName: string, path: string): string {
  const filesIn = servicesOf(plan, 'central-hub').find(({ name }) => name === hubName)?.filesIn;
  return filesIn === undefined ? path : `${filesIn}/${path.slice(path.lastIndexOf('/') + 1)}`;
}

/** Of all hubs. */
export function jobNames(plan: Plan): string[] {
  const hubs = servicesOf(plan, 'pushgateway').flatMap(({ scrapedBy }) => scrapedBy);
  return [...new Set(hubs.flatMap((hub) => scrapeJobs(plan, hub).map((job) => job.job_name)))];
}

/** Those that may be in a hub's file before: a job has the name of its Pushgateway. */
export function adoptedJobs(plan: Plan): string[] {
  return servicesOf(plan, 'pushgateway').flatMap(({ name }) => (adopts(plan, name) ? [name] : []));
}
