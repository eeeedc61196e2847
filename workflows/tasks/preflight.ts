// Preflight: everything that can be known before the first change. Changes nothing but images that are missing.
import { patched } from '@temporalio/workflow';
import { whyNoProof } from '../../plan/evidence/level-three.ts';
import type { Capacity } from '../../plan/machine-api/containers.ts';
import type { Impact } from '../../plan/machine-api/measure.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { RightsAsk } from '../../plan/machine-api/host.ts';
import { programOf } from '../../plan/schema/agent.ts';
import { promMs } from '../../plan/schema/duration.ts';
import { hostsOf } from '../../plan/schema/endpoints.ts';
import { pilotsOf, type Plan, serviceOf, servicesOf } from '../../plan/schema/plan.ts';
import { accessOn } from '../../plan/tasks/preflight/access.ts';
import { oldestOf } from '../../plan/tasks/services.ts';
import { makesOn } from '../../plan/tasks/makes.ts';
import { publishedAt, publishingWarnings } from '../../plan/tasks/publishing.ts';
import { evaluateKnownBad, rejectsKnownBad } from '../../plan/tasks/known-bad.ts';
import {
  baselineIsWhole,
  contractIsKnown,
  imagesAreHere,
  machinesAgree,
  namesResolve,
  rightsAreThere,
  topologyIsKnown,
  wayBackIsReady,
} from '../../plan/tasks/preflight/verdicts.ts';
import { editsOn, whyUntold } from '../../plan/tasks/preflight/edits.ts';
import { limitsWanted, roomOn } from '../../plan/tasks/preflight/limits.ts';
import { limitsFit } from '../../plan/tasks/preflight/verdicts/limits.ts';
import { whoIsUnwell, whoIsUp } from '../../plan/tasks/shared/health.ts';
import { hubTarget } from '../../plan/tasks/shared/hubs.ts';
import { tooOld, untold } from '../../plan/tasks/shared/versions.ts';
import { scrapesOf } from './preflight/scrapes.ts';
import { showOf } from './preflight/shows.ts';
import { versionsOf } from './preflight/versions.ts';
import { failureType } from '../machine/failures.ts';
import { reports } from '../machine/proxy.ts';
import { levelThreeOnRecord } from '../emergency/level-three.ts';
import type { Week } from '../week.ts';
import type { On } from './contract.ts';
import { bystandersOf, healthOf, imageOn } from './shared/asks.ts';
import { inUseBefore } from './shared/before.ts';
import { impactAsk } from './shared/impact.ts';

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
      async (on) => ({
        facts: await Promise.all(names.map((machine) => steadiest(on(machine)))),
        control: patched('rows-can-fail') ? (await reports.controlBuild()).build : undefined,
      }),
      ({ facts, control }) =>
        machinesAgree(
          plan.limits.clockSkew,
          control === undefined ? undefined : { machines: plan.machines, control },
        )(facts),
    );
    await week.step(
      'preflight.topology',
      central.machine,
      async (on) => {
        const receiver = await on(central.machine).probeReceiver({ hub: hubTarget(central) });
        const is = await on(central.machine).hubStatus({ hub: hubTarget(central) });
        week.keep('centralScrapesEvery', promMs(is.scrapeInterval));
        const found = { receiver, outOfOrderWindow: is.outOfOrderWindow };
        if (!week.asksOfScrapes) return found;
        const [old, unknown] = [tooOld, untold].map((of) => of(central.name, is.version, oldestOf(plan, central)!));
        return { ...found, old, untold: unknown };
      },
      (found) =>
        topologyIsKnown(plan, servicesOf(plan, 'nats'), patched('rows-can-fail') ? plan.messaging.streams : [])(found),
    );
    const rightsFor = (on: On, needs: typeof undoNeeds) =>
      Promise.all(
        names.map(async (machine) => ({ machine, rights: await on(machine).checkRights(needs(plan, machine)) })),
      );
    await week.step(
      'preflight.rollback-ready',
      everywhere,
      async (on) => {
        const found = await rightsFor(on, undoNeeds);
        const levelThree = await levelThreeOnRecord(week);
        const isThere = week.findingsStay && !('none' in levelThree);
        return { found, levelThree, noProof: isThere ? whyNoProof(levelThree, plan, Date.now()) : undefined };
      },
      wayBackIsReady,
    );
    const stepsMake = (of: Plan, machine: string) => ({
      ...stepsNeed(of, machine),
      ...editsOn(of, machine),
      ...roomOn(of, machine),
      makes: makesOn(of, machine, week.state.run),
    });
    await week.step(
      'preflight.rights',
      everywhere,
      (on) => rightsFor(on, stepsMake),
      (found) => rightsAreThere(found, publishingWarnings(plan), week.asksOfScrapes ? whyUntold(plan) : []),
    );
    const limits = limitsWanted(plan);
    // A plan that says nothing of them has no such row.
    if (limits.length > 0)
      await week.step(
        'preflight.limits',
        limits.map(({ machine }) => machine).join(', '),
        (on) =>
          Promise.all(
            limits.map(async ({ machine, stores }) => ({
              machine,
              has: await capacityOf(
                on(machine),
                stores.map(({ path }) => path),
              ),
            })),
          ),
        limitsFit(limits),
      );
    await week.step(
      'preflight.images',
      everywhere,
      async (on) => {
        const found = await Promise.all(
          imagesWanted(plan).map(async ({ machine, image }) => ({
            machine,
            image,
            is: await resolve(week, on(machine), machine, image),
          })),
        );
        return { found, versions: week.asksOfScrapes ? await versionsOf(week, on) : [] };
      },
      ({ found, versions }) => imagesAreHere(found, versions),
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
      (found) => namesResolve(plan.machines, patched('rows-can-fail'), (machine) => publishedAt(plan, machine))(found),
    );
    await week.step('preflight.judges', everywhere, async () => evaluateKnownBad(plan), rejectsKnownBad);
    await week.step(
      'preflight.agent-contract',
      everywhere,
      async (on) => {
        const showsErrors = patched('error-lines-are-seen');
        const scraped = week.asksOfScrapes ? await scrapesOf(week, on) : () => ({});
        return Promise.all(
          plan.agents.map(async (agent) => ({
            ...(await showOf(week, on(agent.machine), agent, showsErrors)),
            ...scraped(agent),
          })),
        );
      },
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
        week.keep('baseline', found);
        week.keep('bystanders', await bystandersOf(on, plan));
        const health = await healthOf(on, plan, 3_000);
        week.keep('unwell', whoIsUnwell(health));
        if (patched('rows-can-fail')) week.keep('targets', whoIsUp(health.targets ?? []));
        // In a history of before an undo is held against Phase 1.
        const before = patched('looks-at-what-was-before') && (await inUseBefore(on, plan, week.state.run));
        if (before) week.keep('before', before);
        return found;
      },
      (found) => baselineIsWhole(found, plan.watch.failedAtMost),
    );
  });
}

