// What an agent shows before the week: its health, its hubs, its functions, and whether its logs can be read.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, logOf } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import { callableFirst } from '../../../plan/tasks/preflight/functions.ts';
import type { Shows } from '../../../plan/tasks/preflight/verdicts/contract.ts';
import { failureText, failureType } from '../../machine/failures.ts';
import type { Week } from '../../week.ts';
import { functionsOf } from '../pilots/checks.ts';

const withinMs = 3_000;

export async function showOf(week: Week, on: MachineActivities, agent: Agent, showsErrors: boolean): Promise<Shows> {
  const { activeHub, nats } = week.plan.migration.contract;
  const [health, hub, log, acks, asPilot] = await Promise.all([
    on.probe({ url: agentTarget(agent), timeoutMs: withinMs }),
    activeHub ? on.shown({ url: agentTarget(agent, activeHub.path), pointer: activeHub.pointer, withinMs }) : null,
    isLogRead(agent) ? logFound(on, agent) : { log: false },
    agent.acks ? on.digestFile({ path: agent.acks }) : null,
    week.asksOfScrapes && agent.wave !== undefined ? shownAsPilot(week, on, agent) : {},
  ]);
  return {
    agent: agent.name,
    pilot: agent.wave !== undefined,
    health: health.ok,
    ...(!health.ok && { why: health.error ?? `answered ${health.status}` }),
    ...log,
    activeHub: hub?.found ?? false,
    acks: acks?.exists ?? false,
    nats: nats !== undefined,
    check: agent.check !== undefined,
    ...asPilot,
    ...(showsErrors && isLogRead(agent) && !('whyNoLog' in log) ? await levelsOf(on, agent) : {}),
  };
}

/** What 2D asks for, of an agent that is to pass there. */
async function shownAsPilot(
  { plan }: Week,
  on: MachineActivities,
  agent: Agent,
): Promise<Pick<Shows, 'hubs' | 'shown' | 'functions'>> {
  const { hubs } = plan.migration.contract;
  const [list, shown, functions] = await Promise.all([
    hubs ? on.shown({ url: agentTarget(agent, hubs.path), pointer: hubs.pointer, withinMs }) : null,
    on.shown({ url: agentTarget(agent), pointer: '/', orAnswers: true, withinMs }),
    functionsOf(on, { ...agent, functions: callableFirst(agent) }, withinMs),
  ]);
  return { hubs: list !== null && list.found && Array.isArray(list.value), shown, functions };
}

/** What its runner keeps is read of a pilot alone. */
function isLogRead({ log, wave }: Agent): boolean {
  return log !== undefined || wave !== undefined;
}

async function logFound(on: MachineActivities, agent: Agent): Promise<Pick<Shows, 'log' | 'whyNoLog'>> {
  if (agent.log !== undefined) return { log: (await on.digestFile({ path: agent.log })).exists };
  try {
    const { place } = await on.logOffset({ path: logOf(agent) });
    return { log: place !== undefined && place.inode !== 0 };
  } catch (error) {
    if (failureType(error) === undefined) throw error;
    return { log: false, whyNoLog: failureText(error) };
  }
}

async function levelsOf(on: MachineActivities, agent: Agent): Promise<Pick<Shows, 'logLine' | 'logEntries'>> {
  const { line, entries } = await on.logLine({ path: logOf(agent) });
  return { logLine: line, ...(entries && { logEntries: entries }) };
}
