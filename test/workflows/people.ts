// What people do in workflow tests: look, decide, order.
import type { Snapshot } from '../../plan/state.ts';
import * as messages from '../../workflows/messages.ts';
import type { Handle, Lab } from './harness.ts';

const speaker = { by: 'ada', from: 'test' };

/** Lets time run until the progress is as wanted. Bounded by the test's own time-out. */
export async function until(lab: Lab, handle: Handle, wanted: (seen: Snapshot) => boolean): Promise<Snapshot> {
  for (;;) {
    const seen = await handle.query(messages.progress);
    if (wanted(seen)) return seen;
    await lab.env.sleep(seen.windows.length > 0 ? '5m' : '1s');
  }
}

export function decide(handle: Handle, decision: Partial<messages.Decision>): Promise<string> {
  return handle.executeUpdate(messages.approve, { args: [{ decision: 'go', confidencePercent: 95, reason: 'all is well', ...speaker, ...decision }] });
}

export const order = {
  pause: (handle: Handle, reason = 'lunch') => handle.executeUpdate(messages.pause, { args: [{ ...speaker, reason }] }),
  resume: (handle: Handle) => handle.executeUpdate(messages.resume, { args: [speaker] }),
  retry: (handle: Handle, step: string) => handle.executeUpdate(messages.retry, { args: [{ ...speaker, step }] }),
  skip: (handle: Handle, step: string, reason = 'we know') => handle.executeUpdate(messages.skip, { args: [{ ...speaker, step, reason }] }),
  rollback: (handle: Handle, reason = 'back') => handle.executeUpdate(messages.rollback, { args: [{ ...speaker, scope: 'all', reason }] }),
};
