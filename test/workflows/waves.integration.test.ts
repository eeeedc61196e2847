// The whole week for 300 agents on four machines: every history and every payload stays within what Temporal takes.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Glance } from '../../plan/week/snapshot.ts';
import { wavesPlan } from '../plans/waves.ts';
import { type Handle } from './harness.ts';
import { historiesOf, type HistoryEvent } from './histories.ts';
import { decide } from './people.ts';
import { useServer } from './server.ts';

/** Most events of one history, bytes of one payload, and activities under way: Temporal refuses 51,200, 2 MiB and 2,000. */
const limits = { events: 10_000, payload: 1_000_000, pending: 1_000 };

const lab = useServer(560_000);

/** Looks at the memo: the test server gives a week of this size out whole for every query. */
async function untilDeciding(handle: Handle): Promise<Glance> {
  for (;;) {
    // None in the moment between two histories.
    const glance = (await handle.describe()).memo?.['glance'] as Glance | undefined;
    if (glance && (glance.status === 'deciding' || glance.issues.length > 0)) return glance;
    await Promise.race([lab.drift(300_000), delay(1_000)]);
  }
}

/** Bytes of the largest payload anywhere in an event. */
function largestPayload(value: unknown): number {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return 0;
  const { data, metadata } = value as { data?: unknown; metadata?: unknown };
  if (metadata && data instanceof Uint8Array) return data.length;
  return Math.max(0, ...Object.values(value).map(largestPayload));
}

/** Most activities that were under way at once. */
function mostPending(events: HistoryEvent[]): number {
  let [pending, most] = [0, 0];
  for (const event of events) {
    if (event.activityTaskScheduledEventAttributes) pending += 1;
    if (
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskTimedOutEventAttributes
    )
      pending -= 1;
    most = Math.max(most, pending);
  }
  return most;
}

test(
  '300 agents in three waves on four machines pass, within the limits of histories and payloads',
  { timeout: 600_000 },
  async () => {
    const plan = wavesPlan();
    expect([plan.machines.length, plan.agents.filter(({ wave }) => wave !== undefined).length]).toEqual([4, 300]);
    await lab.run(plan, async ({ handle, machines }) => {
      const { runId } = await handle.describe();
      expect((await untilDeciding(handle)).issues).toEqual([]);
      await decide(handle);
      const state = await handle.result();
      expect(state.status).toBe('completed');
      expect(Object.values(state.records).filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      // The first one twice: its rollback is rehearsed.
      expect(machines.asked('deployAgent')).toHaveLength(301);

      const histories = (await historiesOf(lab, handle.workflowId, runId)).map(({ events }) => events ?? []);
      const found = {
        pages: histories.length,
        events: Math.max(...histories.map(({ length }) => length)),
        payload: Math.max(...histories.map(largestPayload)),
        pending: Math.max(...histories.map(mostPending)),
      };
      console.log(`300 agents: ${JSON.stringify(found)}`);
      expect(histories.length).toBe(state.pages + 1);
      expect(found.pages).toBeGreaterThan(1);
      expect(found.events).toBeLessThan(limits.events);
      expect(found.payload).toBeLessThan(limits.payload);
      expect(found.pending).toBeLessThan(limits.pending);
    });
  },
);
