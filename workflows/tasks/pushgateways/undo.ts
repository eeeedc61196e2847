// After a rollback of task 2B: how each of its undo rows is looked at.
import { serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import type { EdgeHub } from '../../../plan/tasks/edgehub/schema.ts';
import type { CentralHub } from '../../../plan/tasks/preflight/schema.ts';
import { adoptedJobs, scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { jobsGone, scrapesAgents } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { configPath } from '../../../plan/tasks/shared/config-directory.ts';
import { hubUrl } from '../../../plan/tasks/shared/hubs.ts';
import { filesAreBack } from '../../../plan/tasks/shared/undone.ts';
import type { Week } from '../../week.ts';
import type { AfterUndo, On, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { backWithinMs, containersAreGone, running } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, undone } = after;
  const { plan } = week;
  const machine = everywhere(plan);
  const [central, edge] = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  const gateways = servicesOf(plan, 'pushgateway');
  const adopted = adoptedJobs(plan);
  // One that was there before is back, as the hubs' files show.
  const jobs = gateways
    .flatMap((gateway) => gateway.scrapedBy.flatMap((hub) => scrapeJobs(plan, hub).map((job) => job.job_name)))
    .filter((job) => !adopted.includes(job));
  const agents = plan.agents.map((agent) => `${agent.machine}:${agent.port}`);
  return {
    '2B.undo.containers': { machine, look: containersAreGone(after, gateways) },
    '2B.undo.configs': { machine, look: async (on) => filesAreBack(undone)(await configs(week, on, central, edge)) },
    '2B.undo.reload': {
      machine,
      look: async (on) =>
        jobsGone(jobs)(
          await Promise.all(
            (await running(on, [central, edge])).map(async (hub) => ({
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
          await Promise.all(
            (await running(on, [central, edge])).map(async (hub) => ({
              hub: hub.name,
              ...(await on(hub.machine).targets({ hub: hubUrl(hub), jobs: [], withinMs: backWithinMs })),
            })),
          ),
        ),
    },
  };
}

/** CentralHub's file as before the week; EdgeHub's, where it still runs, as before the scrape job. */
async function configs(week: Week, on: On, central: CentralHub, edge: EdgeHub) {
  const edgeFile = configPath(edge);
  const files = [
    { machine: central.machine, path: central.config },
    { machine: edge.machine, path: edgeFile },
  ];
  const found = await Promise.all(
    files.map(async ({ machine, path }) => ({
      machine,
      path,
      original: week.fact(`original ${path}`),
      now: (await on(machine).digestFile({ path })).sha256,
    })),
  );
  return found.filter(({ path, now }) => path !== edgeFile || now !== null);
}
