// Preflight: everything that can be known before the first change. Changes nothing but images that are missing.
import { judgedKnownBad, rejectsKnownBad } from '../../plan/tasks/known-bad.ts';
import { agentUrl, hostsOf, hubUrl } from '../../plan/schema/endpoints.ts';
import { pilotsOf, serviceOf, servicesOf, type Agent, type Plan } from '../../plan/schema/plan.ts';
import { contractIsKnown } from '../../plan/tasks/pilots/verdicts.ts';
import { whoIsUnwell, type Health } from '../../plan/tasks/edgehub/verdicts.ts';
import {
  baselineIsWhole,
  imagesResolved,
  machinesAgree,
  namesResolve,
  rightsAreThere,
  topologyIsKnown,
  wayBackIsReady,
} from '../../plan/tasks/shared/container.ts';
import type { Impact, ImpactAsk, MachineActivities, RightsAsk } from '../../plan/machine-api/index.ts';
import { levelThreeOnRecord } from '../emergency/level-three.ts';
import type { Week } from '../week.ts';

export const baselineFact = 'baseline';

export async function preflight(week: Week): Promise<void> {
  const { plan } = week;
  const names = plan.machines.map((machine) => machine.name);
  const everywhere = names.join(', ');
  const central = serviceOf(plan, 'central-hub');
  const edge = serviceOf(plan, 'edge-hub');
  await week.task('preflight', async () => {
    await week.step(
      'preflight.machines',
      everywhere,
      (on) => Promise.all(names.map((machine) => steadiest(on(machine)))),
      machinesAgree(plan.limits.clockSkew),
    );
    await week.step(
      'preflight.topology',
      central.machine,
      async (on) => ({
        receiver: await on(central.machine).probeReceiver({ hub: hubUrl(central) }),
        outOfOrderWindow: (await on(central.machine).hubStatus({ hub: hubUrl(central) })).outOfOrderWindow,
      }),
      topologyIsKnown(plan, servicesOf(plan, 'nats')),
    );
    const rightsFor = (on: (machine: string) => MachineActivities, needs: typeof undoNeeds) =>
      Promise.all(
        names.map(async (machine) => ({ machine, rights: await on(machine).checkRights(needs(plan, machine)) })),
      );
    await week.step(
      'preflight.rollback-ready',
      everywhere,
      async (on) => ({ found: await rightsFor(on, undoNeeds), levelThree: await levelThreeOnRecord(week) }),
      wayBackIsReady,
    );
    await week.step('preflight.rights', everywhere, (on) => rightsFor(on, stepsNeed), rightsAreThere);
    await week.step(
      'preflight.images',
      everywhere,
      (on) =>
        Promise.all(
          imagesWanted(plan).map(async ({ machine, image }) => ({
            machine,
            image,
            is: await resolve(week, on(machine), machine, image),
          })),
        ),
      imagesResolved,
    );
    await week.step(
      'preflight.names',
      everywhere,
      (on) =>
        Promise.all(
          names.map(async (machine) => ({
            machine,
            names: await on(machine).resolveNames({
              names,
              hosts: hostsOf(plan),
              image: imageOn(week, machine, edge.image),
            }),
          })),
        ),
      namesResolve(plan.machines),
    );
    await week.step('preflight.judges', everywhere, async () => judgedKnownBad(plan), rejectsKnownBad);
    await week.step(
      'preflight.agent-contract',
      everywhere,
      (on) => Promise.all(plan.agents.map((agent) => showOf(on(agent.machine), plan, agent))),
      contractIsKnown(plan),
    );
    await week.step(
      'preflight.baseline',
      everywhere,
      async (on) => {
        const found = Object.fromEntries(
          await Promise.all(
            names.map(async (machine): Promise<[string, Impact]> => [
              machine,
              await on(machine).measureImpact(impactAsk(plan, machine)),
            ]),
          ),
        );
        week.keep(baselineFact, found);
        week.keep('bystanders', await standing(on, plan));
        week.keep('unwell', whoIsUnwell(await healthOf(on, plan, 3_000)));
        return found;
      },
      baselineIsWhole,
    );
  });
}

/** The clock offset carries the delay of the call: the least of three is the truest. */
async function steadiest(on: MachineActivities) {
  const facts = [await on.describeMachine(), await on.describeMachine(), await on.describeMachine()];
  return facts.sort((a, b) => Math.abs(a.clockOffsetMs) - Math.abs(b.clockOffsetMs))[0]!;
}

function undoNeeds(plan: Plan, machine: string): RightsAsk {
  const agents = pilotsOf(plan).filter((agent) => agent.machine === machine);
  const directories = [...new Set(agents.map((agent) => agent.config.replace(/\/[^/]+$/, '')))];
  return {
    directories,
    files: agents.map((agent) => agent.config),
    programs: agents.map((agent) => agent.program),
    images: [],
    partition: false,
    chown: false,
  };
}

