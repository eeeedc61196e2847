// The files of others that the week edits on a machine: tried before it begins.
import type { HubFile, RightsAsk } from '../../machine-api/host.ts';
import { runnerIn } from '../../machine-api/runs.ts';
import { type Agent, logOf, programOf } from '../../schema/agent.ts';
import { pilotsOf, servicesOf, type Plan } from '../../schema/plan.ts';
import { dualHubSettings, environmentOf } from '../pilots/config.ts';
import { scrapeJobs } from '../pushgateways/scrape-jobs.ts';
import { hubTarget } from '../shared/hubs.ts';

export function editsOn(
  plan: Plan,
  machine: string,
): Pick<RightsAsk, 'edits' | 'hubFile' | 'moved' | 'running' | 'environments'> {
  const pilots = pilotsOf(plan).filter((pilot) => pilot.machine === machine);
  return {
    edits: pilotEdits(plan, pilots),
    ...hubFileOn(plan, machine),
    ...movedOf(pilots),
    ...(pilots.length > 0 && { running: pilots.map(programOf) }),
    ...environments(plan, pilots),
  };
}

function movedOf(pilots: Agent[]): Pick<RightsAsk, 'moved'> {
  const moved = pilots.flatMap((pilot) => {
    const [program, log] = [programOf(pilot), logOf(pilot)];
    if (runnerIn(program).runs === 'supervisor') return [];
    return [{ program, config: pilot.config, ...(pilot.log === undefined && { log }) }];
  });
  return moved.length > 0 ? { moved } : {};
}

function environments(plan: Plan, pilots: Agent[]): Pick<RightsAsk, 'environments'> {
  const { env } = environmentOf(plan);
  return env && pilots.length > 0 ? { environments: pilots.map((pilot) => ({ program: programOf(pilot), env })) } : {};
}

/** All pilots of a machine get the same settings, so they are sent once. */
function pilotEdits(plan: Plan, pilots: Agent[]): NonNullable<RightsAsk['edits']> {
  const [first] = pilots;
  if (!first) return [];
  try {
    const edit = { kind: 'dual-hub' as const, settings: dualHubSettings(plan, first) };
    const checks = pilots.flatMap((pilot) =>
      pilot.check ? [[pilot.config, { command: pilot.check, program: programOf(pilot) }] as const] : [],
    );
    return [
      {
        paths: pilots.map(({ config }) => config),
        edit,
        ...(checks.length > 0 && { checks: Object.fromEntries(checks) }),
      },
    ];
  } catch {
    // whyUntold() says it.
    return [];
  }
}

/** Why pilots can't be told what 2D tells them: a plan of version 1 may have no subject for their machine. */
export function whyUntold(plan: Plan): string[] {
  const why = pilotsOf(plan).flatMap((pilot) => {
    try {
      dualHubSettings(plan, pilot);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  return [...new Set(why)];
}

function hubFileOn(plan: Plan, machine: string): { hubFile?: HubFile } {
  const central = servicesOf(plan, 'central-hub').find((hub) => hub.machine === machine);
  const jobs = central ? scrapeJobs(plan, central.name) : [];
  if (!central || jobs.length === 0) return {};
  const [url, edit] = [hubTarget(central), { kind: 'scrape-jobs' as const, jobs }];
  return { hubFile: { url, path: central.config, container: central.name, lifecycle: central.lifecycle, edit } };
}
