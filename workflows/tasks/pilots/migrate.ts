// Task 2D, days 6-7: each wave of pilots is deployed, watched, checked and observed before the next. Seed: "Pilot Agent Deployment & Validation", steps 1-3.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { serviceOf, servicesOf, wavesOf, type Agent, type Plan } from '../../../plan/schema/plan.ts';
import { pilotChecks } from '../../../plan/tasks/index.ts';
import { centralOnly, rehearsed } from '../../../plan/tasks/shared/undone.ts';
import {
  arrives,
  deployed,
  dualHub,
  failsOver,
  fresh,
  healthy,
  heldUp,
  logIsClean,
  losesNothing,
  seenFrom,
  works,
  type FailoverSeen,
  type Watched,
} from '../../../plan/tasks/pilots/verdicts.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { agentUrl, healthUrl, hubUrl, natsUrl } from '../../../plan/schema/endpoints.ts';
import { ifAllowed } from '../../watch/fault-window.ts';
import { watch, type Asks } from '../../watch/window.ts';
import type { Week } from '../../week.ts';
import { everywhere } from '../edgehub.ts';
import { failOver } from './failover.ts';
import { backupFact, preparePilots } from './prepare.ts';
import { hubsAfter } from '../undone.ts';

export async function migratePilots(week: Week): Promise<void> {
  await week.task('2D', async () => {
    await preparePilots(week);
    for (const [index, wave] of wavesOf(week.plan).entries()) {
      await migrateWave(week, wave);
      if (index === 0) await rehearseRollback(week, wave[0]!);
    }
  });
}

/** The first pilot goes back and is migrated again before the second begins: what a rollback takes is known when it is needed. */
async function rehearseRollback(week: Week, pilot: Agent): Promise<void> {
  const { plan, state } = week;
  await week.on(pilot.machine).check(
    '2D.rollback-rehearsal',
    async (m) => {
      const began = Date.now();
      const undone = await m.rollback({ run: state.run, scope: { agent: pilot.name } });
      const undoneAt = Date.now();
      const central = centralOnly(plan.migration.contract.activeHub?.central ?? '')([await hubsAfter(m, plan, pilot)]);
      const verifiedAt = Date.now();
      const again = await m.deployAgent(deployment(week, pilot));
      return {
        undone,
        central,
        again,
        hubs: await hubsShown(m, plan, pilot),
        rollbackMs: undoneAt - began,
        verifyMs: verifiedAt - undoneAt,
        migrateMs: Date.now() - verifiedAt,
      };
    },
    rehearsed(plan.emergency.level2),
  );
}

async function migrateWave(week: Week, wave: Agent[]): Promise<void> {
  await week.together(...wave.map((pilot) => () => deploy(week, pilot)));
  await week.together(...wave.map((pilot) => () => watchLog(week, pilot)));
  await week.together(...wave.map((pilot) => () => checks(week, pilot)));
  await fallback(week, wave);
  await observe(week, wave);
}

async function deploy(week: Week, pilot: Agent): Promise<void> {
  const step = `2D.deploy.${pilot.name}`;
  await week.on(pilot.machine).step(
    step,
    async (m) => {
      if (week.fact(logFact(pilot)) === undefined)
        week.keep(logFact(pilot), (await m.logOffset({ path: pilot.log })).offset);
      return m.deployAgent(deployment(week, pilot));
    },
    deployed,
  );
}

function deployment(week: Week, pilot: Agent): Parameters<MachineActivities['deployAgent']>[0] {
  return {
    change: { run: week.state.run, step: `2D.deploy.${pilot.name}` },
    agent: {
      name: pilot.name,
      program: pilot.program,
      config: pilot.config,
      healthUrl: agentUrl(pilot),
      check: pilot.check,
      startWithinMs: week.plan.migration.startWithin,
    },
    backup: week.fact<string>(backupFact(pilot)) ?? `${pilot.config}.backup`,
  };
}

const logFact = (pilot: Agent) => `log offset 2D.deploy.${pilot.name}`;

