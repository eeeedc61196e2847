// Whether Temporal goes away. It may come back older than it was, restored from a backup, and a worker that remembers more of a week than
// its history has would answer for it with what the history never led to: nobody could replay it any more.
import { setTimeout } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { say } from './log.ts';

const everyMs = 500;
const answerMs = 5_000;
const unavailable = 14;

/** Returns when nobody answers where Temporal was, or when `ended`. One that is slow is there. */
export async function untilLost(ended: AbortSignal): Promise<void> {
  // Without the retries that are usual: they would wait for it to come back.
  const connection = Connection.lazy({ ...loadClientConnectConfig().connectionOptions, interceptors: [] });
  try {
    while (!ended.aborted && !(await isLost(connection)))
      await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  } finally {
    await connection.close();
  }
}

async function isLost(connection: Connection): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + answerMs, () => connection.workflowService.getSystemInfo({}));
    return false;
  } catch (error) {
    const lost = isGrpcServiceError(error) && Number(error.code) === unavailable;
    if (lost) say('WARN', 'Temporal went away: what is remembered of its weeks is forgotten', { error: error.details });
    return lost;
  }
}
