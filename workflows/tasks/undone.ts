// After a rollback: every row of kind undo of the tasks that went is looked at, all at once, and leaves a record.
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import {
  pilotsOf,
  serviceOf,
  servicesOf,
  type Agent,
  type CentralHub,
  type EdgeHub,
  type Plan,
  type TaskName,
} from '../../plan/schema/plan.ts';
import type { Judgement } from '../../plan/week/record.ts';
import { scrapeJobs } from '../../plan/tasks/edgehub/config.ts';
import { undoRows } from '../../plan/tasks/index.ts';
import { noWorse } from '../../plan/tasks/edgehub/verdicts.ts';
import { undisturbed, works } from '../../plan/tasks/pilots/verdicts.ts';
import {
  centralOnly,
  containersGone,
  directoriesGone,
  filesAreBack,
  jobsGone,
  postsToPeers,
  pilotsRestored,
  runAgain,
  scrapesAgents,
  streamsGone,
  type Results,
} from '../../plan/tasks/shared/undone.ts';
import { every } from '../../plan/tasks/shared/verdict.ts';
import { agentUrl, aliveUrl, configDirectory, hubUrl, natsUrl } from '../../plan/schema/endpoints.ts';
import { failureText } from '../machine-proxy.ts';
import type { Week } from '../week.ts';
import { everywhere } from './edgehub.ts';
import { functionsOf, patternsOf } from './pilots/migrate.ts';
import { healthOf, standing, unwell, type Standing } from './preflight.ts';

const backWithinMs = 15_000;

export const originalFact = (path: string) => `original ${path}`;

type On = (machine: string) => MachineActivities;
interface Look {
  machine: string;
  look(on: On): Promise<Judgement>;
}

/** Ids of the rows that did not hold. A row that can't be looked at fails; `inconclusive` is for what agents can't show. */
export async function verifyUndone(week: Week, tasks: TaskName[], undone: Results, sinceMs: number): Promise<string[]> {
  const looks = looksAt(week, undone, sinceMs);
  const rows = undoRows(tasks);
  await Promise.all(
    rows.map(async ({ id }) => {
      const { machine, look } = looks[id]!;
      try {
        week.record(id, machine, await look((on) => week.proxy(id, on)));
      } catch (error) {
        week.record(id, machine, { verdict: 'fail', summary: failureText(error), evidence: {} });
      }
    }),
  );
  return rows.map(({ id }) => id).filter((id) => week.state.records[id]?.verdict === 'fail');
}