/** Everything the agent logged since it was deployed; a watch that is done again begins with what comes now. */
async function watchLog(week: Week, pilot: Agent): Promise<void> {
  const { plan, state } = week;
  const id = `2D.deploy.${pilot.name}.log-watch`;
  await week.on(pilot.machine).check(
    id,
    async (m) => {
      if (state.records[id]) week.keep(logFact(pilot), (await m.logOffset({ path: pilot.log })).offset);
      const window = (state.windows[id] ??= {
        creditMs: 0,
        samples: 0,
        failed: 0,
        longestGapMs: 0,
        restarts: 0,
        startedAt: Date.now(),
      });
      const found = await m.watchLog({
        path: pilot.log,
        fromOffset: week.fact<number>(logFact(pilot)) ?? null,
        untilMs: window.startedAt + plan.watch.log,
        patterns: plan.migration.errorPatterns,
      });
      week.stopIfOrdered();
      await week.sleep(window.startedAt + plan.watch.log - Date.now(), id, pilot.machine);
      window.creditMs = Date.now() - window.startedAt;
      delete state.windows[id];
      return { ...found, watchedMs: window.creditMs };
    },
    (found) => {
      const judged = logIsClean(plan.watch.log)(found);
      return { ...judged, evidence: { ...judged.evidence, plannedMs: state.planned.logMs } };
    },
  );
}

/** The seed asks different things of each kind of agent; fallback follows for the whole wave. */
async function checks(week: Week, pilot: Agent): Promise<void> {
  const { plan } = week;
  const host = week.on(pilot.machine);
  const prefix = `2D.deploy.${pilot.name}`;
  const edge = serviceOf(plan, 'edge-hub');
  const withinMs = plan.migration.startWithin;
  const run: Record<string, () => Promise<void>> = {
    'dual-hub': () => host.check(`${prefix}.dual-hub`, (m) => hubsShown(m, plan, pilot), dualHub),
    health: () =>
      host.check(
        `${prefix}.health`,
        (m) => m.shown({ url: agentUrl(pilot), pointer: '/', withinMs }),
        healthy(pilot.name),
      ),
    metrics: () =>
      week.step(
        `${prefix}.metrics`,
        edge.machine,
        (on) =>
          on(edge.machine).query({
            hub: hubUrl(edge),
            query: `timestamp(${metricOf(plan, pilot)})`,
            withinMs: plan.migration.freshWithin,
          }),
        fresh(plan.migration.freshWithin),
      ),
    nats: () =>
      week.step(
        `${prefix}.nats`,
        everywhere(plan),
        (on) => messagesOf(on, plan, pilot, week.state.records[prefix]?.endedAt ?? week.state.startedAt),
        arrives(2),
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
              is: await on(name).shown({ url: agentUrl(pilot), pointer: '/status', withinMs }),
            })),
          ),
        seenFrom,
      ),
  };
  for (const [check] of pilotChecks(pilot.kind)) await run[check]?.();
}

export async function hubsShown(m: MachineActivities, plan: Plan, pilot: Agent) {
  const { activeHub, hubs } = plan.migration.contract;
  const withinMs = plan.migration.startWithin + plan.migration.failover.healthCheckInterval;
  if (!activeHub || !hubs) return { active: null, hubs: null };
  const active = await m.shown({
    url: agentUrl(pilot, activeHub.path),
    pointer: activeHub.pointer,
    want: [activeHub.primary],
    withinMs,
  });
  return { active, hubs: await m.shown({ url: agentUrl(pilot, hubs.path), pointer: hubs.pointer, withinMs }) };
}

/** The series that the agent pushes with each batch; without one, that it is scraped at all. */
export function metricOf(plan: Plan, agent: Agent): string {
  const { acknowledged } = plan.migration.contract;
  return acknowledged
    ? `${acknowledged.metric}{${acknowledged.label}="${agent.name}"}`
    : `up{instance="${agent.machine}:${agent.port}"}`;
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
        server: natsUrl(server),
        stream: stream.name,
        agent: agent.name,
        sinceMs,
        atLeast: 2,
        withinMs: 60_000,
      }),
    })),
  );
}

