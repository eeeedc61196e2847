// The hubs as the agent sees them: keeps the failover state, probes and checks the hubs, logs what changes.
import type { Access } from './access.ts';
import { every } from './every.ts';
import { initialHubs, reduceHubs, type HubEvent, type HubState, type Role } from './failover.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './log.ts';
import { request, succeeded } from './request.ts';

export interface Hubs {
  state(): HubState;
  dispatch(event: HubEvent): void;
  urlOf(role: Role): string;
  accessOf(role: Role): Access | undefined;
  /** Checks each hub once. */
  look(): Promise<unknown>;
  /** Probes and checks until told to stop. */
  watch(stop: AbortSignal): Promise<unknown>;
}

export function createHubs(config: AgentConfig, log: Log): Hubs {
  const urls = Object.fromEntries(config.hubs.map(({ role, url }) => [role, url])) as Record<Role, string>;
  let state = initialHubs(config.hubs.map(({ role }) => role));

  function dispatch(event: HubEvent): void {
    const before = state;
    state = reduceHubs(before, event, config.failover);
    if (state.active !== before.active) {
      const fields = { from: before.active, to: state.active, url: urls[state.active] };
      if (state.active === 'fallback')
        log.warn('failover: the fallback is the active hub', {
          ...fields,
          failedProbes: config.failover.failoverThreshold,
        });
      else log.info('the primary is the active hub again', fields);
    } else if (before.recovery && state.recovery && state.recovery.backoffMs !== before.recovery.backoffMs) {
      log.warn('the trial batch failed; the fallback stays the active hub', {
        nextTrialInMs: state.recovery.backoffMs,
      });
    }
    for (const { role } of config.hubs) {
      const [was, now] = [before.hubs[role]!, state.hubs[role]!];
      const first = was.checkedAt === null && now.checkedAt !== null;
      if (now.reachable === was.reachable && !first) continue;
      if (now.reachable) log.info('hub is reachable', { hub: role, url: urls[role] });
      else log.warn('hub is unreachable', { hub: role, url: urls[role], failedChecks: now.failedChecks });
    }
  }

  async function isReady(role: Role): Promise<boolean> {
    return succeeded(await request(`${urls[role]}/-/ready`, config.failover.probeTimeoutMs, {}, config.access[role]));
  }

  async function probe(): Promise<void> {
    if (state.active !== 'primary') return;
    const ok = await isReady('primary');
    if (!ok) log.warn('probe of the primary failed', { url: urls.primary, inARow: state.failedProbes + 1 });
    dispatch({ type: 'probe', ok, at: Date.now() });
  }

  async function check(role: Role): Promise<void> {
    const ok = await isReady(role);
    dispatch({ type: 'check', role, ok, at: Date.now() });
  }

  return {
    state: () => state,
    dispatch,
    urlOf: (role) => urls[role],
    accessOf: (role) => config.access[role],
    look: () => Promise.all(config.hubs.map(({ role }) => check(role))),
    watch: (stop) =>
      Promise.all([
        every(config.failover.probeIntervalMs, stop, log, probe),
        ...config.hubs.map(({ role }) => every(config.failover.healthCheckIntervalMs, stop, log, () => check(role))),
      ]),
  };
}
