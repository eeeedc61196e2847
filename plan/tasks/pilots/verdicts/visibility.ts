// Verdicts of all pilots together: seen alike from every machine, and found in both hubs.
import type { Evaluation } from '../../../week/record.ts';
import { every, inconclusive, unless } from '../../shared/verdict.ts';

/** The same state, seen over HTTP and over NATS, from every machine. */
export function correlates(found: { agent: string; seen: { from: string; status: unknown }[] }[]): Evaluation {
  if (found.length === 0) return inconclusive('no agent was looked at');
  return every(
    Object.fromEntries(
      found.map(({ agent, seen }) => {
        const states = [...new Set(seen.map(({ status }) => String(status)))];
        if (seen.length < 2 || seen.some(({ status }) => status === null || status === undefined))
          return [
            agent,
            inconclusive(
              `seen only from ${
                seen
                  .filter(({ status }) => status !== null && status !== undefined)
                  .map(({ from }) => from)
                  .join(', ') || 'nowhere'
              }`,
            ),
          ];
        return [
          agent,
          unless(
            [states.length > 1 && seen.map(({ from, status }) => `${from}: ${String(status)}`).join(', ')],
            `${states[0]} from ${seen.length} points of view`,
            { [agent]: states },
          ),
        ];
      }),
    ),
    `${found.length} agents seen alike from ${found[0]?.seen.length ?? 0} points of view`,
  );
}

/** Each agent is in each hub: it scrapes it, and gets an answer. `why` it does not, where that is known. */
export function inBothHubs(found: { agent: string; hub: string; isThere: boolean; why?: string }[]): Evaluation {
  if (found.length === 0) return inconclusive('no agent was looked for');
  const hubs = [...new Set(found.map(({ hub }) => hub))];
  return unless(
    [
      hubs.length < 2 && 'only one hub was asked',
      ...found
        .filter(({ isThere }) => !isThere)
        .map(({ agent, hub, why }) => `${agent} is not in ${hub}${why === undefined ? '' : `: ${why}`}`),
    ],
    `${found.length / Math.max(1, hubs.length)} agents in ${hubs.join(' and ')}`,
    { agents: [...new Set(found.map(({ agent }) => agent))].slice(0, 8) },
  );
}