export function functionsOf(m: MachineActivities, pilot: Agent, withinMs: number) {
  return Promise.all(
    pilot.functions.map(async ({ name, path, pointer, method, body }) => ({
      name,
      is: await m.shown({ url: agentUrl(pilot, path), pointer, method, body, withinMs }),
    })),
  );
}

export const patternsOf = (pilot: Agent) =>
  Object.fromEntries(pilot.functions.map(({ name, matches }) => [name, matches]));

/** EdgeHub is stopped for as long as the wave needs to move over. */
async function fallback(week: Week, wave: Agent[]): Promise<void> {
  const { plan } = week;
  const ids = wave.map((pilot) => `2D.deploy.${pilot.name}.fallback`);
  const [first = ''] = ids;
  const judge = (found: FailoverSeen[]) => {
    const [over, kept] = [
      failsOver(plan.limits.failover.limit, plan.limits.failover.target)(found),
      losesNothing(found),
    ];
    return every({ over, kept }, over.summary, { ...over.evidence, ...kept.evidence });
  };
  await ifAllowed(
    week,
    'edgehub-stop',
    ids,
    serviceOf(plan, 'edge-hub').machine,
    (on) => failOver(week, on, { id: first, way: 'stop' }, wave, 0),
    (found) =>
      Object.fromEntries(
        wave.map((pilot, index) => [ids[index]!, judge(found.filter((one) => one.agent === pilot.name))]),
      ),
  );
}

/** Watches the wave and every component of the week. */
async function observe(week: Week, wave: Agent[]): Promise<void> {
  const { plan, state } = week;
  const ids = wave.map((pilot) => `2D.deploy.${pilot.name}.observation`);
  const [first = ''] = ids;
  await week.group(
    ids,
    [...new Set(wave.map((pilot) => pilot.machine))].join(', '),
    async () => {
      const watched = await watch(week, {
        id: first,
        wantedMs: plan.watch.observation,
        asks: asksFor(plan, wave),
        restartsAtMost: 0,
      });
      forgetWindow(week, first);
      return watched;
    },
    (watched) =>
      Object.fromEntries(
        wave.map((pilot, index) => {
          const judged = heldUp(plan.watch.observation, plan.watch.tolerate)(only(watched, wave, pilot));
          return [ids[index]!, { ...judged, evidence: { ...judged.evidence, plannedMs: state.planned.observationMs } }];
        }),
      ),
  );
}

export function forgetWindow(week: Week, id: string): void {
  delete week.state.windows[id];
  delete week.state.facts[`watched ${id}`];
}

/** One pilot's part of a wave's window: the components' and its own targets. */
function only(watched: Watched, wave: Agent[], pilot: Agent): Watched {
  const others = new Set(
    wave.filter((other) => other !== pilot).flatMap(({ name, program }) => [name, `${name} hub`, `program ${program}`]),
  );
  const isOthers = (target: string) => others.has(target);
  return {
    ...watched,
    targets: Object.fromEntries(Object.entries(watched.targets).filter(([target]) => !isOthers(target))),
    restarted: watched.restarted.filter((name) => !isOthers(name)),
  };
}

/** What to sample while agents are watched: their health, program and active hub, and every component on its machine. */
export function asksFor(plan: Plan, agents: Agent[]): Asks {
  const { activeHub } = plan.migration.contract;
  const asks: Asks = {};
  const on = (machine: string) => (asks[machine] ??= { urls: {}, programs: [], containers: [], values: {} });
  for (const agent of agents) {
    on(agent.machine).urls[agent.name] = agentUrl(agent);
    on(agent.machine).programs.push(agent.program);
    if (activeHub && agent.wave !== undefined)
      on(agent.machine).values[`${agent.name} hub`] = {
        url: agentUrl(agent, activeHub.path),
        pointer: activeHub.pointer,
        want: activeHub.primary,
      };
  }
  for (const service of plan.services) {
    const ask = on(service.machine);
    ask.urls[service.name] = healthUrl(service);
    ask.containers.push(service.name);
  }
  return asks;
}
