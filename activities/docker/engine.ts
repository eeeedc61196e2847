// Calls to a machine's Docker daemon: each with a time-out, each error saying what was tried and where.
import { once } from 'node:events';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { isRefusal } from '../context/refusal.ts';
import { withRoom } from './full.ts';

/** For calls that only ask or start something. */
export const answerMs = 30_000;

interface Answered extends Error {
  /** HTTP status of the daemon's answer; none when it did not answer. */
  statusCode?: number;
  json?: { message?: string };
}

/**
 * Runs one call to Docker. `tried` completes "Docker on PC2 could not …".
 * Throws an error with the daemon's status in `statusCode`, or the cancellation of the activity.
 */
export async function engine<T>(
  host: Host,
  tried: string,
  call: (abortSignal: AbortSignal) => Promise<T>,
  timeoutMs = answerMs,
): Promise<T> {
  const limit = within(timeoutMs);
  try {
    // Not every call of the client heeds the signal.
    return await Promise.race([call(limit), aborted(limit)]);
  } catch (error) {
    cancelled().throwIfAborted();
    if (isRefusal(error)) throw error;
    const found = limit.aborted
      ? `no answer within ${timeoutMs / 1000} s`
      : await withRoom(host, reasonOf(host, error as Answered), (statusOf(error) ?? 0) >= 500);
    throw Object.assign(new Error(`Docker on ${host.machine} could not ${tried}: ${found}`, { cause: error }), {
      statusCode: statusOf(error),
    });
  }
}

/** The HTTP status that the daemon answered with. */
export function statusOf(error: unknown): number | undefined {
  return (error as Answered).statusCode;
}

/** Gives null instead of an error with one of these statuses. */
export async function nullOn<T>(statuses: number[], answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return null;
    throw error;
  }
}

export function socketOf(host: Host): string {
  return String((host.docker.modem as { socketPath?: string }).socketPath);
}

function reasonOf(host: Host, error: Answered & { code?: string }): string {
  if (error.json?.message) return error.json.message.trim();
  const mend = {
    ENOENT: 'start dockerd',
    ECONNREFUSED: 'start dockerd',
    EACCES: "give this worker's user the right to it (group docker)",
  }[error.code ?? ''];
  return mend ? `nothing answers at ${socketOf(host)} (${error.code}): ${mend}` : error.message;
}

async function aborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}
