// What agents leave out: they go by their name, and what programs write is beside their configuration. Of a container Docker keeps it.
import { isRunner, type RunnerName } from '../../machine-api/runs.ts';
import { namedBy } from '../../schema/agent.ts';
import { derived, listOf, usual, type Fallbacks, type Raw, type Written } from '../../schema/fallback.ts';
import { textOf } from '../shared/fallbacks.ts';

export function fallbacks({ plan }: Written): Fallbacks {
  return {
    agents: listOf(plan['agents']).map((agent) => ({
      kind: agent['wave'] === undefined ? usual('bystander') : derived('name', textOf(agent, 'name')),
      [keyOf(agent)]: derived('name', textOf(agent, 'name')),
      ...(keyOf(agent) === 'program' ? logsOf(agent) : {}),
    })),
  };
}

function keyOf({ runs }: Raw): (typeof namedBy)[RunnerName] {
  return isRunner(runs) ? namedBy[runs] : 'program';
}

/** Of an agent with `DIRECTORY/config/FILE`. One that says where its log is has no acks but those that it names. */
function logsOf(agent: Raw): { [key: string]: Fallbacks } {
  const directory = /^(.*)\/config\/[^/]+$/.exec(textOf(agent, 'config'))?.[1];
  if (directory === undefined || agent['log'] !== undefined) return {};
  const log = `${directory}/logs/${textOf(agent, 'name')}`;
  return { log: derived('config and name', `${log}.log`), acks: derived('config and name', `${log}.acks.jsonl`) };
}
