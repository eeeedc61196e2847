// The checkpoint of task 2B: that the Pushgateways hold.
import { serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { jobsAreUp, pushed } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { gatewayTarget } from '../../../plan/tasks/shared/gateways.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { scrapedWithin } from '../shared/asks.ts';
import { pushTest } from './checks.ts';

export async function pushgatewaysHold(week: Week, on: On) {
  const { plan } = week;
  const gateways = servicesOf(plan, 'pushgateway');
  const hubs = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  const pushes = await Promise.all(
    gateways.map(async (gateway) => {
      const evaluated = pushed(gateway.test.value)(await pushTest(on(gateway.machine), gateway));
      await on(gateway.machine).deletePushed({ gateway: gatewayTarget(gateway), ...gateway.test });
      return [`push to ${gateway.name}`, evaluated] as const;
    }),
  );
  const jobs = await Promise.all(
    hubs.map(async (hub) => ({
      hub: hub.name,
      jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
      ...(await on(hub.machine).targets({
        hub: hubTarget(hub),
        jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
        withinMs: scrapedWithin(week, hub, 30_000),
      })),
    })),
  );
  return every(
    { ...Object.fromEntries(pushes), 'scrape jobs': jobsAreUp(jobs) },
    `${gateways.length} Pushgateways take pushes and are scraped`,
  );
}
