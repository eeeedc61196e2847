// The worker that runs the week itself.
import { existsSync } from 'node:fs';
import { notifyActivities } from '../activities/control/notify.ts';
import { reportActivities } from '../activities/control/reports.ts';
import { controlQueue } from '../plan/names.ts';
import { workflowBundle } from './build.ts';
import { showWeeks } from './week-metrics.ts';
import { serve } from './serve.ts';

/** Runs until SIGTERM or SIGINT. Throws when the product was not built. */
export async function runControlWorker(): Promise<void> {
  if (!existsSync(workflowBundle))
    throw new Error(
      `There is no workflow bundle ${workflowBundle}: run "npm run build" and start the worker from dist/`,
    );
  await serve(
    'control',
    {
      taskQueue: controlQueue,
      workflowBundle: { codePath: workflowBundle },
      activities: { ...notifyActivities(process.env), ...reportActivities(process.env) },
    },
    async (client, ended, metrics) => {
      if (metrics) await showWeeks(client, metrics.registry, ended);
    },
  );
}
