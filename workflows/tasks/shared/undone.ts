// What several tasks look at after a rollback.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import type { Target } from '../../../plan/machine-api/prometheus.ts';
import { type Machine, pilotsOf, type Plan } from '../../../plan/schema/plan.ts';
import type { TaskName } from '../../../plan/tasks/names.ts';
import { noWorse } from '../../../plan/tasks/shared/health.ts';
import { scrapedAt, targetName } from '../../../plan/tasks/shared/targets.ts';
import { beforeOf, changesOf, hubsOf, mustBeBack } from '../../../plan/tasks/shared/own-changes.ts';
import {
  centralOnly,
  containersGone,
  directoriesGone,
  postsToPeers,
  type HeardByPeer,
  type Results,
  type UsesHubs,
} from '../../../plan/tasks/shared/undone.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import type { AgentBefore } from '../../../plan/week/facts.ts';
import { planWithout } from '../../../plan/week/without.ts';
import type { Week } from '../../week.ts';
import type { AfterUndo, Look, On } from '../contract.ts';
import { healthOfWeek, unwell } from './asks.ts';

/** How long what was undone may take until it shows. */
export const backWithinMs = 15_000;

/** What a pilot shows of its hubs, once it is on CentralHub, or the one of before, or the time is over. */
export async function hubsAfter(
  m: MachineActivities,
  plan: Plan,
  pilot: Agent,
  before?: AgentBefore,
  changed = true,
): Promise<UsesHubs> {
  const { activeHub, hubs } = plan.migration.contract;
  const held = { agent: pilot.name, before, changed };
  if (!activeHub) return { ...held, active: null, hubs: null };
  const [active, list] = await Promise.all([
    m.shown({
      url: agentTarget(pilot, activeHub.path),
      pointer: activeHub.pointer,
      want: mustBeBack(changed, before?.hub) ? hubsOf(activeHub, before) : undefined,
      withinMs: backWithinMs,
    }),
    hubs ? m.shown({ url: agentTarget(pilot, hubs.path), pointer: hubs.pointer, withinMs: backWithinMs }) : null,
  ]);
  return { ...held, active, hubs: list };
}

export async function running<T extends { name: string; machine: string }>(on: On, services: T[]): Promise<T[]> {
  const states = await Promise.all(services.map(({ name, machine }) => on(machine).inspectContainer({ name })));
  return services.filter((_, index) => states[index]?.running);
}

/** When the health of each pilot with a peer last came in there: asked until it is newer than `sinceMs`, or the time is over. */
export async function peersHear(
  on: On,
  plan: Plan,
  sinceMs: number,
  held: (pilot: Agent) => Pick<HeardByPeer, 'before' | 'changed'> = () => ({}),
): Promise<HeardByPeer[]> {
  const { peers } = plan.migration.contract;
  const posting = pilotsOf(plan).flatMap((pilot) =>
    plan.agents.filter(({ name }) => name === pilot.peer).map((peer) => ({ pilot, peer })),
  );
  if (!peers) return [];
  return Promise.all(
    posting.map(async ({ pilot, peer }) => {
      const { before, changed } = held(pilot);
      const isAwaited = before?.posts !== false && mustBeBack(changed, before?.posts);
      const pointer = `${peers.pointer === '/' ? '' : peers.pointer}/${pilot.name}/receivedAt`;
      const { value } = await on(peer.machine).shown({
        url: agentTarget(peer, peers.path),
        pointer,
        after: new Date(sinceMs).toISOString(),
        withinMs: isAwaited ? backWithinMs : 0,
      });
      const seen = typeof value === 'string' ? Date.parse(value) : null;
      return { agent: pilot.name, peer: peer.name, seen, before, changed };
    }),
  );
}

/** What an undo row is held against. */
type Held = Pick<AfterUndo, 'ofThisRun' | 'changed' | 'moved' | 'before' | 'unwell'>;

/** What this run changed must be as it was before it. */
function heldAgainstThisRun(week: Week, undone: Results): Held {
  const changed = changesOf(undone, week.state);
  const deployments = new Map(
    stepsOf(week.plan).flatMap(({ id, deploys, ofAgent }) => (deploys && ofAgent ? [[ofAgent, id] as const] : [])),
  );
  return {
    ofThisRun: true,
    changed,
    moved: (agent) =>
      changed(
        { kind: 'agent.restore', target: programOf(agent), machine: agent.machine },
        deployments.get(agent.name) ?? '',
      ),
    before: week.fact('before'),
    unwell: unwell(week),
  };
}

