// The worker that runs the week itself.
import { existsSync } from 'node:fs';
import { notifyActivities } from '../activities/control/notify.ts';
import { keepState, reportActivities } from '../activities/control/reports.ts';
import { buildQueue, controlQueue } from '../plan/names.ts';
import { buildDigest, workflowBundle } from './build.ts';
import { untilLost } from './lost.ts';
import { showWeeks } from './week-metrics.ts';
import { keepStates } from './week-states.ts';
import { serve } from './serve.ts';

/**
 * Runs until SIGTERM or SIGINT, on the queue of all builds and on that of this one; `beside` another control worker on the latter only,
 * where weeks are that were moved to this build. Throws when the product was not built.
 */
export async function runControlWorker(beside = false): Promise<void> {
  if (!existsSync(workflowBundle))
    throw new Error(
      `There is no workflow bundle ${workflowBundle}: run "npm run build" and start the worker from dist/`,
    );
  const own = buildQueue(await buildDigest());
  const queues = beside ? [own] : [controlQueue, own];
  await serve(
    'control',
    queues,
    {
      workflowBundle: { codePath: workflowBundle },
      activities: { ...notifyActivities(process.env), ...reportActivities(process.env) },
    },
    async (client, ended, metrics, renew) => {
      await Promise.all([
        untilLost(ended).then(renew),
        keepStates(client, queues, (state) => keepState(process.env, state), ended),
        metrics && showWeeks(client, metrics.registry, ended),
      ]);
    },
  );
}
