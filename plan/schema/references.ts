// What one line of a plan can't say alone: names that are there, names and ports that nobody else has, and what each task wants.
import type { z } from 'zod';
import { inOrder } from './days.ts';
import { personOf } from '../evidence/approvals.ts';
import { unique, type Refuse } from './refuse.ts';
import { humanDuration } from './duration.ts';
import { refuseListen } from './listen.ts';
import { isMade, Plan } from './plan.ts';
import { purposes } from './purposes.ts';
import { refuseCollisions } from './collisions.ts';
import { renders } from './renders.ts';
import { refuseSameIds } from './row-ids.ts';
import { portsOf } from '../tasks/services.ts';
import { spelt } from '../addresses.ts';
import { accessOf, refuseAccess, refuseFiles } from '../tasks/shared/access.ts';
import { refuseStrangeSecrets } from '../tasks/web-directories.ts';
import { tasks } from '../tasks/index.ts';
import { stepOf, tasksIn } from '../tasks/steps.ts';

/** Pilots of one wave on one machine: they are moved and watched side by side. */
const pilotsAtOnce = 100;

type Check = (plan: Plan, refuse: Refuse) => void;

const references: Check[] = [
  names,
  adoptions,
  holds,
  machines,
  refuseListen,
  notices,
  approvers,
  peers,
  waves,
  ports,
  inOrder,
  ...tasks.flatMap(({ references = [] }) => references),
];

const contradictions: Check[] = [
  faultTimes,
  windows,
  targets,
  refuseCollisions,
  ...tasks.flatMap(({ contradictions = [] }) => contradictions),
];

/** Of keys that no plan of before has. */
const ofAnyVersion: Check[] = [access, ...tasks.flatMap(({ accesses = [] }) => accesses)];

/** A plan that holds together: a week of it can be looked at and undone. */
export const CheckedPlan = Plan.superRefine((plan, context) => refuseWith(references, [purposes], plan, context));

/** A plan that a week may begin with: its keys do not contradict each other either. Those of version 1 are as valid as they were. */
export const SoundPlan = Plan.superRefine((plan, context) =>
  plan.version === 1
    ? refuseWith([...references, ...ofAnyVersion], [purposes], plan, context)
    : refuseWith(
        [...references, ...ofAnyVersion, ...contradictions],
        [purposes, refuseSameIds, renders],
        plan,
        context,
      ),
);

/** `whole` are those that rest on the others. */
function refuseWith(checks: Check[], whole: Check[], plan: Plan, context: z.RefinementCtx): void {
  let isSound = true;
  const refuse: Refuse = (path, message) => {
    isSound = false;
    context.addIssue({ code: 'custom', path, message });
  };
  for (const check of checks) check(plan, refuse);
  if (isSound) for (const check of whole) check(plan, refuse);
}

function names({ machines, services, agents }: Plan, refuse: Refuse): void {
  unique(
    machines.map((machine) => machine.name.toLowerCase()),
    (index) => refuse(['machines', index, 'name'], 'a name that no other machine has (case is ignored)'),
  );
  unique(
    machines.map((machine) => spelt(machine.address)),
    (index) => refuse(['machines', index, 'address'], 'an address that no other machine has'),
  );
  unique(
    services.map((service) => service.name),
    (index) => refuse(['services', index, 'name'], 'a name that no other service has'),
  );
  unique(
    agents.map((agent) => agent.name),
    (index) => refuse(['agents', index, 'name'], 'a name that no other agent has'),
  );
}

function adoptions({ adopt, services, messaging }: Plan, refuse: Refuse): void {
  const known = [...services.filter(isMade), ...messaging.streams].map((made) => made.name);
  adopt.forEach((named, index) => {
    if (!known.includes(named))
      refuse(['adopt', index], `a service or stream that the plan makes: ${known.join(', ')}`);
  });
}

function holds(plan: Plan, refuse: Refuse): void {
  plan.holdBefore.forEach((before, index) => {
    if (!tasksIn(plan).some((task) => task === before) && !stepOf(plan, before))
      refuse(
        ['holdBefore', index],
        `a task of the plan (${tasksIn(plan).join(', ')}) or a row of it, by the id that a report has`,
      );
  });
}

/** Every service and agent is on a machine of the plan. */
function machines({ machines: known, services, agents }: Plan, refuse: Refuse): void {
  const wanted = `one of the plan's machines: ${known.map(({ name }) => name).join(', ')}`;
  for (const [list, items] of Object.entries({ services, agents }))
    items.forEach(({ machine }, index) => {
      if (!known.some(({ name }) => name === machine)) refuse([list, index, 'machine'], wanted);
    });
}

/** Each is a call of somebody, and a few entries in the week's history. */
const remindAtLeast = 60_000;

