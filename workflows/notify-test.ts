// A test of every channel of a plan, from where the week would use them.
import type { Sent } from '../plan/week/notice.ts';
import type { Plan } from '../plan/schema/plan.ts';
import { Notifying } from './notices/notifying.ts';

export interface NotifyTest {
  plan: Plan;
  by: string;
}

/** One notice over each channel; what became of each. */
export async function notifyTest({ plan, by }: NotifyTest): Promise<Sent[]> {
  const state = { run: `test-${Date.now()}`, outbox: [], told: [] as Sent[], announced: [] };
  const notifying = new Notifying({ plan, state });
  notifying.tell('test', 'test/once', `A test of hubshift for ${plan.title}`, `Sent by ${by}. Nothing is wrong.`, {
    resolved: true,
  });
  await notifying.settled(100_000);
  return state.told;
}
