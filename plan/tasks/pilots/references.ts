// What the plan must hold for the pilots: some, each with files of its own, and what their configuration names.
import { machineId } from '../../names.ts';
import { namedBy, programOf } from '../../schema/agent.ts';
import { pilotsOf, type Plan } from '../../schema/plan.ts';
import { unique, type Refuse } from '../../schema/refuse.ts';
import { subjectsFor } from '../shared/nats.ts';

/** Each agent has what its runner calls it by, and nothing that another does. */
export function references({ agents, services }: Plan, refuse: Refuse): void {
  agents.forEach((agent, index) => {
    const { runs, machine, log } = agent;
    for (const [other, key] of Object.entries(namedBy))
      if (other !== runs && agent[key] !== undefined)
        refuse(['agents', index, key], `nothing (runs: ${runs} goes by "${namedBy[runs]}", runs: ${other} by this)`);
    if (runs === 'supervisor' && log === undefined) refuse(['agents', index, 'log'], 'an absolute path');
    const service = services.find((one) => one.machine === machine && one.name === agent.container);
    if (service)
      refuse(['agents', index, 'container'], `a container of an agent: ${service.name} is a service of the plan`);
  });
}

/** A program that supervisord takes up anew is started anew, with all that are in its group. */
function environments(plan: Plan, refuse: Refuse): void {
  if (plan.migration.env.via !== 'supervisor') return;
  const other = pilotsOf(plan).find(({ runs, program }) => runs !== 'supervisor' || program?.includes(':'));
  if (other)
    refuse(
      ['migration', 'env', 'via'],
      `yaml, since ${other.name} is no program that supervisord runs by itself (${programOf(other)}),`,
    );
}

export function contradictions(plan: Plan, refuse: Refuse): void {
  const { agents, services, migration } = plan;
  const pilots = pilotsOf(plan);
  environments(plan, refuse);
  if (pilots.length === 0) refuse(['agents'], 'at least one agent with a wave, which is a pilot');
  if (pilots.length > 0 && !services.some(({ kind }) => kind === 'pushgateway'))
    refuse(['services'], 'a pushgateway: the configuration of the pilots names one');
  const edge = services.find(({ kind }) => kind === 'edge-hub');
  agents.forEach(({ wave, machine, name, peer }, index) => {
    if (wave !== undefined && edge && machine !== edge.machine)
      refuse(
        ['agents', index, 'machine'],
        `${edge.machine}, where ${edge.name} is, which scrapes the agents beside it, for a pilot,`,
      );
    if (peer === name) refuse(['agents', index, 'peer'], 'another agent');
  });
  const { primary, fallback, central } = migration.contract.activeHub ?? {};
  if (primary !== undefined && [fallback, central].includes(primary))
    refuse(
      ['migration', 'contract', 'activeHub'],
      'a primary that is neither its fallback nor its central: by it a pilot is known to have come back',
    );
  for (const machine of new Set(pilots.map((pilot) => pilot.machine)))
    if (subjectsFor(plan, machine).length === 0)
      refuse(
        ['messaging', 'streams'],
        `a subject in a stream's publishes that ends with .${machineId(machine)}, for the metrics of the pilots of ${machine}`,
      );
  files(plan, refuse);
  for (const key of Object.values(namedBy)) {
    const given = agents.flatMap((agent, index) => (agent[key] === undefined ? [] : [{ agent, index }]));
    unique(
      given.map(({ agent }) => `${agent.machine} ${agent[key]}`),
      (place) => refuse(['agents', given[place]!.index, key], 'one that no other agent of this machine has'),
    );
  }
}

/** Each file of a machine is one thing of one agent: what one of them writes, or the week for it, is not read as something else. */
function files({ agents }: Plan, refuse: Refuse): void {
  const known = agents.flatMap((agent, index) => {
    const { machine, name, wave, config } = agent;
    const named = (['config', 'log', 'acks'] as const).map((key) => ({ key, file: agent[key], made: '' }));
    const beside = ['.new', '.backup'].map((end) => ({ key: 'config' as const, file: `${config}${end}`, made: end }));
    return [...named, ...(wave === undefined ? [] : beside)]
      .filter(({ file }) => file !== undefined)
      .map((one) => ({ ...one, at: `${machine} ${one.file}`, index, name }));
  });
  const seen = new Map<string, (typeof known)[number]>();
  for (const one of known) {
    const other = seen.get(one.at);
    seen.set(one.at, other ?? one);
    if (!other) continue;
    const { index, key } = one;
    const made = [one, other].find((either) => either.made);
    if (made)
      refuse(
        ['agents', index, key],
        `a file of its own (the week puts ${made.file} beside the configuration of ${made.name})`,
      );
    else if (other.index === index) refuse(['agents', index], 'different files for config, log and acks');
    else refuse(['agents', index, key], 'one that no other agent of this machine has');
  }
}