/** Null: its worker is of an earlier build, and does not know. */
async function capacityOf(on: MachineActivities, directories: string[]): Promise<Capacity | null> {
  return on.capacity({ directories }).catch((error: unknown) => {
    if (failureType(error) === 'NotFoundError') return null;
    throw error;
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
    programs: agents.map(programOf),
    images: [],
    partition: false,
    chown: false,
    stopWithin: Math.max(0, Math.min(plan.emergency.level2, plan.emergency.level3) - plan.migration.startWithin),
  };
}

function stepsNeed(plan: Plan, machine: string): RightsAsk {
  const services = plan.services.filter((service) => service.machine === machine);
  const access = accessOn(plan, machine);
  return {
    directories: services.flatMap((service) =>
      service.kind === 'central-hub' ? [] : service.directories.map((directory) => directory.path),
    ),
    files: services.flatMap((service) => (service.kind === 'central-hub' ? [service.config] : [])),
    programs: plan.agents.filter((agent) => agent.machine === machine).map(programOf),
    images: [],
    partition: plan.faults.allowed.includes('partition'),
    chown: true,
    ...(access && { access }),
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

async function resolve(week: Week, on: MachineActivities, machine: string, image: string) {
  const found = await on.ensureImage({ image });
  week.keep(`image ${image} on ${machine}`, found.digest ?? found.id);
  return found;
}
