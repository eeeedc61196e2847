// What workers show to Prometheus: how the weeks stand, nothing of those that ended, and only where it is wanted.
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { freeze } from '../../plan/gate.ts';
import { gaugesIn, serveMetrics, show } from '../../workers/metrics.ts';
import { freePorts } from '../activities/programs.ts';
import { record, seenOf, weekAfter } from '../client/fixtures.ts';
import { good } from '../plan/good-week.ts';

describe('a running week', () => {
  it('shows its phase, rows, issues, waits, channels and KPIs, and nothing any more once it is gone', async () => {
    const registry = new Registry();
    const gauges = gaugesIn(registry);
    const state = weekAfter(['preflight', '2A'], { phase: '2B', told: [{ notice: 'n', kind: 'level-1', channel: 'ops-alerts', result: 'failed', detail: '', at: 1 }] });
    state.records['2A.check.restart'] = record('2A.check.restart', { verdict: 'fail' });
    show(gauges, [seenOf(state, { running: [], waits: [{ on: 'the worker of pc2', step: '2B', since: 1 }] })]);
    const text = await registry.metrics();
    const week = `plan="${state.plan.name}",run="${state.run}"`;
    for (const line of [
      `hubshift_week_phase{${week},phase="2B",status="running"} 1`,
      `hubshift_rows{${week},task="2A",state="done"} 19`,
      `hubshift_rows{${week},task="2A",state="all"} 20`,
      `hubshift_issues{${week},verdict="fail"} 1`,
      `hubshift_waits{${week},on="the worker of pc2"} 1`,
      `hubshift_channels_failing{${week},channel="ops-alerts"} 1`,
    ]) expect(text).toContain(`${line}\n`);
    show(gauges, [seenOf({ ...good(), evidence: freeze(good(), { executable: [], levelThree: { none: 'none' } }, 1) }, { running: [], waits: [] })]);
    expect(await registry.metrics()).toMatch(/hubshift_kpi\{.*kpi="kpi.message-latency"\} 1\n/);
    expect(await registry.metrics()).toMatch(/hubshift_kpi_figure\{.*kpi="kpi.message-latency",figure="p95"\} 2\n/);
    show(gauges, []);
    expect(await registry.metrics()).not.toContain(state.run);
  });
});

describe('the address', () => {
  it('is wanted by nobody by default', async () => expect(await serveMetrics({})).toBeNull());

  it.each(['9464', '127.0.0.1', ':9464', '127.0.0.1:99999'])('%s is refused with what is wanted', async (address) => {
    await expect(serveMetrics({ HUBSHIFT_METRICS_ADDRESS: address })).rejects.toThrow('HOST:PORT is wanted');
  });

  it('that is taken is an error that names it', async () => {
    const address = `127.0.0.1:${(await freePorts(1))[0]}`;
    const first = (await serveMetrics({ HUBSHIFT_METRICS_ADDRESS: address }))!;
    try {
      expect(await (await fetch(`http://${address}/metrics`)).text()).toBe('\n');
      await expect(serveMetrics({ HUBSHIFT_METRICS_ADDRESS: address })).rejects.toThrow(/can't be listened on: .*EADDRINUSE/);
    } finally {
      await first.close();
    }
  });
});
