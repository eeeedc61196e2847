// After a rollback of task 2B: how each of its undo rows is looked at.
import type { Target } from '../../../plan/machine-api/prometheus.ts';
import { placeOf, placesOf } from '../../../plan/schema/endpoints.ts';
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { adoptedJobs, jobNames } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { mustScrape } from '../../../plan/tasks/pushgateways/must-scrape.ts';
import { jobsGone, scrapesAgents } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { configPath } from '../../../plan/tasks/shared/config-directory.ts';
import { whoIsUnwell } from '../../../plan/tasks/shared/health.ts';
import { type Hub, hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { isScrapedAt } from '../../../plan/tasks/shared/targets.ts';
import { filesAreBack } from '../../../plan/tasks/shared/undone.ts';
import { pass } from '../../../plan/tasks/shared/verdict.ts';
import { isOfTask } from '../../../plan/week/undo.ts';
import type { AfterUndo, On, UndoCheck } from '../contract.ts';
import { everywhere, scrapedWithin } from '../shared/asks.ts';
import { backWithinMs, containersAreGone, nowAndBefore, running } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone, before, changed, unwell } = after;
  const machine = everywhere(week.plan);
  const hubs = [...servicesOf(plan, 'central-hub'), ...servicesOf(plan, 'edge-hub')];
  const gateways = servicesOf(plan, 'pushgateway');
  // A hub that is there has no job either for a gateway on a machine that is not.
  const jobs = jobNames(week.plan);
  // An adopted one is back, as the hubs' files show.
  const adopted = adoptedJobs(week.plan);
  const edited = (hub: Hub) =>
    changed({ kind: 'file.restore', target: fileOf(hub), machine: hub.machine }, stepOf(hub));
  const theirs = (hub: Hub) => [...adopted, ...(before?.jobs[hub.name] ?? (edited(hub) ? [] : jobs))];
  const [agents, gone] = [plan.agents, week.plan.agents.filter((agent) => !plan.agents.includes(agent))].map((all) =>
    all.map(placeOf),
  ) as [string[], string[]];
  return {
    '2B.undo.containers': { machine, look: containersAreGone(after, gateways) },
    '2B.undo.configs': {
      machine,
      look: async (on) => {
        const files = await configs(after, on, hubs.filter(edited));
        return files.length === 0
          ? pass("no hub's file that is there was changed by this run")
          : filesAreBack(undone)(files);
      },
    },
    '2B.undo.reload': {
      machine,
      look: async (on) =>
        jobsGone(jobs)(
          await Promise.all(
            (await running(on, hubs)).map(async (hub) => ({
              hub: hub.name,
              theirs: theirs(hub),
              status: await on(hub.machine).hubStatus({ hub: hubTarget(hub) }),
            })),
          ),
        ),
    },
    '2B.undo.direct-scrape': {
      machine,
      look: async (on) =>
        scrapesAgents(
          agents,
          wasUnwell(plan, unwell),
          mustScrape(plan, week.fact('targets'), before),
        )(
          (
            await Promise.all(
              (await running(on, hubs)).map(async (hub) => ({
                hub: hub.name,
                ...(await on(hub.machine).targets({
                  hub: hubTarget(hub),
                  jobs: [],
                  withinMs: scrapedWithin(week, hub, backWithinMs),
                  at: placesOf(week.plan, week.plan.agents),
                  butFor: unwell,
                })),
              })),
            )
          ).filter(({ targets }) => !isMute(targets, agents, gone)),
        ),
    },
  };
}

function fileOf(hub: Hub): string {
  return hub.kind === 'edge-hub' ? configPath(hub) : hub.config;
}

/** In which it gets its jobs. */
function stepOf({ kind }: Hub): string {
  return kind === 'edge-hub' ? '2B.scrape.edge' : '2B.scrape.central';
}

/** A target, or its agent. */
function wasUnwell({ agents }: Plan, unwell: string[]): (target: Target) => boolean {
  const down = agents.filter(({ name }) => unwell.includes(`agent ${name}`));
  const places = down.map(placeOf);
  return (target) =>
    places.some((place) => isScrapedAt(target, place)) ||
    whoIsUnwell({ targets: [target], agents: [] }).some((name) => unwell.includes(name));
}

/** It scrapes agents, and all of them are on machines that are gone. */
function isMute(targets: Target[], there: string[], gone: string[]): boolean {
  const scrapes = (places: string[]) => targets.some((target) => places.some((place) => isScrapedAt(target, place)));
  return scrapes(gone) && !scrapes(there);
}

/** As before the scrape jobs; EdgeHub's file, where that was written in this run and taken back too, as before that. It may be gone with EdgeHub. */
async function configs(after: AfterUndo, on: On, hubs: Hub[]) {
  const { week, undone } = after;
  const found = await Promise.all(
    hubs.map(async (hub) => {
      const path = fileOf(hub);
      const isWritten = undone.some(
        ({ machine, target, step }) => machine === hub.machine && target === path && isOfTask(step, '2A'),
      );
      const file = await nowAndBefore(after, on, { task: isWritten ? '2A' : '2B', machine: hub.machine, path });
      const isGone = hub.kind === 'edge-hub' && !adopts(week.plan, hub.name) && file.now === null;
      return isGone ? [] : [file];
    }),
  );
  return found.flat();
}
