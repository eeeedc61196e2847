// The targets of a hub: what verdicts call them, and where they are scraped.
import type { PrometheusActivities, Target } from '../../machine-api/prometheus.ts';
import type { Agent } from '../../schema/agent.ts';
import { humanDuration } from '../../schema/duration.ts';
import { placeOf } from '../../schema/endpoints.ts';

export function targetName({ job, instance }: Pick<Target, 'job' | 'instance'>): string {
  return `target ${job} ${instance}`;
}

/** Labels are whatever the owner of the hub makes of them; workers of before know the instance alone. */
export function scrapedAt({ address, instance }: Pick<Target, 'address' | 'instance'>): string {
  return address ?? instance;
}

/** Names of machines are so whatever their case. */
export function isScrapedAt(target: Pick<Target, 'address' | 'instance'>, place: string): boolean {
  return scrapedAt(target).toLowerCase() === place.toLowerCase();
}

/** An agent among the targets of a hub, and why it is not seen there. */
export function seenIn(
  hub: string,
  agent: Agent,
  { targets, waitedMs, error, unknown }: Awaited<ReturnType<PrometheusActivities['targets']>>,
) {
  const its = targets.filter((target) => isScrapedAt(target, placeOf(agent)));
  const isThere = its.some(({ health }) => health === 'up');
  const [down] = its;
  const why = down
    ? `its ${targetName(down)} is ${down.health} after ${humanDuration(waitedMs)}${down.lastError && `: ${down.lastError}`}`
    : (error ?? `it scrapes nothing at ${placeOf(agent)}`);
  return { agent: agent.name, hub, isThere, ...(!isThere && { why, ...(unknown && { unknown }) }) };
}
