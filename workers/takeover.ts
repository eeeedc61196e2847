// What a build must show before it goes on with a running week: that it does what the week has done.
import { setTimeout } from 'node:timers/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from './build.ts';

/** For hubshift upgrade, which knows nothing else of the workers. */
export { buildDigest } from './build.ts';

export interface History {
  events?: readonly unknown[] | null;
}

/** A week's history has some 2,000 events, which are replayed in a second or two. */
const replayedMs = 120_000;

/** Why the history does not replay with this build; undefined when it does. What its last task will do if nobody has done it yet, no replay tells. */
export async function whyNotReplayed(
  history: History,
  workflowId: string,
  codePath = workflowBundle,
): Promise<string | undefined> {
  // No task was asked for yet: the SDK would wait for one for ever.
  if ((history.events?.length ?? 0) < 2) return undefined;
  const over = new AbortController();
  try {
    return await Promise.race([
      Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId).then(() => undefined),
      setTimeout(replayedMs, `it takes longer than ${replayedMs / 1000} s`, { signal: over.signal }),
    ]);
  } catch (error) {
    return (error as Error).message;
  } finally {
    over.abort();
  }
}

/** The same, in a process that is no worker: the SDK says nothing itself, and leaves nothing that keeps the process from ending. */
export async function whyNotReplayedHere(...what: Parameters<typeof whyNotReplayed>): Promise<string | undefined> {
  const runtime = Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  try {
    return await whyNotReplayed(...what);
  } finally {
    await runtime.shutdown();
  }
}
