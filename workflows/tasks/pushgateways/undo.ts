// After a rollback of task 2B: how each of its undo rows is looked at.
import type { Target } from '../../../plan/machine-api/prometheus.ts';
import { servicesOf } from '../../../plan/schema/plan.ts';
import type { EdgeHub } from '../../../plan/tasks/edgehub/schema.ts';
import type { CentralHub } from '../../../plan/tasks/preflight/schema.ts';
import { adoptedJobs, scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { jobsGone, scrapesAgents } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { configPath } from '../../../plan/tasks/shared/config-directory.ts';
import { hubUrl } from '../../../plan/tasks/shared/hubs.ts';
import { filesAreBack } from '../../../plan/tasks/shared/undone.ts';
import type { AfterUndo, On, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { backWithinMs, containersAreGone, nowAndBefore, running } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone } = after;
  const machine = everywhere(week.plan);
  const hubs = [...servicesOf(plan, 'central-hub'), ...servicesOf(plan, 'edge-hub')];
  const gateways = servicesOf(plan, 'pushgateway');
  // A hub that is there has no job either for a gateway on a machine that is not; an adopted one is back, as the hubs' files show.
  const adopted = adoptedJobs(week.plan);
  const jobs = servicesOf(week.plan, 'pushgateway')
    .flatMap((gateway) => gateway.scrapedBy.flatMap((hub) => scrapeJobs(week.plan, hub).map((job) => job.job_name)))
    .filter((job) => !adopted.includes(job));
  const [agents, gone] = [plan.agents, week.plan.agents.filter((agent) => !plan.agents.includes(agent))].map((all) =>
    all.map(({ machine: on, port }) => `${on}:${port}`),
  ) as [string[], string[]];
  return {
    '2B.undo.containers': { machine, look: containersAreGone(after, gateways) },
    '2B.undo.configs': { machine, look: async (on) => filesAreBack(undone)(await configs(after, on, hubs)) },
    '2B.undo.reload': {
      machine,
      look: async (on) =>
        jobsGone(jobs)(
          await Promise.all(
            (await running(on, hubs)).map(async (hub) => ({
              hub: hub.name,
              status: await on(hub.machine).hubStatus({ hub: hubUrl(hub) }),
            })),
          ),
        ),
    },
    '2B.undo.direct-scrape': {
      machine,
      look: async (on) =>
        scrapesAgents(agents)(
          (
            await Promise.all(
              (await running(on, hubs)).map(async (hub) => ({
                hub: hub.name,
                ...(await on(hub.machine).targets({ hub: hubUrl(hub), jobs: [], withinMs: backWithinMs })),
              })),
            )
          ).filter(({ targets }) => !isMute(targets, agents, gone)),
        ),
    },
  };
}

/** It scrapes agents, and all of them are on machines that are gone. */
function isMute(targets: Target[], there: string[], gone: string[]): boolean {
  const scrapes = (instances: string[]) => targets.some(({ instance }) => instances.includes(instance));
  return scrapes(gone) && !scrapes(there);
}

/** CentralHub's file as before the scrape jobs; EdgeHub's, where it still runs, too. */
async function configs(after: AfterUndo, on: On, hubs: (CentralHub | EdgeHub)[]) {
  const files = hubs.map((hub) => ({
    machine: hub.machine,
    path: hub.kind === 'edge-hub' ? configPath(hub) : hub.config,
    isOurs: hub.kind === 'edge-hub',
  }));
  const found = await Promise.all(
    files.map(async ({ machine, path, isOurs }) => ({
      isOurs,
      ...(await nowAndBefore(after, on, { task: '2B', machine, path })),
    })),
  );
  return found.filter(({ isOurs, now }) => !isOurs || now !== null);
}
