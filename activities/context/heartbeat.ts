// How far a long activity is, kept in its heartbeats: after the worker's death the next attempt goes on from there.
import { Context } from '@temporalio/activity';

const reported = new WeakMap<Context, unknown>();

/**
 * Keeps where a long activity is, so that a later attempt can go on from there (`Context.current().info.heartbeatDetails`).
 * Always this and never the SDK's own heartbeat(): the worker's automatic heartbeats repeat what was given here.
 */
export function reportProgress(details: unknown): void {
  try {
    reported.set(Context.current(), details);
    Context.current().heartbeat(details);
  } catch {
    // Outside of an activity nobody needs to know.
  }
}

/** What a heartbeat must carry: the newest progress, else that of the attempt before. */
export function latestHeartbeat(context: Context): unknown {
  return reported.has(context) ? reported.get(context) : context.info.heartbeatDetails;
}

/** What the attempt before gave to reportProgress(); undefined in the first attempt, and outside of an activity. */
export function previousHeartbeat<T>(): T | undefined {
  try {
    return Context.current().info.heartbeatDetails as T | undefined;
  } catch {
    return undefined;
  }
}

/** Which attempt of its activity this is; outside of one it is the first. */
export function attempt(): number {
  try {
    return Context.current().info.attempt;
  } catch {
    return 1;
  }
}
