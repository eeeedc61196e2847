// EdgeHub is lost, and what each pilot did: its acknowledgements, and what both hubs have of it.
import { common, union } from '../../../plan/evidence/sequence-sets.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import type { EdgeHub } from '../../../plan/tasks/edgehub/schema.ts';
import type { WayToLose } from '../../../plan/tasks/pilots/trials.ts';
import type { FailoverSeen } from '../../../plan/tasks/pilots/verdicts/failover.ts';
import type { CentralHub } from '../../../plan/tasks/preflight/schema.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { selector } from '../../../plan/tasks/shared/promql.ts';
import type { Fault } from '../../../plan/week/undo.ts';
import { disturbance, type FaultWindow, withFault } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import { lossOf } from '../shared/loss.ts';

/** Batches may be older than their acknowledgement by what was buffered. */
const bufferedMs = 120_000;
const acksWanted = 2;

/** EdgeHub is lost this way until every pilot is on the fallback (and for `heldMs` more); then it is there again, and all must come back. */
export async function failOver(
  week: Week,
  on: (machine: string) => MachineActivities,
  { id: step, way }: { id: string; way: WayToLose },
  pilots: Agent[],
  heldMs: number,
): Promise<FailoverSeen[]> {
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  const { recoveryTimeout } = plan.migration.failover;
  const processes = lossOf() === 'attempted' ? () => processesOf(on, pilots) : null;
  const before = await processes?.();
  const fromMs = Date.now();
  await onHub(on, pilots, 'primary', fromMs, recoveryTimeout + 60_000);
  const { begins, over } = disturbance(week, edge.name);
  let window: FaultWindow<void>;
  try {
    window = await withFault(
      week,
      on(edge.machine),
      { run: week.state.run, step },
      faultOf(plan, edge, way),
      begins,
      async () => {
        await onHub(on, pilots, 'fallback', Date.now(), Math.min(plan.faults.limit / 2, 30_000));
        await week.sleep(heldMs, step, edge.machine);
      },
    );
    await on(edge.machine).awaitReady({ url: hubTarget(edge, '/-/ready'), withinMs: 60_000 });
  } finally {
    over();
  }
  // Half-open with back-off: a first trial that came too early doubles the wait.
  await onHub(on, pilots, 'primary', window.liftedAt, 3 * recoveryTimeout + 60_000);
  const toMs = Date.now();
  const after = await processes?.();
  return Promise.all(
    pilots.map(async (pilot) => ({
      agent: pilot.name,
      acks: pilot.acks ? await on(pilot.machine).readAcks({ path: pilot.acks, fromMs, toMs }) : null,
      ...(before && after && { restarted: before[pilot.name] !== after[pilot.name] }),
      stoppedAt: window.injectedAt,
      startedAt: window.liftedAt,
      ...(await readBack(week, on, pilot, fromMs, toMs)),
    })),
  );
}

function faultOf({ machines }: Plan, { name: container, machine, port, stopGrace }: EdgeHub, way: WayToLose): Fault {
  switch (way) {
    case 'stop':
      return { kind: 'container-stop', container, stopGraceMs: stopGrace };
    case 'kill':
      return { kind: 'container-kill', container };
    case 'hang':
      return { kind: 'container-pause', container };
    case 'blackhole':
      // On EdgeHub's own machine, for whoever asks from there or from elsewhere.
      return {
        kind: 'partition',
        addresses: machines.flatMap(({ name, address }) => (name === machine ? [address] : [])),
        ports: [port.host],
      };
  }
}

/** What changes when an agent is started again: another one at every look while it does not run. */
async function processesOf(on: (machine: string) => MachineActivities, pilots: Agent[]) {
  const found = pilots.map(async (pilot) => {
    const { name, machine } = pilot;
    const { pid, boot, since } = await on(machine).programStatus({ program: programOf(pilot) });
    return [name, pid === null ? Symbol(name) : `${boot} ${since} ${pid}`] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

async function onHub(
  on: (machine: string) => MachineActivities,
  pilots: Agent[],
  hub: string,
  sinceMs: number,
  withinMs: number,
): Promise<void> {
  await Promise.all(
    pilots.map((pilot) =>
      pilot.acks
        ? on(pilot.machine).awaitHub({ path: pilot.acks, hub, acks: acksWanted, sinceMs, withinMs })
        : undefined,
    ),
  );
}

/** A batch needs to be in one of the hubs only; the agent sent it to both when CentralHub has it without EdgeHub's labels, too. */
async function readBack(
  { plan }: Week,
  on: (machine: string) => MachineActivities,
  pilot: Agent,
  fromMs: number,
  toMs: number,
): Promise<Pick<FailoverSeen, 'read' | 'inBoth'>> {
  const { acknowledged } = plan.migration.contract;
  if (!acknowledged) return { read: null, inBoth: [] };
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const { metric, label } = acknowledged;
  const its = { [label]: pilot.name };
  const passedOn = Object.fromEntries(Object.keys(edge.externalLabels).map((name) => [name, '']));
  const sequences = async (hub: EdgeHub | CentralHub, from: string) =>
    (
      await on(hub.machine).readSequences({
        hub: hubTarget(hub),
        selector: from,
        fromMs: fromMs - bufferedMs,
        toMs: toMs + 5_000,
      })
    ).sequences;
  const [inEdge, inCentral, sentToCentral] = await Promise.all([
    sequences(edge, selector(metric, its)),
    sequences(central, selector(metric, its)),
    sequences(central, selector(metric, { ...passedOn, ...its })),
  ]);
  return { read: union(inEdge, inCentral), inBoth: common(inEdge, sentToCentral) };
}
