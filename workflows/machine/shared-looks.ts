// Rows that are looked at side by side share what they ask alike, and what they ask of a machine at once goes there as one ask.
import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import { looking, type Asked, type LookVerb } from '../../plan/machine-api/looks.ts';
import type { On } from '../tasks/contract.ts';

type Verb = keyof MachineActivities;
type Ask = (ask?: unknown) => Promise<unknown>;

interface Batch {
  asks: Asked[];
  answers: ReturnType<MachineActivities['looks']>;
}

export function sharedLooks(): (on: On) => On {
  const shared = new Map<string, Promise<unknown>>();
  const gathering = new Map<string, Batch>();

  function gathered(machine: string, on: MachineActivities): Batch {
    const batch: Batch = { asks: [], answers: Promise.resolve([]) };
    gathering.set(machine, batch);
    // Once those who ask at this moment have done so.
    batch.answers = Promise.resolve().then(() => {
      gathering.delete(machine);
      return answersOf(on, batch.asks);
    });
    return batch;
  }

  return (on) => (machine) => {
    const own = on(machine);
    const alone = (verb: Verb, ask: unknown) => (own[verb] as Ask)(ask);
    async function look(verb: LookVerb, ask: unknown): Promise<unknown> {
      const batch = gathering.get(machine) ?? gathered(machine, own);
      const index = batch.asks.push({ verb, ask }) - 1;
      const found = (await batch.answers)[index];
      return found ? found.answer : alone(verb, ask);
    }
    return new Proxy({} as MachineActivities, {
      get: (_, verb: Verb) => (ask?: unknown) => {
        const key = JSON.stringify([machine, verb, ask]);
        const answer = shared.get(key) ?? (isLook(verb) ? look(verb, ask) : alone(verb, ask));
        shared.set(key, answer);
        return answer;
      },
    });
  };
}

/** None where there is but one, or where the worker does not know how: then each is asked by itself. */
async function answersOf(on: MachineActivities, asks: Asked[]): ReturnType<MachineActivities['looks']> {
  if (asks.length === 1) return [];
  const times = asks.map(({ ask }) => (ask as { withinMs?: number } | undefined)?.withinMs ?? 0);
  try {
    return await on.looks({ asks, withinMs: Math.max(...times) });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return [];
  }
}

function isLook(verb: Verb): verb is LookVerb {
  return (looking as readonly Verb[]).includes(verb);
}
