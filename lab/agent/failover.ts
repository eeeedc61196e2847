// Which hub gets the next batch: a pure reducer over probes, health checks and batches. Time comes in with the events.

export type Role = 'central' | 'primary' | 'fallback';

export interface FailoverSettings {
  /** Failed health checks in a row before a hub is reported as unreachable. */
  maxRetries: number;
  /** Failed probes of the primary in a row before the fallback becomes the active hub. */
  failoverThreshold: number;
  recoveryTimeoutMs: number;
}

interface HubStatus {
  reachable: boolean;
  /** Unix ms of the newest evidence, null before the first. */
  checkedAt: number | null;
  failedChecks: number;
}

export interface Failover {
  /** Unix ms. */
  at: number;
  from: Role;
  to: Role;
}

export interface HubState {
  active: Role;
  hubs: Partial<Record<Role, HubStatus>>;
  failedProbes: number;
  /** The way back to the primary; null while it is active. A trial needs its time to have come and a passed health check. */
  recovery: { dueAt: number; backoffMs: number; checkPassed: boolean } | null;
  /** Newest last, at most 20. */
  failovers: Failover[];
}

/** `at` is unix ms. A probe is always of the primary. `trial` marks the one batch that tests a half-open primary. */
export type HubEvent =
  | { type: 'probe'; ok: boolean; at: number }
  | { type: 'check'; role: Role; ok: boolean; at: number }
  | { type: 'batch'; role: Role; ok: boolean; trial: boolean; at: number };

const maxBackoffFactor = 8;
const failoversKept = 20;

/** The state at the start. The first role is the one to prefer. */
export function initialHubs(roles: Role[]): HubState {
  const unknown: HubStatus = { reachable: false, checkedAt: null, failedChecks: 0 };
  return {
    active: roles[0]!,
    hubs: Object.fromEntries(roles.map((role) => [role, unknown])),
    failedProbes: 0,
    recovery: null,
    failovers: [],
  };
}

export function reduceHubs(state: HubState, event: HubEvent, settings: FailoverSettings): HubState {
  switch (event.type) {
    case 'probe':
      return afterProbe(state, event.ok, event.at, settings);
    case 'check':
      return afterCheck(state, event.role, event.ok, event.at, settings);
    case 'batch':
      return event.ok ? afterDelivery(state, event.role, event.at) : afterFailedBatch(state, event, settings);
  }
}

/** The hubs to try for the next batch, in this order. */
export function targets(state: HubState, at: number): { role: Role; trial: boolean }[] {
  if (state.active === 'central') return [{ role: 'central', trial: false }];
  const { recovery } = state;
  if (!recovery)
    return [
      { role: 'primary', trial: false },
      { role: 'fallback', trial: false },
    ];
  const due = recovery.checkPassed && at >= recovery.dueAt;
  return due
    ? [
        { role: 'primary', trial: true },
        { role: 'fallback', trial: false },
      ]
    : [
        { role: 'fallback', trial: false },
        { role: 'primary', trial: false },
      ];
}

function afterProbe(state: HubState, ok: boolean, at: number, settings: FailoverSettings): HubState {
  if (state.active !== 'primary') return state;
  const failedProbes = ok ? 0 : state.failedProbes + 1;
  if (failedProbes < settings.failoverThreshold) return { ...state, failedProbes };
  const recovery = {
    dueAt: at + settings.recoveryTimeoutMs,
    backoffMs: settings.recoveryTimeoutMs,
    checkPassed: false,
  };
  return { ...switchTo(state, 'fallback', at), recovery };
}

function afterCheck(state: HubState, role: Role, ok: boolean, at: number, settings: FailoverSettings): HubState {
  const before = state.hubs[role]!;
  const failedChecks = ok ? 0 : before.failedChecks + 1;
  const reachable = ok || (before.reachable && failedChecks < settings.maxRetries);
  const recovery = state.recovery && role === 'primary' ? { ...state.recovery, checkPassed: ok } : state.recovery;
  return { ...state, recovery, hubs: { ...state.hubs, [role]: { reachable, checkedAt: at, failedChecks } } };
}

/** A batch that the primary takes ends the recovery, whether it came as the trial or because the fallback failed too. */
function afterDelivery(state: HubState, role: Role, at: number): HubState {
  const next = { ...state, hubs: { ...state.hubs, [role]: { reachable: true, checkedAt: at, failedChecks: 0 } } };
  return state.recovery && role === 'primary' ? { ...switchTo(next, 'primary', at), recovery: null } : next;
}

function afterFailedBatch(
  state: HubState,
  event: { trial: boolean; at: number },
  settings: FailoverSettings,
): HubState {
  if (!state.recovery || !event.trial) return state;
  const backoffMs = Math.min(state.recovery.backoffMs * 2, settings.recoveryTimeoutMs * maxBackoffFactor);
  return { ...state, recovery: { dueAt: event.at + backoffMs, backoffMs, checkPassed: false } };
}

function switchTo(state: HubState, to: Role, at: number): HubState {
  return {
    ...state,
    active: to,
    failedProbes: 0,
    failovers: [...state.failovers, { at, from: state.active, to }].slice(-failoversKept),
  };
}