/** As all was held against Phase 1 before. */
const heldAgainstPhase1: Held = { ofThisRun: false, changed: () => true, moved: () => true, unwell: [] };

/** `gone`: machines that it went without. */
export function afterUndo(
  week: Week,
  undone: Results,
  sinceMs: number,
  { gone, ofThisRun }: { gone: readonly string[]; ofThisRun: boolean },
): AfterUndo {
  const held = ofThisRun ? heldAgainstThisRun(week, undone) : heldAgainstPhase1;
  const heldOf = (pilot: Agent) => ({ before: beforeOf(held.before, pilot.name), changed: held.moved(pilot) });
  const plan = planWithout(week.plan, gone);
  const isOf = targetsOf(week.plan.machines.filter(({ name }) => gone.includes(name)));
  const pilots = pilotsOf(plan);
  return {
    week,
    plan,
    undone,
    sinceMs,
    ...held,
    healthy: once(async (on) => {
      const { targets, ...others } = await healthOfWeek(week, on, plan);
      const theirs = (targets ?? []).filter(isOf).map(targetName);
      const wereUp = week
        .fact('targets')
        ?.filter((name) => !theirs.includes(name) && !isOf({ instance: name.slice(name.lastIndexOf(' ') + 1) }));
      return noWorse(
        unwell(week),
        wereUp,
      )({ targets: targets && targets.filter((target) => !isOf(target)), ...others });
    }),
    onCentral: once(async (on) =>
      centralOnly(plan.migration.contract.activeHub?.central ?? '')(
        await Promise.all(
          pilots.map((pilot) => {
            const { before, changed } = heldOf(pilot);
            return hubsAfter(on(pilot.machine), plan, pilot, before, changed);
          }),
        ),
      ),
    ),
    byHttp: once(async (on) => postsToPeers(sinceMs)(await peersHear(on, plan, sinceMs, heldOf))),
  };
}

/** What CentralHub asks of machines that are gone: that it gets no answer there is no news. */
function targetsOf(machines: Machine[]): (target: Pick<Target, 'instance' | 'address'>) => boolean {
  const hosts = machines
    .flatMap(({ name, address }) => [name, address, `[${address}]`])
    .map((host) => `${host.toLowerCase()}:`);
  return (target) => hosts.some((host) => scrapedAt(target).toLowerCase().startsWith(host));
}

/** Two rows that rest on the same look share it. */
function once(look: Look): Look {
  let found: ReturnType<Look> | undefined;
  return (on) => (found ??= look(on));
}

export function containersAreGone(
  { week, undone }: Pick<AfterUndo, 'week' | 'undone'>,
  services: { name: string; machine: string }[],
): Look {
  return async (on) =>
    containersGone(
      undone,
      week.state.run,
    )(
      await Promise.all(
        services.map(async ({ name, machine }) => ({
          name,
          machine,
          is: await on(machine).inspectContainer({ name }),
        })),
      ),
    );
}

/**
 * A file as it is, and as what a task changed last found it: what others made of it between two attempts is theirs, and so is what they made
 * of it after an earlier rollback (of `target`, in the words of the ledger). Workers of before do not know that; the week then remembers what
 * it was first.
 */
export async function nowAndBefore(
  { week, undone }: Pick<AfterUndo, 'week' | 'undone'>,
  on: On,
  { task, machine, path, target = path }: { task: TaskName; machine: string; path: string; target?: string },
) {
  const changedBy = { run: week.state.run, task };
  const found = await on(machine).digestFile({ path, changedBy });
  const { sha256: now, replaced = week.fact(`original ${path}`), changedSince = false } = found;
  const isOfNow = undone.some(
    (entry) => entry.machine === machine && entry.target === target && entry.result === 'undone',
  );
  return { machine, path, original: replaced, now, theirs: changedSince && !isOfNow };
}

export function directoriesAreGone(undone: Results, services: { base: string; machine: string }[]): Look {
  return async (on) =>
    directoriesGone(undone)(
      await Promise.all(
        services.map(async ({ base, machine }) => ({ machine, ...(await on(machine).directoryState({ path: base })) })),
      ),
    );
}
