// Names of targets in a window: a program may have the same one on several machines, and is another one on each. Pure.
import { type Agent, programOf } from '../schema/agent.ts';
import type { Observation, ObserveAsk } from '../machine-api/measure.ts';

export type Asked = Pick<ObserveAsk, 'urls' | 'programs' | 'containers' | 'values'>;

/** Told by which machine it is on, where others have one of the name. */
export function namedOn(machine: string, asks: Record<string, Asked>) {
  const others = Object.entries(asks).flatMap(([other, ask]) => (other === machine ? [] : targetNames(ask)));
  const ours = new Map(targetNames(asks[machine]!).map((name) => [name, inWindow(name, machine, others)]));
  return {
    observation: (found: Observation): Observation => ({
      ...found,
      targets: Object.fromEntries(
        Object.entries(found.targets).map(([name, target]) => [ours.get(name) ?? name, target]),
      ),
      restarted: found.restarted.map((name) => ours.get(name) ?? name),
    }),
    /** What is known in the window of this machine's targets, as it calls them itself. */
    own: (known: Record<string, number>): Record<string, number> =>
      Object.fromEntries(
        [...ours].flatMap(([name, there]) => (known[there] === undefined ? [] : [[name, known[there]]])),
      ),
  };
}

/** Those of an agent, by both names that they can have. */
export function namesOfAgent(agent: Pick<Agent, 'name' | 'program' | 'machine'>): string[] {
  const { name, machine } = agent;
  return [name, `${name} hub`, `program ${programOf(agent)}`].flatMap((one) => [one, onMachine(one, machine)]);
}

function inWindow(name: string, machine: string, others: string[]): string {
  return others.includes(name) ? onMachine(name, machine) : name;
}

function onMachine(name: string, machine: string): string {
  return `${name} on ${machine}`;
}

export function targetNames({ urls, values, programs, containers }: Asked): string[] {
  return [
    ...Object.keys(urls),
    ...Object.keys(values),
    ...programs.map((program) => `program ${program}`),
    ...containers.map((container) => `container ${container}`),
  ];
}