function looksAt(week: Week, undone: Results, sinceMs: number): Record<string, Look> {
  const { plan } = week;
  const all = everywhere(plan);
  const edge = serviceOf(plan, 'edge-hub');
  const central = serviceOf(plan, 'central-hub');
  const gateways = servicesOf(plan, 'pushgateway');
  const servers = servicesOf(plan, 'nats');
  const pilots = pilotsOf(plan);
  const jobs = gateways.flatMap((gateway) =>
    gateway.scrapedBy.flatMap((hub) => scrapeJobs(plan, hub).map((job) => job.job_name)),
  );
  const look = (machine: string, what: Look['look']): Look => ({ machine, look: what });

  const gone = (services: { name: string; machine: string }[]) => async (on: On) =>
    containersGone(undone)(
      await Promise.all(
        services.map(async ({ name, machine }) => ({
          name,
          machine,
          is: await on(machine).inspectContainer({ name }),
        })),
      ),
    );
  const directories = (services: { base: string; machine: string }[]) => async (on: On) =>
    directoriesGone(undone)(
      await Promise.all(
        services.map(async ({ base, machine }) => ({ machine, ...(await on(machine).directoryState({ path: base })) })),
      ),
    );
  const healthy = once(async (on) => noWorse(unwell(week))(await healthOf(on, plan)));
  const onCentral = once(async (on) =>
    centralOnly(plan.migration.contract.activeHub?.central ?? '')(
      await Promise.all(pilots.map((pilot) => hubsAfter(on(pilot.machine), plan, pilot))),
    ),
  );
  const byHttp = once(async (on) => postsToPeers(sinceMs)(await peersHear(on, plan, sinceMs)));
  const functions = async (on: On) =>
    every(
      Object.fromEntries(
        await Promise.all(
          pilots.map(async (pilot) => [pilot.name, await stillWorks(on(pilot.machine), pilot)] as const),
        ),
      ),
      `${pilots.length} pilots do what they did`,
    );

  return {
    '2A.undo.container': look(edge.machine, gone([edge])),
    '2A.undo.directory': look(edge.machine, directories([edge])),
    '2A.undo.agents': look(all, onCentral),
    '2A.undo.no-impact': look(all, healthy),
    '2B.undo.containers': look(all, gone(gateways)),
    '2B.undo.configs': look(all, async (on) => filesAreBack(undone)(await configs(week, on, central, edge))),
    '2B.undo.reload': look(all, async (on) =>
      jobsGone(jobs)(
        await Promise.all(
          (await running(on, [central, edge])).map(async (hub) => ({
            hub: hub.name,
            status: await on(hub.machine).hubStatus({ hub: hubUrl(hub) }),
          })),
        ),
      ),
    ),
    '2B.undo.direct-scrape': look(all, async (on) =>
      scrapesAgents(plan.agents.map((agent) => `${agent.machine}:${agent.port}`))(
        await Promise.all(
          (await running(on, [central, edge])).map(async (hub) => ({
            hub: hub.name,
            ...(await on(hub.machine).targets({ hub: hubUrl(hub), jobs: [], withinMs: backWithinMs })),
          })),
        ),
      ),
    ),
    '2C.undo.containers': look(all, gone(servers)),
    '2C.undo.directories': look(all, directories(servers)),
    '2C.undo.http-fallback': look(all, byHttp),
    '2C.undo.agents': look(all, healthy),
    '2C.streams.undo': look(all, async (on) => streamsGone(await streamsLeft(on, plan))),
    '2C.streams.undo-http': look(all, (on) =>
      Promise.all([byHttp(on), healthy(on)]).then(([health, agents]) =>
        every({ health, agents }, 'health crosses by HTTP, agents are well'),
      ),
    ),
    '2D.undo.stop': look(all, async () => pilotsRestored(undone)),
    '2D.undo.restore': look(all, async (on) =>
      filesAreBack(undone)(
        await Promise.all(
          pilots.map(async ({ machine, config }) => ({
            machine,
            path: config,
            original: week.fact<string>(originalFact(config)),
            now: (await on(machine).digestFile({ path: config })).sha256,
          })),
        ),
      ),
    ),
    '2D.undo.restart': look(all, async (on) =>
      runAgain(
        await Promise.all(
          pilots.map(async (pilot) => ({
            agent: pilot.name,
            ...(await on(pilot.machine).programStatus({ program: pilot.program })),
          })),
        ),
      ),
    ),
    '2D.undo.central-only': look(all, onCentral),
    '2D.undo.functional': look(all, functions),
    '2D.undo.verify': look(all, (on) =>
      Promise.all([onCentral(on), standing(on, plan)]).then(([central, after]) =>
        every(
          { pilots: central, others: undisturbed({ before: week.fact<Standing>('bystanders'), after }) },
          'pilots on CentralHub, nobody else disturbed',
        ),
      ),
    ),
  };
}

/** Two rows that rest on the same look share it. */
function once(look: Look['look']): Look['look'] {
  let found: Promise<Judgement> | undefined;
  return (on) => (found ??= look(on));
}