function stepsNeed(plan: Plan, machine: string): RightsAsk {
  const services = plan.services.filter((service) => service.machine === machine);
  return {
    directories: services.flatMap((service) =>
      service.kind === 'central-hub' ? [] : service.directories.map((directory) => directory.path),
    ),
    files: services.flatMap((service) => (service.kind === 'central-hub' ? [service.config] : [])),
    programs: plan.agents.filter((agent) => agent.machine === machine).map((agent) => agent.program),
    images: [],
    partition: plan.faults.allowed.includes('partition'),
    chown: true,
  };
}

/** Every service's image on its machine, and EdgeHub's everywhere: its promtool checks names from inside a container. */
function imagesWanted(plan: Plan): { machine: string; image: string }[] {
  const edge = serviceOf(plan, 'edge-hub');
  const wanted = [
    ...plan.machines.map((machine) => ({ machine: machine.name, image: edge.image })),
    ...plan.services.flatMap((service) =>
      service.kind === 'central-hub' ? [] : [{ machine: service.machine, image: service.image }],
    ),
  ];
  return wanted.filter(
    (one, index) => wanted.findIndex((other) => other.machine === one.machine && other.image === one.image) === index,
  );
}

const imageFact = (machine: string, image: string) => `image ${image} on ${machine}`;

async function resolve(week: Week, on: MachineActivities, machine: string, image: string) {
  const found = await on.ensureImage({ image });
  week.keep(imageFact(machine, image), found.digest ?? found.id);
  return found;
}

/** What a tag was resolved to at the start: the whole run uses it. */
export function imageOn(week: Week, machine: string, image: string): string {
  return week.fact<string>(imageFact(machine, image)) ?? image;
}

async function showOf(on: MachineActivities, plan: Plan, agent: Agent) {
  const { activeHub, nats } = plan.migration.contract;
  const [health, hub, log, acks] = await Promise.all([
    on.probe({ url: agentUrl(agent), timeoutMs: 3_000 }),
    activeHub ? on.shown({ url: agentUrl(agent, activeHub.path), pointer: activeHub.pointer, withinMs: 3_000 }) : null,
    on.digestFile({ path: agent.log }),
    agent.acks ? on.digestFile({ path: agent.acks }) : null,
  ]);
  return {
    agent: agent.name,
    pilot: agent.wave !== undefined,
    health: health.ok,
    log: log.exists,
    activeHub: hub?.found ?? false,
    acks: acks?.exists ?? false,
    nats: nats !== undefined,
    check: agent.check !== undefined,
  };
}

/** What to measure on a machine, before and after: hubs and agents that are there all the time, and the containers that come with the week. */
export function impactAsk(plan: Plan, machine: string): ImpactAsk {
  const central = serviceOf(plan, 'central-hub');
  const agents = plan.agents.filter((agent) => agent.machine === machine);
  return {
    durationMs: Math.min(10_000, Math.max(4_000, plan.watch.sampleInterval)),
    urls: {
      [central.name]: `${hubUrl(central)}/-/ready`,
      ...Object.fromEntries(agents.slice(0, 20).map((agent) => [agent.name, agentUrl(agent)])),
    },
    containers: plan.services.filter((service) => service.machine === machine).map((service) => service.name),
    programs: agents.map((agent) => agent.program),
  };
}

/** Who must not be disturbed: process ids of the bystanders, and when CentralHub was started. */
export interface Standing {
  programs: Record<string, number | null>;
  centralStartedAt: string;
}

export async function standing(on: (machine: string) => MachineActivities, plan: Plan): Promise<Standing> {
  const bystanders = plan.agents.filter((agent) => agent.wave === undefined);
  const central = serviceOf(plan, 'central-hub');
  const programs = await Promise.all(
    bystanders.map(
      async (agent) => [agent.name, (await on(agent.machine).programStatus({ program: agent.program })).pid] as const,
    ),
  );
  return {
    programs: Object.fromEntries(programs),
    centralStartedAt: (await on(central.machine).inspectContainer({ name: central.name })).startedAt,
  };
}

/** Targets of CentralHub and the agents: all well, or the time is over. An agent runs a moment before it answers. */
export async function healthOf(
  on: (machine: string) => MachineActivities,
  plan: Plan,
  withinMs = 20_000,
): Promise<Health> {
  const central = serviceOf(plan, 'central-hub');
  const [{ targets }, agents] = await Promise.all([
    on(central.machine).targets({ hub: hubUrl(central), jobs: [], withinMs }),
    Promise.all(
      plan.agents.map(async (agent) => ({
        name: agent.name,
        ...(await on(agent.machine).awaitReady({ url: agentUrl(agent), withinMs })),
      })),
    ),
  ]);
  return { targets, agents };
}

/** Who was unwell before the week, for reasons that are not the week's. */
export function unwell(week: Week): string[] {
  return week.fact<string[]>('unwell') ?? [];
}
