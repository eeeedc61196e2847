// A sabotage: one check's world, broken for as long as that check is carried out; and a week that meets them all.
import { expect } from 'vitest';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { WeekState } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import type { Handle, Lab } from './harness.ts';
import { order, until } from './people.ts';

type Verb = keyof MachineActivities;
type Ask<V extends Verb> = Parameters<MachineActivities[V]>[0];
type Found<V extends Verb> = Awaited<ReturnType<MachineActivities[V]>>;

/** What machines answer in the broken world, verb by verb; `usual` gives the healthy answer. */
export type Broken = {
  [V in Verb]?: (ask: Ask<V>, usual: () => Promise<Found<V>>, machine: string) => Promise<Found<V>>;
};

export interface Sabotage {
  /** One line: what is broken. */
  what: string;
  broken: Broken;
  expect: 'fail' | 'inconclusive';
  /** The record's summary names the cause. */
  says: RegExp;
}

/** A world in which the answer of one verb is the healthy one with a part of it changed, where it applies. */
export function but<V extends Verb>(
  verb: V,
  change: Partial<Found<V>> | ((is: Found<V>, ask: Ask<V>) => Partial<Found<V>>),
  applies: (ask: Ask<V>, machine: string) => boolean = () => true,
): Broken {
  const answer = async (ask: Ask<V>, usual: () => Promise<Found<V>>, machine: string): Promise<Found<V>> => {
    const is = await usual();
    if (!applies(ask, machine)) return is;
    return { ...is, ...(typeof change === 'function' ? change(is, ask) : change) };
  };
  return { [verb]: answer };
}

/**
 * Carries a week out in which every one of these checks meets each of its sabotages, one after the other. Each time the week must
 * stop there with the verdict and the reason that the sabotage foretells; then that sabotage ends and the row is ordered to be done
 * again. Gives the state in which the week waits for its go/no-go.
 */
export async function weekOfSabotages(lab: Lab, plan: Plan, sabotages: Record<string, Sabotage[]>): Promise<WeekState> {
  const open = new Map(Object.entries(sabotages).map(([row, ones]) => [row, [...ones]]));
  const names = plan.machines.map((machine) => machine.name);
  return lab.run(
    plan,
    async ({ handle, machines, startWorker }) => {
      arm(handle, machines, open);
      for (const name of names) await startWorker(name);
      for (;;) {
        const { status, held } = await until(
          lab,
          handle,
          (seen) => seen.status === 'failed' || seen.status === 'deciding',
        );
        const state = await handle.query(messages.state);
        if (status === 'deciding') {
          expect([...open.keys()], 'checks that passed in a broken world').toEqual([]);
          return state;
        }
        const met = Object.values(state.records).filter(
          (record) => record.verdict !== 'pass' && record.summary !== 'to be done again' && open.has(record.id),
        );
        expect(met, `the week is held for another reason: ${held?.reason}`).not.toEqual([]);
        for (const record of met) {
          const [sabotage, ...others] = open.get(record.id)!;
          expect({ row: record.id, what: sabotage!.what, verdict: record.verdict, summary: record.summary }).toEqual({
            row: record.id,
            what: sabotage!.what,
            verdict: sabotage!.expect,
            summary: expect.stringMatching(sabotage!.says),
          });
          if (others.length > 0) open.set(record.id, others);
          else open.delete(record.id);
        }
        await order.retry(handle, met[0]!.id);
      }
    },
    { without: names },
  );
}

type Answer = () => Promise<unknown>;
type Breaking = (ask: unknown, usual: Answer, machine: string) => Promise<unknown>;

/** From now on every verb answers as in the broken worlds of the rows that are carried out; of a row's sabotages the first that is still open is in force. */
function arm(handle: Handle, machines: FakeMachines, open: Map<string, Sabotage[]>): void {
  const verbs = new Set([...open.values()].flat().flatMap(({ broken }) => Object.keys(broken) as Verb[]));
  for (const verb of verbs) {
    machines.override(verb, async (ask, usual, machine) => {
      const { running } = await handle.query(messages.progress);
      const worlds = running.flatMap(({ id }) => open.get(id)?.[0]?.broken[verb] ?? []) as Breaking[];
      return worlds.reduce<Answer>((before, breaking) => () => breaking(ask, before, machine), usual)();
    });
  }
}
