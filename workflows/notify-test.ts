// A test of every channel of a plan, from where the week would use them.
import type { Sent } from '../plan/week/notice.ts';
import type { Plan } from '../plan/schema/plan.ts';
import { Notifying } from './notices/notifying.ts';

export interface NotifyTest {
  plan: Plan;
  by: string;
}

/** A notice over each channel, and its end; what became of each. */
export async function notifyTest({ plan, by }: NotifyTest): Promise<Sent[]> {
  const state = { run: `test-${Date.now()}`, outbox: [], told: [] as Sent[], announced: [] };
  const notifying = new Notifying({ plan, state });
  // What opens something, and that it is over: a page is tried as it is called, and nobody is left with one.
  notifying.tell('test', 'test/begin', `A test of hubshift for ${plan.title}`, `Sent by ${by}. Nothing is wrong.`);
  notifying.tell('test', 'test/end', `The test of hubshift for ${plan.title} is over`, `Sent by ${by}.`, {
    resolved: true,
  });
  await notifying.settled(100_000);
  return state.told;
}
