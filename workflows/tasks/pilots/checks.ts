// What a deployed pilot is asked for, each kind for what it is there for.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { Agent } from '../../../plan/schema/agent.ts';
import { agentTarget, placeOf } from '../../../plan/schema/endpoints.ts';
import { type Plan, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { pilotChecks } from '../../../plan/tasks/pilots/rows.ts';
import { arrives, dualHub, fresh, healthy, seenFrom, works } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { selector } from '../../../plan/tasks/shared/promql.ts';
import { natsTarget } from '../../../plan/tasks/shared/nats.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import type { Week } from '../../week.ts';
import { everywhere } from '../shared/asks.ts';

/** Each kind of agent has checks of its own; fallback follows for the whole wave. */
export async function checks(week: Week, pilot: Agent): Promise<void> {
  const { plan } = week;
  const host = week.on(pilot.machine);
  const prefix = `2D.deploy.${pilot.name}`;
  const edge = serviceOf(plan, 'edge-hub');
  const withinMs = plan.migration.startWithin;
  const healthShown = (m: MachineActivities) =>
    m.shown({ url: agentTarget(pilot), pointer: '/', orAnswers: true, withinMs });
  const isWell = week.asksOfScrapes ? healthy() : healthy(pilot.name);
  const healthAndFunctions = async (m: MachineActivities) => ({
    health: await healthShown(m),
    functions: await functionsOf(m, pilot, withinMs),
  });
  const run: Record<string, () => Promise<void>> = {
    'dual-hub': () => host.check(`${prefix}.dual-hub`, (m) => hubsShown(m, plan, pilot), dualHub),
    health: () =>
      week.asksFunctions && pilot.functions.length > 0
        ? host.check(`${prefix}.health`, healthAndFunctions, ({ health, functions }) => {
            const all = { health: isWell(health), functions: works(patternsOf(pilot))(functions) };
            return every(all, `${all.health.summary}; ${all.functions.summary}`);
          })
        : host.check(`${prefix}.health`, healthShown, isWell),
    metrics: () =>
      week.step(
        `${prefix}.metrics`,
        edge.machine,
        (on) =>
          on(edge.machine).query({
            hub: hubTarget(edge),
            query: newestOf(plan, pilot),
            withinMs: plan.migration.freshWithin,
          }),
        fresh(plan.migration.freshWithin),
      ),
    nats: () =>
      week.step(
        `${prefix}.nats`,
        everywhere(plan),
        (on) => messagesOf(on, plan, pilot, week.state.records[prefix]?.endedAt ?? week.state.startedAt),
        arrives(2, saysNats(week)),
      ),
    'system-metrics': () =>
      host.check(`${prefix}.system-metrics`, (m) => functionsOf(m, pilot, withinMs), works(patternsOf(pilot))),
    utility: () => host.check(`${prefix}.utility`, (m) => functionsOf(m, pilot, withinMs), works(patternsOf(pilot))),
    'health-visibility': () =>
      week.step(
        `${prefix}.health-visibility`,
        everywhere(plan),
        (on) =>
          Promise.all(
            plan.machines.map(async ({ name }) => ({
              from: name,
              is: await on(name).shown({ url: agentTarget(pilot), pointer: '/status', orAnswers: true, withinMs }),
            })),
          ),
        seenFrom,
      ),
  };
  for (const { name } of pilotChecks(pilot.kind)) await run[name]?.();
}

export async function hubsShown(m: MachineActivities, plan: Plan, pilot: Agent) {
  const { activeHub, hubs } = plan.migration.contract;
  const withinMs = plan.migration.startWithin + plan.migration.failover.healthCheckInterval;
  if (!activeHub || !hubs) return { active: null, hubs: null };
  const active = await m.shown({
    url: agentTarget(pilot, activeHub.path),
    pointer: activeHub.pointer,
    want: [activeHub.primary],
    withinMs,
  });
  return { active, hubs: await m.shown({ url: agentTarget(pilot, hubs.path), pointer: hubs.pointer, withinMs }) };
}

/** The series that the agent pushes with each batch; without one, that EdgeHub, whose targets have the plan's names, scrapes it at all. */
export function metricOf(plan: Plan, agent: Agent): string {
  const { acknowledged } = plan.migration.contract;
  return acknowledged
    ? selector(acknowledged.metric, { [acknowledged.label]: agent.name })
    : selector('up', { instance: placeOf(agent) });
}

/** When that was last seen. A failed scrape writes a sample too, so that `up` is as fresh as ever: there the newest one must have succeeded. */
export function newestOf(plan: Plan, agent: Agent): string {
  const metric = metricOf(plan, agent);
  // What is computed of a series has the time of the query: only of the series itself it is the sample's.
  const newest = `timestamp(${metric})`;
  return plan.migration.contract.acknowledged ? newest : `${newest} and ${metric} == 1`;
}

/** The agent's health messages as every server has them. */
export async function messagesOf(
  on: (machine: string) => MachineActivities,
  plan: Plan,
  agent: Agent,
  sinceMs: number,
) {
  const { healthSubject, streams } = plan.messaging;
  const stream = streams.find(({ publishes }) => publishes.includes(healthSubject)) ?? streams[0]!;
  return Promise.all(
    servicesOf(plan, 'nats').map(async (server) => ({
      server: server.name,
      is: await on(server.machine).agentMessages({
        server: natsTarget(plan, server),
        stream: stream.name,
        agent: agent.name,
        sinceMs,
        atLeast: 2,
        withinMs: 60_000,
      }),
    })),
  );
}

/** Whether a message that does not arrive speaks against the agent: only who says where it shows its connection must have one. */
export function saysNats({ plan, asksOfScrapes }: Week): boolean {
  // In a history of before it always did.
  return !asksOfScrapes || plan.migration.contract.nats !== undefined;
}

export function functionsOf(m: MachineActivities, pilot: Agent, withinMs: number) {
  return Promise.all(
    pilot.functions.map(async ({ name, path, pointer, method, body, matches }) => ({
      name,
      is: await m.shown({ url: agentTarget(pilot, path), pointer, method, body, matches, withinMs }),
    })),
  );
}

export const patternsOf = (pilot: Agent) =>
  Object.fromEntries(pilot.functions.map(({ name, matches }) => [name, matches]));