function notices({ notify: { channels, routes, escalate, remindEvery } }: Plan, refuse: Refuse): void {
  const known = channels.map((channel) => channel.name);
  const wanted =
    known.length > 0
      ? `one of the plan's channels: ${known.join(', ')}`
      : 'nobody (routes: {}), since the plan has no channels,';
  if (typeof remindEvery === 'number' && remindEvery < remindAtLeast)
    refuse(['notify', 'remindEvery'], 'a minute or more, or never,');
  unique(known, (index) => refuse(['notify', 'channels', index, 'name'], 'a name that no other channel has'));
  channels.forEach((channel, index) => {
    const wrong = wrongUrl(channel);
    if (wrong) refuse(['notify', 'channels', index, 'url'], wrong);
  });
  for (const [kind, targets] of Object.entries(routes))
    targets.forEach((target, index) => {
      if (!known.includes(target)) refuse(['notify', 'routes', kind, index], wanted);
    });
  escalate.forEach(({ to }, step) =>
    to.forEach((target, index) => {
      if (!known.includes(target)) refuse(['notify', 'escalate', step, 'to', index], wanted);
    }),
  );
}

function wrongUrl({ kind, url }: Plan['notify']['channels'][number]): string | undefined {
  const asked = 'by http or https, and with no name or password in it';
  const isAsked = url !== undefined && /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(url);
  switch (kind) {
    case 'pagerduty':
      return url === undefined || isAsked
        ? undefined
        : `where PagerDuty takes events, such as https://events.eu.pagerduty.com/v2/enqueue: ${asked}`;
    case 'grafana':
      return isAsked ? undefined : `Grafana's address, such as https://grafana.example.org: ${asked}`;
    default:
      return url && 'nothing: the URL of this kind is its secret, and stands in the environment';
  }
}

/** Nobody is waited for who could not come. */
function approvers({ gate: { approvals, approvers: named } }: Plan, refuse: Refuse): void {
  if (!named) return;
  const people = named.map(personOf);
  unique(people, (index) => refuse(['gate', 'approvers', index], 'a person who is not named twice (case is ignored)'));
  people.forEach((person, index) => {
    if (!person) refuse(['gate', 'approvers', index], 'the name of a person (nothing of it can be seen)');
  });
  const known = new Set(people.filter(Boolean)).size;
  if (known < approvals)
    refuse(['gate', 'approvers'], `at least as many people as approvals are needed, ${approvals} (gate.approvals),`);
}

/** How targets are asked: each for itself, and its files. */
function access(plan: Plan, refuse: Refuse): void {
  plan.services.forEach((service, index) => {
    refuseAccess(accessOf(service), ['services', index], refuse);
  });
  plan.agents.forEach((agent, index) => refuseAccess(agent, ['agents', index], refuse));
  refuseFiles(plan, refuse);
  refuseStrangeSecrets(plan, refuse);
}

function peers({ agents }: Plan, refuse: Refuse): void {
  agents.forEach(({ peer }, index) => {
    if (peer && !agents.some(({ name }) => name === peer))
      refuse(['agents', index, 'peer'], "the name of one of the plan's agents");
  });
}

function waves({ agents }: Plan, refuse: Refuse): void {
  const inWave = new Map<string, number>();
  agents.forEach(({ machine, wave }, index) => {
    if (wave === undefined) return;
    const count = (inWave.get(`${machine} ${wave}`) ?? 0) + 1;
    inWave.set(`${machine} ${wave}`, count);
    if (count === pilotsAtOnce + 1)
      refuse(
        ['agents', index, 'wave'],
        `at most ${pilotsAtOnce} pilots of one wave on a machine: they are moved and watched side by side`,
      );
  });
}

/** A fault is lifted by the week; its limit is for when nobody does. */
function faultTimes({ faults, rehearsal }: Plan, refuse: Refuse): void {
  const wanted = `at most faults.limit, which lifts a fault by itself after ${humanDuration(faults.limit)}`;
  if (faults.window > faults.limit) refuse(['faults', 'window'], wanted);
  if (rehearsal.faultWindow > faults.limit) refuse(['rehearsal', 'faultWindow'], wanted);
}

/** In each window something is sampled, and in each slice of it. */
function windows({ watch }: Plan, refuse: Refuse): void {
  const { slice, observation, soak, sampleInterval } = watch;
  for (const [key, long] of Object.entries({ slice, observation, soak }))
    if (long < sampleInterval)
      refuse(['watch', key], `at least watch.sampleInterval, ${humanDuration(sampleInterval)},`);
}

/** What is aimed at is no worse than what is still good. */
function targets({ limits }: Plan, refuse: Refuse): void {
  for (const [key, limit] of Object.entries(limits))
    if (typeof limit === 'object' && 'target' in limit && limit.target > limit.limit)
      refuse(['limits', key, 'target'], 'at most its limit');
}

function ports({ services, agents }: Plan, refuse: Refuse): void {
  const held = [
    ...services.flatMap((service, index) =>
      portsOf(service).map(({ host }) => ({ on: `${service.machine}:${host}`, path: ['services', index] })),
    ),
    ...agents.map(({ machine, port }, index) => ({ on: `${machine}:${port}`, path: ['agents', index, 'port'] })),
  ];
  unique(
    held.map(({ on }) => on),
    (index) =>
      refuse(
        held[index]!.path,
        `a port that nothing else of the plan holds on this machine; ${held[index]!.on} is taken twice`,
      ),
  );
}
