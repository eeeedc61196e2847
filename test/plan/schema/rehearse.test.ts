// A rehearsal shortens what is watched, and nothing else of the week.
import { describe, expect, it } from 'vitest';
import { rehearse } from '../../../plan/schema/rehearse.ts';
import { serviceOf } from '../../../plan/schema/plan.ts';
import { initialState, runId } from '../../../plan/week/initial-state.ts';
import { began, plan } from '../../client/fixtures.ts';

const hour = 3_600_000;

describe('rehearse', () => {
  it('divides watched time', () => {
    const { watch } = rehearse(plan, 48);
    expect(watch).toMatchObject({ log: 6_250, observation: 150_000, soak: hour / 2 });
  });

  it('keeps no calendar', () => {
    const calendar = { zone: 'UTC', disturb: 'Mon 09:00-10:00', freezes: [] };
    const kept = { ...plan, calendar, machines: plan.machines.map((machine) => ({ ...machine, calendar })) };
    expect(JSON.stringify(rehearse(kept, 48))).not.toContain('Mon 09:00');
  });

  it('keeps floors of 5 s, 8 s and 30 s', () => {
    expect(rehearse(plan, 1e9).watch).toMatchObject({ log: 5_000, observation: 8_000, soak: 30_000 });
  });

  it('never lengthens what the plan has shorter than a floor', () => {
    const short = { ...plan, watch: { ...plan.watch, log: 2_000, observation: 3_000, soak: 4_000, slice: 5_000 } };
    expect(rehearse(short, 10).watch).toMatchObject({ log: 2_000, observation: 3_000, soak: 4_000, slice: 5_000 });
  });

  it('needs one approval, and as many as a plan of version 1 says', () => {
    expect(plan.gate.approvals).toBe(2);
    expect(rehearse(plan, 10).gate).toEqual({ ...plan.gate, approvals: 1 });
    expect(rehearse({ ...plan, version: 1 }, 10).gate.approvals).toBe(2);
  });

  it("takes the intervals of the plan's rehearsal block", () => {
    const { rehearsal } = plan;
    const short = rehearse(plan, 100);
    expect(serviceOf(short, 'edge-hub').scrapeInterval).toBe(rehearsal.scrapeInterval);
    expect(short.watch).toMatchObject({
      sampleInterval: rehearsal.sampleInterval,
      baseline: rehearsal.baseline,
      slice: 10_000,
    });
    expect(short.migration.failover).toMatchObject({
      recoveryTimeout: rehearsal.recoveryTimeout,
      healthCheckInterval: rehearsal.healthCheckInterval,
    });
    expect(short.faults.window).toBe(rehearsal.faultWindow);
    expect(short.messaging.latencySamples).toBe(rehearsal.latencySamples);
  });

  it('leaves limits, failure policy and the plan it was given alone, and of the gate all but the approvals', () => {
    const before = structuredClone(plan);
    const short = rehearse(plan, 100);
    expect(short.limits).toEqual(plan.limits);
    expect({ ...short.gate, approvals: 2 }).toEqual(plan.gate);
    expect(short.failure).toEqual(plan.failure);
    expect(plan).toEqual(before);
  });
});

describe('initialState', () => {
  const beginning = { plan, planDigest: 'd', run: 'r', startedBy: 'ops@host', startedAt: began };

  it('keeps what was planned beside what a rehearsal made of it', () => {
    const state = initialState({ ...beginning, rehearsal: 2 });
    expect(state.planned).toEqual({
      logMs: plan.watch.log,
      observationMs: plan.watch.observation,
      soakMs: plan.watch.soak,
    });
    expect(state.plan.watch.soak).toBe(plan.watch.soak / 2);
  });

  it('runs the real week as it stands in the plan', () => {
    const state = initialState({ ...beginning, rehearsal: null });
    expect(state.plan).toBe(plan);
    expect(state).toMatchObject({ status: 'running', phase: 'preflight', records: {}, pages: 0 });
  });

  it('can travel as JSON', () => {
    const state = initialState({ ...beginning, rehearsal: 100 });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

it('names a run by its start in UTC', () => {
  expect(runId(began, 'ab12')).toBe('20260723-100000-ab12');
});
