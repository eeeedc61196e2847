// What every activity gets: heartbeats while it runs, through which cancellation reaches it, and a line in the log when it is done.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { goOnFrom, latestHeartbeat } from '../activities/context/heartbeat.ts';
import { say } from './log.ts';

/** Both the beat and the SDK's throttle: half a second until an activity learns that it is cancelled. */
export const heartbeatMs = 500;

/** Each beat carries the newest progress, so that it never wipes out what the activity reported. */
export function heartbeatInterceptor(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        // The ask is the first.
        goOnFrom(context, input.args[1]);
        const started = performance.now();
        const beat = setInterval(() => context.heartbeat(latestHeartbeat(context)), heartbeatMs);
        try {
          const result = await next(input);
          const { activityType, attempt } = context.info;
          say('INFO', 'activity done', { activityType, attempt, ms: Math.round(performance.now() - started) });
          return result;
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
