// What a machine must allow: to the undo of its pilots, and to the steps of the week.
import type { RightsAsk } from '../../../plan/machine-api/host.ts';
import { programOf } from '../../../plan/schema/agent.ts';
import { pilotsOf, type Plan } from '../../../plan/schema/plan.ts';
import { accessOn } from '../../../plan/tasks/preflight/access.ts';

export function undoNeeds(plan: Plan, machine: string): RightsAsk {
  const agents = pilotsOf(plan).filter((agent) => agent.machine === machine);
  const directories = [...new Set(agents.map((agent) => agent.config.replace(/\/[^/]+$/, '')))];
  return {
    directories,
    files: agents.map((agent) => agent.config),
    programs: agents.map(programOf),
    images: [],
    partition: false,
    chown: false,
    stopWithin: Math.max(0, Math.min(plan.emergency.level2, plan.emergency.level3) - plan.migration.startWithin),
  };
}

export function stepsNeed(plan: Plan, machine: string): RightsAsk {
  const services = plan.services.filter((service) => service.machine === machine);
  const access = accessOn(plan, machine);
  return {
    directories: services.flatMap((service) =>
      service.kind === 'central-hub' ? [] : service.directories.map((directory) => directory.path),
    ),
    files: services.flatMap((service) => (service.kind === 'central-hub' ? [service.config] : [])),
    programs: plan.agents.filter((agent) => agent.machine === machine).map(programOf),
    images: [],
    partition: plan.faults.allowed.includes('partition'),
    chown: true,
    ...(access && { access }),
  };
}
