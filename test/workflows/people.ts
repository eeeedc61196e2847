// What people do in workflow tests: look, decide, order.
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { expect } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import type { Snapshot } from '../../plan/week/snapshot.ts';
import type { Scope } from '../../plan/week/undo.ts';
import type { Handle, Lab } from './harness.ts';

export const speaker = { by: 'ada', from: 'test' };

/**
 * Lets time run until the week is as wanted. Bounded by the test's own time-out. The server skips time only while no
 * activity is in flight, so a slow machine never makes an activity late; and an activity that hangs does not keep us from looking.
 */
export async function until(lab: Lab, handle: Handle, wanted: (seen: Snapshot) => boolean): Promise<Snapshot> {
  for (;;) {
    await lab.askable();
    const seen = await progressOf(handle);
    if (wanted(seen)) return seen;
    await Promise.race([lab.drift(stepOf(seen)), delay(250)]);
  }
}

/** A question that comes as a workflow task ends is lost now and then on the test server. */
async function progressOf(handle: Handle, times = 3): Promise<Snapshot> {
  try {
    return await handle.client.connection.withDeadline(Date.now() + 5_000, () => handle.query(messages.progress));
  } catch (error) {
    if (times === 1) throw error;
    return progressOf(handle, times - 1);
  }
}

/** Long steps in long windows, but never far beyond their end; to the end of a wait for a time. */
function stepOf({ windows, waits, at }: Snapshot): number {
  const waited = waits.flatMap(({ command, until }) =>
    command?.startsWith('hubshift release') && until && until > at ? [until - at] : [],
  );
  if (waited.length > 0) return Math.min(...waited);
  const left = windows.map((window) => window.wantedMs - window.creditMs).filter((milliseconds) => milliseconds > 0);
  return left.length === 0 ? 1_000 : Math.max(10_000, Math.min(...left) / 8);
}

/** Looks again and again without letting any time be skipped: for what happens in real time. */
export async function soon(handle: Handle, wanted: (seen: Snapshot) => boolean, withinMs = 20_000): Promise<Snapshot> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await progressOf(handle);
    if (wanted(seen)) return seen;
    if (Date.now() > end)
      throw new Error(`not so within ${withinMs} ms: ${JSON.stringify({ ...seen, tasks: undefined })}`);
    await delay(25);
  }
}

/** What is asked of a worker that is away is missed after twice ten seconds, which the server does not skip by itself: a task lies in a queue. */
export async function missing(lab: Lab, handle: Handle): Promise<Snapshot> {
  await expect.poll(() => lab.queued(), { timeout: 20_000 }).toBeGreaterThan(0);
  await lab.skipOver(21_000);
  return soon(handle, ({ waits }) => waits.some(({ on }) => on.startsWith('the worker of')));
}

/** On the evidence that stands now. */
export async function decide(handle: Handle, decision: Partial<messages.Decision> = {}): Promise<string> {
  const { evidence } = await soon(
    handle,
    ({ status, evidence: frozen }) => status !== 'deciding' || frozen !== undefined,
  );
  return handle.executeUpdate(messages.approve, {
    args: [
      {
        decision: 'go',
        confidencePercent: 95,
        reason: 'all is well',
        evidence: evidence?.digest ?? '',
        ...speaker,
        ...decision,
      },
    ],
  });
}

/** A GO waits for it. */
export function explain(handle: Handle, incident = 'incident-1'): Promise<string> {
  const note = { ...speaker, incident, cause: 'a cable was loose', prevention: 'it is screwed on' };
  return handle.executeUpdate(messages.note, { args: [note] });
}

export const order = {
  pause: (handle: Handle, reason = 'lunch') => handle.executeUpdate(messages.pause, { args: [{ ...speaker, reason }] }),
  resume: (handle: Handle) => handle.executeUpdate(messages.resume, { args: [speaker] }),
  release: (handle: Handle, row: string, reason = 'we are here') =>
    handle.executeUpdate(messages.release, { args: [{ ...speaker, row, reason }] }),
  retry: (handle: Handle, step: string) => handle.executeUpdate(messages.retry, { args: [{ ...speaker, step }] }),
  skip: (handle: Handle, step: string, reason = 'we know') =>
    handle.executeUpdate(messages.skip, { args: [{ ...speaker, step, reason }] }),
  accept: (handle: Handle, row: string, reason = 'it is not ours') =>
    handle.executeUpdate(messages.accept, { args: [{ ...speaker, row, reason }] }),
  rollback: (handle: Handle, reason = 'back', scope: Scope = 'all', without?: string[]) =>
    handle.executeUpdate(messages.rollback, { args: [{ ...speaker, scope, reason, ...(without && { without }) }] }),
  levelThree: (handle: Handle, without?: string[]) =>
    handle.executeUpdate(messages.emergency, {
      args: [{ ...speaker, level: 3, reason: 'go back', ...(without && { without }) }],
    }),
};

/** Why an order or a decision was refused; throws when it was taken. */
export async function refusal(ordered: Promise<string>): Promise<string> {
  const answer = await ordered.catch((error: unknown) => {
    if (error instanceof WorkflowUpdateFailedError) return error;
    throw error;
  });
  if (typeof answer === 'string') throw new Error(`it was not refused: ${answer}`);
  return answer.cause?.message ?? answer.message;
}
