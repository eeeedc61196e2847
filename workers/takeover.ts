// What a build must show before it goes on with a running week: that it does what the week has done.
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { buildQueue } from '../plan/names.ts';
import { buildDigest, workflowBundle } from './build.ts';

/** The queue of this build alone. */
export async function ownQueue(): Promise<string> {
  return buildQueue(await buildDigest());
}

/** Why the history does not replay with this build; undefined when it does. */
export async function whyNotReplayed(history: unknown, workflowId: string): Promise<string | undefined> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  try {
    await Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundle } }, history, workflowId);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
