// How the agents of this machine are after their rollback, as the week asks it: by their health.
import { programOf } from '../../plan/schema/agent.ts';
import type { Host } from '../../activities/context/host.ts';
import { awaitReady, probe } from '../../activities/http/probe.ts';
import { agentTarget } from '../../plan/schema/endpoints.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { Undone } from '../../plan/week/undo.ts';
import { variablesOfAccess } from '../../plan/schema/access.ts';
import { columns } from '../show/text.ts';

/** How long an agent that was started again may take. */
const backWithinMs = 15_000;
const onceMs = 2_000;

export interface Health {
  lines: string[];
  /** Those that the run had changed. What ails another is not the run's, and only named. */
  unwell: string[];
  /** Those of them that nobody can see, and with what this shell could. */
  unseen: { name: string; wants: string[] }[];
}

export async function healthOf(plan: Plan, host: Host, undone: Undone[], withinMs = backWithinMs): Promise<Health> {
  const changed = new Set(undone.filter(({ kind }) => kind === 'agent.restore').map(({ target }) => target));
  const found = await Promise.all(
    plan.agents
      .filter(({ machine }) => machine === host.machine)
      .map(async (agent) => {
        const isOurs = changed.has(programOf(agent));
        const target = host.reach(host.own(agentTarget(agent)));
        // A shell has not what the worker has, and waits for it in vain.
        const wants = variablesOfAccess(agent).filter((name) => !process.env[name]);
        const isAwaited = isOurs && wants.length === 0;
        const { ok, status, error, unknown } = await (isAwaited ? awaitReady(target, withinMs) : probe(target, onceMs));
        const said = ok ? '' : (error ?? `its health answers ${status}`);
        return { name: agent.name, isOurs, is: ok ? 'healthy' : unknown ? 'unknown' : 'unwell', said, wants };
      }),
  );
  const ours = (is: string) => found.filter((one) => one.isOurs && one.is === is);
  return {
    lines: columns(
      found.map(({ name, isOurs, is, said }) => [
        `  ${is}`,
        name,
        is === 'healthy' || isOurs ? said : `${said} (the run has not changed it)`,
      ]),
    ),
    unwell: ours('unwell').map(({ name }) => name),
    unseen: ours('unknown').map(({ name, wants }) => ({ name, wants })),
  };
}
