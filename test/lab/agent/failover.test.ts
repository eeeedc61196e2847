// Which hub gets the next batch, judged on the pure reducer with time given.
import { describe, expect, it } from 'vitest';
import { initialHubs, reduceHubs, targets, type HubEvent, type HubState } from '../../../lab/agent/failover.ts';

const settings = { maxRetries: 3, failoverThreshold: 3, recoveryTimeoutMs: 300_000 };

function after(events: HubEvent[], from: HubState = initialHubs(['primary', 'fallback'])): HubState {
  return events.reduce((state, event) => reduceHubs(state, event, settings), from);
}

function probes(...outcomes: boolean[]): HubEvent[] {
  return outcomes.map((ok, index) => ({ type: 'probe', ok, at: (index + 1) * 1000 }));
}

function primaryCheck(ok: boolean, at: number): HubEvent {
  return { type: 'check', role: 'primary', ok, at };
}

function batch(role: 'primary' | 'fallback', ok: boolean, at: number, trial = false): HubEvent {
  return { type: 'batch', role, ok, trial, at };
}

function order(state: HubState, at: number): string[] {
  return targets(state, at).map(({ role, trial }) => (trial ? `${role} (trial)` : role));
}

const failedOver = after(probes(false, false, false));

describe('failing over', () => {
  it('tries the primary first and the fallback right after it', () => {
    expect(order(after([]), 0)).toEqual(['primary', 'fallback']);
  });

  it('keeps the primary active until the threshold of failed probes in a row', () => {
    expect(after(probes(false, false)).active).toBe('primary');
    expect(after(probes(false, false, true, false, false)).active).toBe('primary');
    expect(failedOver.active).toBe('fallback');
    expect(failedOver.failovers).toEqual([{ at: 3000, from: 'primary', to: 'fallback' }]);
  });

  it('does not fail over because of failed batches alone', () => {
    expect(after(Array.from({ length: 10 }, (_, index) => batch('primary', false, index))).active).toBe('primary');
  });

  it('sends to the fallback first once it is active, and still has the primary for a fallback that fails', () => {
    expect(order(failedOver, 4000)).toEqual(['fallback', 'primary']);
  });

  it('has only the one hub in Phase 1', () => {
    const central = after(probes(false, false, false), initialHubs(['central']));
    expect(order(central, 0)).toEqual(['central']);
    expect(central.active).toBe('central');
  });
});

describe('returning', () => {
  const dueAt = 3000 + 300_000;

  it('makes no trial before the recovery timeout, whatever the checks say', () => {
    expect(order(after([primaryCheck(true, 4000)], failedOver), dueAt - 1)).toEqual(['fallback', 'primary']);
  });

  it('makes no trial while the last health check failed, or none came since the failover', () => {
    expect(order(failedOver, dueAt)).toEqual(['fallback', 'primary']);
    expect(order(after([primaryCheck(true, 4000), primaryCheck(false, 5000)], failedOver), dueAt)).toEqual([
      'fallback',
      'primary',
    ]);
  });

  it('gives the primary one trial batch when both allow it', () => {
    expect(order(after([primaryCheck(true, dueAt - 10)], failedOver), dueAt)).toEqual(['primary (trial)', 'fallback']);
  });

  it('returns when the primary takes the trial batch', () => {
    const back = after([primaryCheck(true, dueAt), batch('primary', true, dueAt + 5, true)], failedOver);
    expect(back.active).toBe('primary');
    expect(back.recovery).toBeNull();
    expect(back.failovers.at(-1)).toEqual({ at: dueAt + 5, from: 'fallback', to: 'primary' });
  });

  it('doubles the wait after each failed trial, up to eight times the timeout', () => {
    let state = failedOver;
    const waits: number[] = [];
    for (let trial = 0; trial < 5; trial += 1) {
      const at = state.recovery!.dueAt;
      state = after([primaryCheck(true, at), batch('primary', false, at, true)], state);
      waits.push(state.recovery!.dueAt - at);
      expect(order(state, at)).toEqual(['fallback', 'primary']);
    }
    expect(waits).toEqual([600_000, 1_200_000, 2_400_000, 2_400_000, 2_400_000]);
  });

  it('does not lengthen the wait for a batch that was no trial', () => {
    expect(after([batch('primary', false, 5000)], failedOver).recovery).toEqual(failedOver.recovery);
  });

  it('returns early when the fallback failed and the primary took the batch', () => {
    expect(after([batch('fallback', false, 5000), batch('primary', true, 5001)], failedOver).active).toBe('primary');
  });

  it('starts the next failover with a fresh wait', () => {
    const back = after(
      [primaryCheck(true, dueAt), batch('primary', false, dueAt, true), batch('primary', true, dueAt + 1)],
      failedOver,
    );
    expect(after(probes(false, false, false), back).recovery!.backoffMs).toBe(300_000);
  });
});

describe('the reported status', () => {
  it('calls a hub unreachable only after max_retries failed checks in a row', () => {
    const up = after([primaryCheck(true, 0), primaryCheck(false, 30_000), primaryCheck(false, 60_000)]);
    expect(up.hubs.primary).toEqual({ reachable: true, checkedAt: 60_000, failedChecks: 2 });
    expect(after([primaryCheck(false, 90_000)], up).hubs.primary!.reachable).toBe(false);
  });

  it('calls a hub unreachable that was never seen', () => {
    expect(after([primaryCheck(false, 0)]).hubs.primary!.reachable).toBe(false);
  });

  it('takes an accepted batch as good as a passed check', () => {
    expect(after([batch('fallback', true, 7)]).hubs.fallback).toEqual({
      reachable: true,
      checkedAt: 7,
      failedChecks: 0,
    });
  });

  it('keeps the last 20 failovers', () => {
    let state = initialHubs(['primary', 'fallback']);
    for (let round = 0; round < 15; round += 1)
      state = after([...probes(false, false, false), batch('primary', true, 5000 + round)], state);
    expect(state.failovers).toHaveLength(20);
    expect(state.failovers.at(-1)!.at).toBe(5014);
  });
});
