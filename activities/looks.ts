// Many looks by one ask.
import type { Asked, LookActivities, LookVerb } from '../plan/machine-api/looks.ts';
import { looking } from '../plan/machine-api/looks.ts';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { cancelled } from './context/cancellation.ts';

export function lookActivities(all: Pick<MachineActivities, LookVerb>): LookActivities {
  async function one({ verb, ask }: Asked): Promise<{ answer: unknown } | null> {
    // A newer week may know more verbs; and nothing but a look is done so.
    if (!looking.includes(verb)) return null;
    try {
      return { answer: await (all[verb] as (ask: unknown) => Promise<unknown>)(ask) };
    } catch {
      cancelled().throwIfAborted();
      // Asked by itself it is tried again, and says why.
      return null;
    }
  }
  return { looks: ({ asks }) => Promise.all(asks.map(one)) };
}
