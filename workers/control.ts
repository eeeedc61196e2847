// The worker that runs the week itself.
import { existsSync } from 'node:fs';
import { notifyActivities } from '../activities/control/notify.ts';
import { reportActivities } from '../activities/control/reports.ts';
import { buildQueue, controlQueue } from '../plan/names.ts';
import { buildDigest, workflowBundle } from './build.ts';
import { showWeeks } from './week-metrics.ts';
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
  await serve(
    'control',
    beside ? [own] : [controlQueue, own],
    {
      workflowBundle: { codePath: workflowBundle },
      activities: { ...notifyActivities(process.env), ...reportActivities(process.env) },
    },
    async (client, ended, metrics) => {
      if (metrics) await showWeeks(client, metrics.registry, ended);
    },
  );
}
