// Preflight: everything that can be known before the first change. Changes nothing but images that are missing.
import { patched } from '@temporalio/workflow';
import { whyNoProof } from '../../../plan/evidence/level-three.ts';
import type { Impact } from '../../../plan/machine-api/measure.ts';
import { promMs } from '../../../plan/schema/duration.ts';
import { hostsOf } from '../../../plan/schema/endpoints.ts';
import { type Plan, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { evaluateKnownBad, rejectsKnownBad } from '../../../plan/tasks/known-bad.ts';
import { makesOn } from '../../../plan/tasks/makes.ts';
import { editsOn, whyUntold } from '../../../plan/tasks/preflight/edits.ts';
import { limitsWanted, roomOn } from '../../../plan/tasks/preflight/limits.ts';
import { baselineIsWhole } from '../../../plan/tasks/preflight/verdicts/baseline.ts';
import { contractIsKnown } from '../../../plan/tasks/preflight/verdicts/contract.ts';
import { imagesAreHere } from '../../../plan/tasks/preflight/verdicts/images.ts';
import { limitsFit } from '../../../plan/tasks/preflight/verdicts/limits.ts';
import { machinesAgree } from '../../../plan/tasks/preflight/verdicts/machines.ts';
import { namesResolve } from '../../../plan/tasks/preflight/verdicts/names.ts';
import { rightsAreThere } from '../../../plan/tasks/preflight/verdicts/rights.ts';
import { topologyIsKnown } from '../../../plan/tasks/preflight/verdicts/topology.ts';
import { wayBackIsReady } from '../../../plan/tasks/preflight/verdicts/way-back.ts';
import { publishedAt, publishingWarnings } from '../../../plan/tasks/publishing.ts';
import { oldestOf } from '../../../plan/tasks/services.ts';
import { whoIsUnwell, whoIsUp } from '../../../plan/tasks/shared/health.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { tooOld, untold } from '../../../plan/tasks/shared/versions.ts';
import { levelThreeOnRecord } from '../../emergency/level-three.ts';
import { reports } from '../../machine/proxy.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { bystandersOf, healthOf, imageOn } from '../shared/asks.ts';
import { inUseBefore } from '../shared/before.ts';
import { impactAsk } from '../shared/impact.ts';
import { imagesWanted, resolve } from './images.ts';
import { capacityOf, steadiest } from './machines.ts';
import { stepsNeed, undoNeeds } from './needs.ts';
import { scrapesOf } from './scrapes.ts';
import { showOf } from './shows.ts';
import { versionsOf } from './versions.ts';

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
