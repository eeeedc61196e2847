// The worker that runs the week itself.
import { existsSync } from 'node:fs';
import { buildActivities } from '../activities/control/build.ts';
import { notifyActivities } from '../activities/control/notify.ts';
import { keepState, reportActivities } from '../activities/control/reports.ts';
import { buildQueue, controlQueueOf, isOfSite } from '../plan/names.ts';
import { buildDigest, workflowBundle } from './build.ts';
import { untilLost } from './lost.ts';
import { serveOrphans } from './orphans.ts';
import { showWeeks } from './week-metrics.ts';
import { keepStates } from './week-states.ts';
import type { AlsoServe } from './run-workers.ts';
import { serve } from './serve.ts';

/**
 * Runs until SIGTERM or SIGINT, on the queue of all builds, on that of this one, and on those of weeks that nobody serves; `beside` another
 * control worker on that of this build only, where weeks are that were moved to it. Throws when the product was not built.
 */
export async function runControlWorker(site: string | undefined, beside = false): Promise<void> {
  if (!existsSync(workflowBundle))
    throw new Error(
      `There is no workflow bundle ${workflowBundle}: run "npm run build" and start the worker from dist/`,
    );
  const build = await buildDigest();
  const home = buildQueue(build, site);
  const queues = beside ? [home] : [controlQueueOf(site), home];
  await serve(
    'control',
    build,
    queues,
    {
      workflowBundle: { codePath: workflowBundle },
      activities: {
        ...buildActivities(build),
        ...notifyActivities(process.env),
        ...reportActivities(process.env, build),
      },
    },
    async ({ client, ended, renew, metrics, alsoServe }) => {
      const served = new Set(queues);
      const serveToo: AlsoServe = async (queue, until) => {
        await alsoServe(queue, until);
        served.add(queue);
        until.addEventListener('abort', () => served.delete(queue), { once: true });
      };
      await Promise.all([
        untilLost(ended).then(renew),
        keepStates(
          client,
          (queue) => served.has(queue),
          (state) => keepState(process.env, state),
          ended,
        ),
        metrics && showWeeks(client, metrics.registry, (queue) => isOfSite(queue, site), ended),
        !beside && serveOrphans(client, home, serveToo, ended),
      ]);
    },
  );
}
