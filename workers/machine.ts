// One machine's worker: everything that touches this machine.
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { agentActivities } from '../activities/agents/agents.ts';
import { hostOf, type Host } from '../activities/context/host.ts';
import { containerActivities } from '../activities/docker/docker.ts';
import { faultActivities } from '../activities/faults/faults.ts';
import { fileActivities } from '../activities/files/files.ts';
import { hostActivities } from '../activities/host/host.ts';
import { ledgerActivities, ledgerOf } from '../activities/ledger/ledger.ts';
import { undo } from '../activities/undo/undo.ts';
import { hasStopped } from '../activities/programs/while-stopped.ts';
import { lookActivities } from '../activities/looks.ts';
import { measureActivities } from '../activities/measure/measure.ts';
import { natsActivities } from '../activities/nats/nats.ts';
import { prometheusActivities } from '../activities/prometheus/prometheus.ts';
import { discardLeftovers } from '../activities/docker/run-once.ts';
import type { MeantMachine } from '../plan/machine-api/meant.ts';
import { machineQueue, planId } from '../plan/names.ts';
import type { Machine } from '../plan/schema/plan.ts';
import { buildDigest } from './build.ts';
import { heartbeatInterceptor, heartbeatMs } from './heartbeat.ts';
import { reportClosings } from './ledger-closings.ts';
import { reasonOf, say } from './log.ts';
import { meantInterceptor } from './meant.ts';
import { redactInterceptor } from './redact.ts';
import { serve } from './serve.ts';

/** What is around every activity of a machine. */
export const interceptorsOf = (own: MeantMachine) => ({
  activity: [meantInterceptor(own), heartbeatInterceptor, redactInterceptor],
});

/** Runs until SIGTERM or SIGINT, on the machine itself. */
export async function runMachineWorker(machine: Machine, site?: string): Promise<void> {
  const host = hostOf(machine);
  await discardLeftovers(host).catch((error: unknown) =>
    say('WARN', 'containers that a killed worker may have left were not looked for', { error: reasonOf(error) }),
  );
  // Beside all else: whoever has the machine's lock may have it for a while.
  startLeftovers(host).catch((error: unknown) =>
    say('WARN', 'programs that a killed worker may have stopped were not started', { error: reasonOf(error) }),
  );
  const build = await buildDigest();
  const options = {
    activities: activitiesOf(machine, build),
    interceptors: interceptorsOf({ machine: machine.name, address: machine.address, site }),
    maxConcurrentActivityTaskExecutions: 200,
    maxHeartbeatThrottleInterval: heartbeatMs,
    defaultHeartbeatThrottleInterval: heartbeatMs,
  };
  const called = planId({ name: machine.name, site });
  await serve(called, build, [machineQueue(machine.name, site)], options, ({ client, ended }) =>
    reportClosings(machine.name, ledgerOf(host, undo), client, ended),
  );
}

/** Whoever takes the machine's lock starts what a killed worker has stopped. */
async function startLeftovers(host: Host): Promise<void> {
  if (await hasStopped(host)) await ledgerOf(host, undo).recover();
}

/** Every activity of a machine. */
export function activitiesOf(machine: Machine, build: string): MachineActivities {
  const host = hostOf(machine);
  const ledger = ledgerOf(host, undo);
  const all = {
    ...hostActivities(host, ledger, build),
    ...measureActivities(host),
    ...containerActivities(host, ledger),
    ...fileActivities(host, ledger),
    ...prometheusActivities(host),
    ...natsActivities(host, ledger),
    ...agentActivities(host, ledger),
    ...faultActivities(host, ledger),
    ...ledgerActivities(ledger),
  };
  return { ...all, ...lookActivities(all) };
}
