// What went wrong in an activity.
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

export function timedOut(error: unknown): string | undefined {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? error.cause.timeoutType
    : undefined;
}

/** The worker died in the middle of it. */
export function isInterrupted(error: unknown): boolean {
  return timedOut(error) === 'HEARTBEAT';
}

/** What disturbs was not begun: no worker took it in the time that it may lie in a queue, or its window is over. */
export class NotBegun extends Error {
  override name = 'NotBegun';
}

/** By a machine, too: what it has not begun it leaves, when its window is over. */
export function isNotBegun(error: unknown): boolean {
  return error instanceof NotBegun || failureType(error) === 'OutOfHours';
}

/** What an activity that was interrupted had reported last. */
export function lastHeartbeat(error: unknown): unknown {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? error.cause.lastHeartbeatDetails
    : undefined;
}

/** The type of an application failure under an activity failure, such as LedgerClosed or LedgerKept. */
export function failureType(error: unknown): string | undefined {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
    ? (error.cause.type ?? undefined)
    : undefined;
}

/** One line of what went wrong in an activity. */
export function failureText(error: unknown): string {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
