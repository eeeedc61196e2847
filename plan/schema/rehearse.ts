// A rehearsal of a plan: the same week with its watched time divided, and the intervals that must shrink with it.
import type { Plan } from './plan.ts';

/** Below these a watch sees too little to say anything. */
const floorMs = { log: 5_000, observation: 8_000, soak: 30_000 };
/** So that the progress of a short window still shows. */
const longestSliceMs = 10_000;

/** Divides watched time only, down to its floors and never to more than it was; intervals come from the plan's `rehearsal` block. No calendar is kept. */
export function rehearse(plan: Plan, divisor: number): Plan {
  const { rehearsal, watch, migration, faults, messaging } = plan;
  const shorter = (plannedMs: number, floor: number) =>
    Math.min(plannedMs, Math.max(floor, Math.round(plannedMs / divisor)));
  return {
    ...plan,
    pace: rehearsal.pace,
    calendar: undefined,
    machines: plan.machines.map((machine) => ({ ...machine, calendar: undefined })),
    services: plan.services.map((service) =>
      'scrapeInterval' in service ? { ...service, scrapeInterval: rehearsal.scrapeInterval } : service,
    ),
    messaging: { ...messaging, latencySamples: rehearsal.latencySamples },
    migration: {
      ...migration,
      failover: {
        ...migration.failover,
        recoveryTimeout: rehearsal.recoveryTimeout,
        healthCheckInterval: rehearsal.healthCheckInterval,
      },
    },
    watch: {
      ...watch,
      log: shorter(watch.log, floorMs.log),
      observation: shorter(watch.observation, floorMs.observation),
      soak: shorter(watch.soak, floorMs.soak),
      baseline: Math.min(watch.baseline, rehearsal.baseline),
      sampleInterval: rehearsal.sampleInterval,
      slice: Math.min(watch.slice, longestSliceMs),
    },
    // Its GO decides nothing; a plan of version 1 wants as many as it says.
    gate: plan.version === 1 ? plan.gate : { ...plan.gate, approvals: 1 },
    faults: { ...faults, window: rehearsal.faultWindow, trials: rehearsal.trials },
  };
}
