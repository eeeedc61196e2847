// Rows that are looked at side by side share what they ask alike: one answer tells all of them.
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { On } from '../tasks/contract.ts';

type Verb = keyof MachineActivities;
type Ask = (ask?: unknown) => Promise<unknown>;

export function sharedLooks(): (on: On) => On {
  const asked = new Map<string, Promise<unknown>>();
  return (on) => (machine) => {
    const all = on(machine);
    return new Proxy({} as MachineActivities, {
      get: (_, verb: Verb) => (ask?: unknown) => {
        const key = JSON.stringify([machine, verb, ask]);
        const answer = asked.get(key) ?? (all[verb] as Ask)(ask);
        asked.set(key, answer);
        return answer;
      },
    });
  };
}
