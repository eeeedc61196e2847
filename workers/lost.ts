// Whether Temporal goes away. It may come back older than it was, restored from a backup, and a worker that remembers more of a week than
// its history has would answer for it with what the history never led to: nobody could replay it any more.
import { setTimeout } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { say } from './log.ts';

const everyMs = 500;
const answerMs = 5_000;
const unavailable = 14;

/** Returns when nobody answers any more where Temporal was, or when `ended`. One that is slow is there. */
export async function untilLost(ended: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    ...loadClientConnectConfig().connectionOptions,
    // Without the retries that are usual: they would wait for it to come back.
    interceptors: [],
    // Straight there, as the workers' own: a proxy that the environment has is for notices.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
  // One that this connection never reached did not go away: the workers have their own.
  let there = false;
  try {
    while (!ended.aborted) {
      const error = await errorOf(connection);
      if (!error) there = true;
      else if (there && isGrpcServiceError(error) && Number(error.code) === unavailable) {
        say('WARN', 'Temporal went away: what is remembered of its weeks is forgotten', { error: error.details });
        return;
      }
      await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
    }
  } finally {
    await connection.close();
  }
}

function errorOf(connection: Connection): Promise<unknown> {
  return connection
    .withDeadline(Date.now() + answerMs, () => connection.workflowService.getSystemInfo({}))
    .then(() => undefined)
    .catch((error: unknown) => error);
}
