// How far a long activity is, kept in its heartbeats: after the worker's death the next one that is asked goes on from there.
import { Context } from '@temporalio/activity';
import { redact } from '../../plan/secrets/redact.ts';

const reported = new WeakMap<Context, unknown>();

/**
 * Keeps where a long activity is, so that a later attempt can go on from there, or the same that is asked again (`goOnFrom`).
 * What it has of logs and errors leaves the machine with it, without its secrets. Always this and never the SDK's own heartbeat(): the
 * worker's automatic heartbeats repeat what was given here.
 */
export function reportProgress(details: unknown): void {
  try {
    const shown = redact(details);
    reported.set(Context.current(), shown);
    Context.current().heartbeat(shown);
  } catch {
    // Outside of an activity nobody needs to know.
  }
}

/** What the week hands on of one that was asked before, whose worker died. */
export function goOnFrom(context: Context, left: unknown): void {
  if (left !== undefined && context.info.heartbeatDetails === undefined) reported.set(context, left);
}

/** What a heartbeat must carry: the newest progress, else that of the attempt before, or of the one that was asked before. */
export function latestHeartbeat(context: Context): unknown {
  return reported.has(context) ? reported.get(context) : context.info.heartbeatDetails;
}

/** What was given to reportProgress() before this attempt; undefined when nothing was, and outside of an activity. */
export function previousHeartbeat<T>(): T | undefined {
  try {
    return latestHeartbeat(Context.current()) as T | undefined;
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