/** What a pilot shows of its hubs, once it is on CentralHub or the time is over. */
export async function hubsAfter(m: MachineActivities, plan: Plan, pilot: Agent) {
  const { activeHub, hubs } = plan.migration.contract;
  if (!activeHub) return { agent: pilot.name, active: null, hubs: null };
  const [active, list] = await Promise.all([
    m.shown({
      url: agentUrl(pilot, activeHub.path),
      pointer: activeHub.pointer,
      want: [activeHub.central],
      withinMs: backWithinMs,
    }),
    hubs ? m.shown({ url: agentUrl(pilot, hubs.path), pointer: hubs.pointer, withinMs: backWithinMs }) : null,
  ]);
  return { agent: pilot.name, active, hubs: list };
}

/** CentralHub's file as before the week; EdgeHub's, where it still runs, as before the scrape job. */
async function configs(week: Week, on: On, central: CentralHub, edge: EdgeHub) {
  const edgeFile = edgeConfigPath(edge);
  const files = [
    { machine: central.machine, path: central.config },
    { machine: edge.machine, path: edgeFile },
  ];
  const found = await Promise.all(
    files.map(async ({ machine, path }) => ({
      machine,
      path,
      original: week.fact<string>(originalFact(path)),
      now: (await on(machine).digestFile({ path })).sha256,
    })),
  );
  return found.filter(({ path, now }) => path !== edgeFile || now !== null);
}

export function edgeConfigPath(edge: EdgeHub): string {
  const { path } = configDirectory(edge);
  return `${path}/${edge.configFile}`;
}

async function running<T extends { name: string; machine: string }>(on: On, services: T[]): Promise<T[]> {
  const states = await Promise.all(services.map(({ name, machine }) => on(machine).inspectContainer({ name })));
  return services.filter((_, index) => states[index]?.running);
}

/** When the health of each agent with a peer last came in there: asked until it is newer than `sinceMs`, or the time is over. */
async function peersHear(on: On, plan: Plan, sinceMs: number) {
  const { peers } = plan.migration.contract;
  const posting = pilotsOf(plan).flatMap((pilot) =>
    plan.agents.filter(({ name }) => name === pilot.peer).map((peer) => ({ pilot, peer })),
  );
  if (!peers) return [];
  return Promise.all(
    posting.map(async ({ pilot, peer }) => {
      const pointer = `${peers.pointer === '/' ? '' : peers.pointer}/${pilot.name}/receivedAt`;
      const { value } = await on(peer.machine).shown({
        url: agentUrl(peer, peers.path),
        pointer,
        after: new Date(sinceMs).toISOString(),
        withinMs: backWithinMs,
      });
      return { agent: pilot.name, peer: peer.name, seen: typeof value === 'string' ? Date.parse(value) : null };
    }),
  );
}

async function streamsLeft(on: On, plan: Plan) {
  const servers = servicesOf(plan, 'nats');
  const runs = await Promise.all(
    servers.map(
      async (server) =>
        (await on(server.machine).inspectContainer({ name: server.name })).running &&
        (await on(server.machine).probe({ url: aliveUrl(server), timeoutMs: 2_000 })).ok,
    ),
  );
  return Promise.all(
    plan.messaging.streams.map(async ({ name: stream, replicas }) => ({
      stream,
      servers: await Promise.all(
        servers.map(async (server, index) => {
          if (!runs[index]) return { server: server.name, runs: false, there: false };
          const { leader } = await on(server.machine).streamState({
            server: natsUrl(server),
            stream,
            replicas,
            withinMs: 1_000,
          });
          return { server: server.name, runs: true, there: leader !== null };
        }),
      ),
    })),
  );
}

async function stillWorks(m: MachineActivities, pilot: Agent): Promise<Judgement> {
  if (pilot.functions.length > 0) return works(patternsOf(pilot))(await functionsOf(m, pilot, backWithinMs));
  const { ok, status, error } = await m.awaitReady({ url: agentUrl(pilot), withinMs: backWithinMs });
  return ok
    ? { verdict: 'pass', summary: 'healthy', evidence: {} }
    : { verdict: 'fail', summary: `its health answers ${status ?? error}`, evidence: {} };
}
