// One machine's worker: everything that touches this machine.
import type { MachineActivities } from '../plan/machine-api.ts';
import { agentActivities } from '../activities/agents.ts';
import { at } from '../activities/at.ts';
import { containerActivities } from '../activities/docker.ts';
import { faultActivities } from '../activities/faults.ts';
import { fileActivities } from '../activities/files.ts';
import { hostActivities } from '../activities/host.ts';
import { ledgerActivities, ledgerOf } from '../activities/ledger.ts';
import { natsActivities } from '../activities/nats.ts';
import { prometheusActivities } from '../activities/prometheus.ts';
import { pushgatewayActivities } from '../activities/pushgateway.ts';
import { discardLeftovers } from '../activities/run-once.ts';
import { machineQueue } from '../plan/names.ts';
import type { Machine } from '../plan/plan.ts';
import { buildDigest } from './build.ts';
import { beating, heartbeatMs } from './heartbeat.ts';
import { tellOfClosings } from './herald.ts';
import { reasonOf, say } from './log.ts';
import { serve } from './serve.ts';

/** Runs until SIGTERM or SIGINT, on the machine itself. */
export async function runMachineWorker(machine: Machine): Promise<void> {
  const here = at(machine);
  await discardLeftovers(here).catch((error: unknown) =>
    say('WARN', 'containers that a killed worker may have left were not looked for', { error: reasonOf(error) }),
  );
  const options = {
    taskQueue: machineQueue(machine.name),
    activities: activitiesOf(machine, await buildDigest()),
    interceptors: { activity: [beating] },
    maxConcurrentActivityTaskExecutions: 200,
    maxHeartbeatThrottleInterval: heartbeatMs,
    defaultHeartbeatThrottleInterval: heartbeatMs,
  };
  await serve(machine.name, options, (client, ended) => tellOfClosings(machine.name, ledgerOf(here), client, ended));
}

/** Every activity of a machine. */
export function activitiesOf(machine: Machine, build: string): MachineActivities {
  const here = at(machine);
  const ledger = ledgerOf(here);
  return {
    ...hostActivities(here, build),
    ...containerActivities(here, ledger),
    ...fileActivities(here, ledger),
    ...prometheusActivities(here),
    ...pushgatewayActivities(here),
    ...natsActivities(here, ledger),
    ...agentActivities(here, ledger),
    ...faultActivities(here, ledger),
    ...ledgerActivities(ledger),
  };
}
