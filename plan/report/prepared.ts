// What is going to be done to a pilot, and what its new file looks like, for people: `hubshift show` and the report.
import type { PreparedDeployment } from '../machine-api/agents.ts';
import { utc } from '../schema/duration.ts';

/** The newest of each agent in a file of JSON lines, by name. What can't be read is not told. */
export function preparedIn(text = ''): PreparedDeployment[] {
  const newest = new Map<string, PreparedDeployment>();
  for (const line of text.split('\n')) {
    try {
      const one = JSON.parse(line) as PreparedDeployment;
      newest.set(one.agent, one);
    } catch {
      // The end of the file, or a line that a crash tore.
    }
  }
  return [...newest.values()].sort((a, b) => a.agent.localeCompare(b.agent));
}

export interface PreparedText {
  heading: string;
  /** Of one line each, in the order in which they are done. */
  commands: string[];
  check: string;
  /** Unified; empty where nothing changes. */
  difference: string;
}

export function preparedText(prepared: PreparedDeployment): PreparedText {
  const { agent, machine, at, anew, commands, difference, check } = prepared;
  const when = `prepared ${anew ? 'anew in the deployment ' : ''}${utc(at)}`;
  return { heading: `${agent} on ${machine}, ${when}`, commands, check: checkText(check), difference };
}

/** Where the report does not have them itself. */
export const elsewhere =
  '`hubshift show AGENT` has what is done to a pilot; so has the report that the control worker writes, and `hubshift report` on its machine.';

function checkText(check: PreparedDeployment['check']): string {
  if (!check)
    return 'the agent has none of its own (`check` in the plan): whether its new file loads is not known before the deployment';
  const said = check.output.trim().split('\n').at(-1) ?? '';
  return `${check.command.join(' ')}: ${check.ok ? 'loads it' : 'refuses it'}${said && `: ${said}`}`;
}
