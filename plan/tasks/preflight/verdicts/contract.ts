// Whether each agent can show what the week looks at.
import type { Entries } from '../../../logs/entries.ts';
import { whyUnseen } from '../../../logs/shown.ts';
import type { Shown } from '../../../machine-api/agents.ts';
import type { Plan } from '../../../schema/plan.ts';
import type { Evaluation } from '../../../week/record.ts';
import { uncheckedText } from '../../../week/warnings.ts';
import { healthy } from '../../pilots/verdicts/deployment.ts';
import { inconclusive, unlessSeen, warned } from '../../shared/verdict.ts';
import { functionsMissing, functionsOff, uncalledFirst } from '../functions.ts';

/** What an agent can show, found before the start. */
export interface Shows {
  agent: string;
  pilot: boolean;
  health: boolean;
  /** Why not. Weeks of before did not tell it. */
  why?: string;
  log: boolean;
  /** Why nobody can look for one. */
  whyNoLog?: string;
  activeHub: boolean;
  /** A list of hubs. Weeks of before did not ask for it, nor for the next two. */
  hubs?: boolean;
  /** Its whole health, as it is judged once it is moved. */
  shown?: Shown;
  /** What those of its functions answer that may be called before the week. */
  functions?: { name: string; is: Shown }[];
  acks: boolean;
  nats: boolean;
  check: boolean;
  /** A line of its log that states a level. Weeks of before did not ask for one. */
  logLine?: string | null;
  /** How many of its entries do; workers of before do not count them. */
  logEntries?: Entries;
  /** Why the week's hub would not scrape it, with the version that it has. */
  unscrapable?: string | undefined;
  /** The same, where that hub takes it and newer ones would not. */
  frowned?: string | undefined;
  /** Why CentralHub does not have it. */
  notInCentral?: string | undefined;
  /** Why nobody can tell. */
  unseenInCentral?: string | undefined;
}

/** A log in which errors are seen and a healthy /health are needed; rows that what is missing would support are named. */
export function contractIsKnown(plan: Pick<Plan, 'migration' | 'agents'>) {
  return (found: Shows[]): Evaluation => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const missing = found
      .filter((agent) => agent.pilot)
      .flatMap((agent) =>
        [
          (!agent.activeHub || agent.hubs === false) && `${agent.agent} dual-hub`,
          !agent.acks && `${agent.agent} failover and loss`,
          !agent.nats && `${agent.agent} nats`,
          ...functionsMissing(plan, agent.agent),
        ].filter((row): row is string => Boolean(row)),
      );
    const uncalled = found.flatMap((agent) => uncalledFirst(plan, agent));
    const unchecked = found.flatMap(({ agent, pilot, check }) => (pilot && !check ? [agent] : []));
    const asked = found.filter(({ log, logLine }) => log && logLine !== undefined);
    const unseen = new Map(
      asked.map(({ agent, logLine = null, logEntries }) => [
        agent,
        whyUnseen(
          plan,
          plan.agents.find(({ name }) => name === agent)!,
          logLine,
          logEntries,
        ),
      ]),
    );
    const seen = asked.filter(({ agent }) => unseen.get(agent) === null).map(({ agent }) => agent);
    const evaluated = unlessSeen(
      found.flatMap((agent) => [
        !agent.health && `${agent.agent} does not answer its health URL${agent.why ? `: ${agent.why}` : ''}`,
        unwellOf(agent),
        functionsOff(plan, agent),
        agent.unscrapable && `${agent.agent} can't be scraped: ${agent.unscrapable}`,
        agent.notInCentral && `${agent.agent} is not in CentralHub: ${agent.notInCentral}`,
        agent.pilot && !agent.log && `${agent.agent} has no log file${agent.whyNoLog ? `: ${agent.whyNoLog}` : ''}`,
        // Nobody watches the logs of the others.
        agent.pilot && unseen.get(agent.agent),
      ]),
      [...new Set(found.flatMap(({ unseenInCentral: why }) => (why ? [`CentralHub is not seen: ${why}`] : [])))],
      [
        `${found.length} agents${missing.length === 0 ? ', pilots show all that the week looks at' : ''}`,
        ...(asked.length > 0 ? [`an error would be seen in the log of ${seen.join(', ') || 'nobody'}`] : []),
      ].join('; '),
      {
        agents: found.length,
        unsupported: missing,
        metric: plan.migration.contract.acknowledged?.metric ?? null,
        ...(asked.length > 0 ? { errorsSeenOf: seen } : {}),
      },
    );
    if (evaluated.verdict !== 'pass') return evaluated;
    return warned(evaluated, [
      ...(missing.length > 0 ? [`inconclusive for want of evidence: ${missing.join(', ')}`] : []),
      ...(uncalled.length > 0
        ? [
            `${uncalled.join(', ')}: asked by POST, which might change something, so nobody knows before the week whether it answers as it should`,
          ]
        : []),
      ...(unchecked.length > 0 ? [uncheckedText(unchecked)] : []),
      ...found.flatMap(({ agent, frowned }) => (frowned === undefined ? [] : [`${agent}: ${frowned}`])),
    ]);
  };
}

/** Of one that answers. */
function unwellOf({ agent, health, shown }: Shows): string | false {
  if (!health || !shown) return false;
  const { verdict, summary } = healthy()(shown);
  return verdict !== 'pass' && `${agent}: ${summary}`;
}
