// How agents are scraped: by CentralHub, which has them as targets, and by EdgeHub, which will ask those beside it for their metrics.
import type { MetricsPage } from '../../../plan/machine-api/prometheus.ts';
import type { Agent } from '../../../plan/schema/agent.ts';
import { agentTarget, placesOf } from '../../../plan/schema/endpoints.ts';
import { pilotsOf, serviceOf } from '../../../plan/schema/plan.ts';
import { isStrict, scrapable } from '../../../plan/tasks/preflight/scrapable.ts';
import type { Shows } from '../../../plan/tasks/preflight/verdicts/contract.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { seenIn } from '../../../plan/tasks/shared/targets.ts';
import { failureType } from '../../machine/failures.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { scrapedWithin } from '../shared/asks.ts';

type Scraped = Pick<Shows, 'unscrapable' | 'frowned' | 'notInCentral' | 'unseenInCentral'>;

const answerMs = 5_000;

export async function scrapesOf(week: Week, on: On): Promise<(agent: Agent) => Scraped> {
  const { plan } = week;
  const [central, edge] = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  const pilots = pilotsOf(plan);
  const beside = plan.agents.filter(({ machine }) => machine === edge.machine);
  const [seen, pages] = await Promise.all([
    on(central.machine).targets({
      hub: hubTarget(central),
      jobs: [],
      at: placesOf(plan, pilots),
      // It may have been started a moment ago.
      withinMs: scrapedWithin(week, central, answerMs),
      oneIsEnough: true,
    }),
    pagesOf(on, edge.machine, beside),
  ]);
  const everyMs = seen.targets.map(({ everyMs: its = 0 }) => its);
  week.keep('centralScrapesEvery', Math.max(week.fact('centralScrapesEvery') ?? 0, ...everyMs));
  const strict = isStrict(week.fact(`version of ${edge.name}`));
  return (agent) => {
    const page = pages[agent.name];
    const { not, strictly } = page ? scrapable(page) : {};
    const { why, unknown }: Partial<ReturnType<typeof seenIn>> = pilots.includes(agent)
      ? seenIn(central.name, agent, seen)
      : {};
    return {
      unscrapable: not ?? (strict ? strictly : undefined),
      frowned: strict ? undefined : strictly,
      notInCentral: unknown ? undefined : why,
      unseenInCentral: unknown ? why : undefined,
    };
  };
}

/** Of a worker of an earlier build none. */
async function pagesOf(on: On, machine: string, agents: Agent[]): Promise<Record<string, MetricsPage>> {
  if (agents.length === 0) return {};
  const pages = Object.fromEntries(agents.map((agent) => [agent.name, agentTarget(agent, '/metrics')]));
  return on(machine)
    .metricsPages({ pages, withinMs: answerMs })
    .catch((error: unknown) => {
      if (failureType(error) === 'NotFoundError') return {};
      throw error;
    });
}
