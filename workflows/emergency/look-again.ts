// The last look before a deadline: at the very components and pilots that a hold is about, for as long as it takes to call them well.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { lookedAgain, type Looked } from '../../plan/evidence/look-again.ts';
import type { Asked } from '../../plan/evidence/target-names.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import type { Made } from '../../plan/schema/plan.ts';
import { aliveTarget, taskOfKind } from '../../plan/tasks/services.ts';
import { deployedPilots, stepOf } from '../../plan/tasks/steps.ts';
import { limitOf } from '../../plan/week/incident.ts';
import type { Hold } from '../../plan/week/order.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import { askOfAgent } from '../watch/ask-of-agent.ts';
import type { Week } from '../week.ts';
import { answerWithinMs, returnWithin, standing } from './diagnosis.ts';

export const lookStep = 'deadline';

/** On the way to a machine and back. */
const marginMs = 2_000;
/** A worker that does not take it by then is away. */
const takenWithinMs = 20_000;

export type About = Pick<Hold, 'about' | 'row'>;

/** Who is looked at. */
interface Targets {
  components: Made[];
  agents: Agent[];
  /** Which must answer, whatever is looked at there. */
  machines: string[];
}

/**
 * What is well in as many samples as would make an issue is well. What is not is looked at again for as long as a level 1 waits for what it
 * has restarted; a pilot that is only on its fallback, until it should have returned.
 */
export async function lookAgain(week: Week, about: About): Promise<Looked> {
  const asks = asksOf(week, targetsOf(week, about));
  const { sampleInterval, tolerate } = week.plan.watch;
  const samples = tolerate + 1;
  const sliceMs = samples * sampleInterval + marginMs;
  const beganAt = Date.now();
  const machines = Object.keys(asks);
  for (;;) {
    const untilMs = Date.now() + sliceMs;
    const seen = await Promise.all(machines.map((machine) => seenOn(week, machine, asks[machine]!, untilMs)));
    const looked = lookedAgain(asks, Object.fromEntries(machines.map((name, index) => [name, seen[index]!])), samples);
    // A machine that answers early does not shorten it.
    await week.sleep(untilMs - Date.now(), lookStep, machines.join(', '));
    week.stopIfOrdered();
    const patience = isOnlyAway(asks, looked) ? returnWithin(week.plan) : limitOf(week.plan, 1) / 2;
    if (looked.verdict === 'well' || Date.now() >= beganAt + patience) return looked;
  }
}

/** Of a row: its own pilot, or all that are deployed; what its task has made, or where that makes nothing, all that stands. */
export function targetsOf(week: Week, { about, row }: About): Targets {
  const { plan, state } = week;
  const components = standing(week);
  const agents = deployedPilots(plan, (id) => week.settled(id));
  const isNamed = ({ name }: { name: string }) => about === undefined || about.includes(name);
  const step = row === undefined ? undefined : stepOf(plan, row);
  if (!step) return { components: components.filter(isNamed), agents: agents.filter(isNamed), machines: [] };
  const its = components.filter(({ kind }) => taskOfKind(kind) === step.task);
  const named = state.records[step.id]?.machine.split(', ') ?? [];
  return {
    components: its.length > 0 ? its : components,
    agents: step.ofAgent === undefined ? agents : agents.filter(({ name }) => name === step.ofAgent),
    machines: plan.machines.map(({ name }) => name).filter((name) => named.includes(name)),
  };
}

function asksOf({ plan }: Week, { components, agents, machines }: Targets): Record<string, Asked> {
  const asks: Record<string, Asked> = {};
  const on = (machine: string) => (asks[machine] ??= { urls: {}, programs: [], containers: [], values: {} });
  for (const machine of machines) on(machine);
  for (const component of components) {
    on(component.machine).urls[component.name] = aliveTarget(component);
    on(component.machine).containers.push(component.name);
  }
  for (const agent of agents) askOfAgent(plan, agent, on(agent.machine));
  return asks;
}

/** null where nobody answers in time. Throws HistoryIsLong, and what an order throws. */
async function seenOn(week: Week, machine: string, ask: Asked, untilMs: number): Promise<Observation | null> {
  const { sampleInterval, tolerate } = week.plan.watch;
  try {
    return await CancellationScope.withTimeout(untilMs - Date.now() + takenWithinMs, () =>
      week.proxy(lookStep, machine).observe({
        ...ask,
        untilMs,
        intervalMs: sampleInterval,
        timeoutMs: answerWithinMs,
        // To its end: it is also seen whether it stays up.
        tolerate: tolerate + 100,
      }),
    );
  } catch (error) {
    if (error instanceof HistoryIsLong || (isCancellation(error) && week.ordered)) throw error;
    return null;
  }
}

function isOnlyAway(asks: Record<string, Asked>, { verdict, what }: Looked): boolean {
  const hubs = Object.values(asks).flatMap(({ values }) => Object.keys(values));
  return verdict === 'down' && what.every(({ name }) => hubs.includes(name));
}
