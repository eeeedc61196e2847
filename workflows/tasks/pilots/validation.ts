// Task 2D: the whole architecture put to the test: 2D.failover.*, 2D.visibility.*, 2D.impact.*.
import type { Agent } from '../../../plan/schema/agent.ts';
import { agentTarget, placeOf, placesOf } from '../../../plan/schema/endpoints.ts';
import { pilotsOf, type Plan, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { trialsOf } from '../../../plan/tasks/pilots/trials.ts';
import { arrives } from '../../../plan/tasks/pilots/verdicts/deployment.ts';
import { failsOver, losesNothing, returns } from '../../../plan/tasks/pilots/verdicts/failover.ts';
import { correlates, inBothHubs } from '../../../plan/tasks/pilots/verdicts/visibility.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { selector } from '../../../plan/tasks/shared/promql.ts';
import { type BeforeAndAfter, impactWithin } from '../../../plan/tasks/shared/impact.ts';
import { seenIn } from '../../../plan/tasks/shared/targets.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { ifAllowed } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { everywhere, scrapedWithin } from '../shared/asks.ts';
import { beforeAndAfter, impactLimitsNow } from '../shared/impact.ts';
import { messagesOf, saysNats } from './checks.ts';
import { failOver } from './failover.ts';

/** What must be in place after the stop of EdgeHub before anything is compared. */
export async function validateWeek(week: Week): Promise<void> {
  const { plan } = week;
  const pilots = pilotsOf(plan);
  const edge = serviceOf(plan, 'edge-hub');
  const all = everywhere(plan);
  await week.task('2D', async () => {
    const overInTime = failsOver(plan.limits.failover.limit, plan.limits.failover.target);
    const [first, ...more] = trialsOf(plan);
    await ifAllowed(
      week,
      'edgehub-stop',
      [first!.id, '2D.failover.return', '2D.failover.no-loss'],
      edge.machine,
      (on) => failOver(week, on, first!, pilots, plan.faults.window),
      (found) => ({
        [first!.id]: overInTime(found),
        '2D.failover.return': returns(found),
        '2D.failover.no-loss': losesNothing(found),
      }),
    );
    for (const trial of more)
      await ifAllowed(
        week,
        trial.way === 'blackhole' ? 'partition' : 'edgehub-stop',
        [trial.id],
        edge.machine,
        (on) => failOver(week, on, trial, pilots, 0),
        (found) => {
          const [over, back, kept] = [overInTime(found), returns(found), losesNothing(found)];
          return {
            [trial.id]: every({ over, back, kept }, over.summary, {
              ...over.evidence,
              ...kept.evidence,
              returnedMs: back.evidence['returnedMs'] ?? null,
            }),
          };
        },
      );
    await week.step('2D.visibility.hubs', all, (on) => upInHubs(week, on, pilots), inBothHubs);
    await week.step(
      '2D.visibility.nats',
      all,
      async (on) =>
        Object.fromEntries(
          await Promise.all(
            pilots.map(async (pilot) => [pilot.name, await messagesOf(on, plan, pilot, Date.now() - 10_000)] as const),
          ),
        ),
      (found) =>
        every(
          Object.fromEntries(
            Object.entries(found).map(([agent, messages]) => [agent, arrives(2, saysNats(week))(messages)]),
          ),
          `health of ${pilots.length} agents flows over NATS`,
        ),
    );
    await week.step('2D.visibility.correlation', all, (on) => pointsOfView(on, plan, pilots), correlates);
    const limits = impactLimitsNow(week);
    const impacts = {
      '2D.impact.response': impactWithin(limits, ['response']),
      '2D.impact.resources': impactWithin(limits, ['resources']),
      '2D.impact.network': impactWithin(limits, ['network']),
    };
    const ids = Object.keys(impacts);
    const evaluated = (found: BeforeAndAfter) => Object.values(impacts).map((evaluate) => evaluate(found));
    await week.group(
      ids,
      all,
      (on) => beforeAndAfter(week, ids, on, evaluated),
      (found) => Object.fromEntries(evaluated(found).map((one, index) => [ids[index]!, one])),
    );
  });
}

/** Which hub scrapes which agent, found by where it is scraped: its labels are whatever the owner of a hub makes of them. */
export async function upInHubs(week: Week, on: On, agents: Agent[]) {
  const { plan } = week;
  if (!week.findsByPlace)
    return storedInHubs(on, plan, agents, (agent) => `${selector('up', { instance: placeOf(agent) })} == 1`);
  const at = placesOf(plan, agents);
  const found = await Promise.all(
    hubsOf(plan).map(async (hub) => {
      const withinMs = scrapedWithin(week, hub, plan.migration.freshWithin);
      const seen = await on(hub.machine).targets({ hub: hubTarget(hub), jobs: [], withinMs, at, oneIsEnough: true });
      return agents.map((agent) => seenIn(hub.name, agent, seen));
    }),
  );
  return found.flat();
}

/** As weeks of before look. */
export async function storedInHubs(on: On, plan: Plan, agents: Agent[], query: (agent: Agent) => string) {
  return Promise.all(
    agents.flatMap((agent) =>
      hubsOf(plan).map(async (hub) => {
        const ask = { hub: hubTarget(hub), query: query(agent), withinMs: plan.migration.freshWithin };
        const { series, error, unknown } = await on(hub.machine).query(ask);
        const why = error !== undefined && { why: error, ...(unknown && { unknown }) };
        return { agent: agent.name, hub: hub.name, isThere: series.length > 0, ...why };
      }),
    ),
  );
}

function hubsOf(plan: Plan) {
  return [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
}

const withoutIt = ({ from, status }: { from: string; status: unknown }) => ({ from, status });

/** The status that an agent reports, over HTTP from every machine and over NATS from every server. */
async function pointsOfView(on: On, plan: Plan, agents: Agent[]) {
  const servers = servicesOf(plan, 'nats');
  return Promise.all(
    agents.map(async (agent) => {
      const overHttp = plan.machines.map(async ({ name }) => {
        const ask = { url: agentTarget(agent), pointer: '/status', orAnswers: true, withinMs: 10_000 };
        const { value, answers } = await on(name).shown(ask);
        return { from: name, status: value, isThere: answers };
      });
      const overNats = messagesOf(on, plan, agent, Date.now() - 10_000).then((found) =>
        found.map(({ is }, index) => ({
          from: `NATS on ${servers[index]!.name}`,
          status: is.newest?.status ?? null,
          isThere: is.newest !== null,
        })),
      );
      const [http, nats] = await Promise.all([Promise.all(overHttp), overNats]);
      // Workers of before do not tell it of HTTP, and a history goes on as it began.
      const knows = http.every(({ isThere }) => isThere !== undefined);
      return { agent: agent.name, seen: [...http, ...(knows ? nats : nats.map(withoutIt))] };
    }),
  );
}
