// What a machine's worker can do: the interface between workflow and machines. Activities measure, they never judge.
// All host paths are those of the plan; the worker puts them under its machine's root. All durations are milliseconds.
import type { AgentActivities } from './agents.ts';
import type { ContainerActivities } from './containers.ts';
import type { FaultActivities } from './faults.ts';
import type { FileActivities } from './files.ts';
import type { HostActivities } from './host.ts';
import type { LedgerActivities } from './ledger.ts';
import type { LookActivities } from './looks.ts';
import type { MeasureActivities } from './measure.ts';
import type { NatsActivities } from './nats.ts';
import type { PrometheusActivities } from './prometheus.ts';

/** Their names are the activity types of recorded weeks: they stay. */
export interface MachineActivities
  extends
    HostActivities,
    MeasureActivities,
    ContainerActivities,
    FileActivities,
    PrometheusActivities,
    NatsActivities,
    AgentActivities,
    FaultActivities,
    LedgerActivities,
    LookActivities {}
