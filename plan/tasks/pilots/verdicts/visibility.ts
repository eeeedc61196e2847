// Verdicts of all pilots together: seen alike from every machine, and found in both hubs.
import type { Evaluation } from '../../../week/record.ts';
import { every, inconclusive, unless, unlessSeen } from '../../shared/verdict.ts';

/** What an agent says of itself, as it is seen from somewhere; `isThere`: it is, whatever it says. */
interface SeenFrom {
  from: string;
  status: unknown;
  isThere?: boolean;
}

/** The same state, seen over HTTP and over NATS, from every machine. An agent need not tell one: then it is there for all of them. */
export function correlates(found: { agent: string; seen: SeenFrom[] }[]): Evaluation {
  if (found.length === 0) return inconclusive('no agent was looked at');
  return every(
    Object.fromEntries(
      found.map(({ agent, seen }) => {
        const tells = ({ status }: SeenFrom) => status !== null && status !== undefined;
        const states = [...new Set(seen.filter(tells).map(({ status }) => String(status)))];
        const sees = seen.filter((one) => tells(one) || one.isThere);
        if (seen.length < 2 || sees.length < seen.length)
          return [agent, inconclusive(`seen only from ${sees.map(({ from }) => from).join(', ') || 'nowhere'}`)];
        return [
          agent,
          unless(
            [states.length > 1 && seen.map(({ from, status }) => `${from}: ${String(status)}`).join(', ')],
            `${states[0] ?? 'there'} from ${seen.length} points of view`,
            { [agent]: states },
          ),
        ];
      }),
    ),
    `${found.length} agents seen alike from ${found[0]?.seen.length ?? 0} points of view`,
  );
}

/** Each agent is in each hub: it scrapes it, and gets an answer. `why` it does not, where that is known; or nobody could see, where it is `unknown`. */
export function inBothHubs(
  found: { agent: string; hub: string; isThere: boolean; why?: string; unknown?: true }[],
): Evaluation {
  if (found.length === 0) return inconclusive('no agent was looked for');
  const hubs = [...new Set(found.map(({ hub }) => hub))];
  return unlessSeen(
    [
      hubs.length < 2 && 'only one hub was asked',
      ...found
        .filter(({ isThere, unknown }) => !isThere && !unknown)
        .map(({ agent, hub, why }) => `${agent} is not in ${hub}${why === undefined ? '' : `: ${why}`}`),
    ],
    [...new Set(found.flatMap(({ hub, why, unknown }) => (unknown ? [`${hub} is not seen: ${why}`] : [])))],
    `${found.length / Math.max(1, hubs.length)} agents in ${hubs.join(' and ')}`,
    { agents: [...new Set(found.map(({ agent }) => agent))].slice(0, 8) },
  );
}
