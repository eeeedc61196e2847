// What workers show to Prometheus: how the weeks stand, nothing of those that ended, and only where it is wanted.
import type { Client } from '@temporalio/client';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { metricsView } from '../../plan/week/metrics-view.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { gaugesIn, show, showWeeks } from '../../workers/week-metrics.ts';
import { serveMetrics } from '../../workers/metrics.ts';
import { freePorts } from '../activities/programs.ts';
import { record, seenOf, weekAfter } from '../client/fixtures.ts';
import { good } from '../plan/evidence/good-week.ts';

const standingOf = (state: WeekState, activity = { running: [], waits: [] }) =>
  metricsView(state, seenOf(state, activity));

describe('a running week', () => {
  it('shows its phase, rows, verdicts, waits, channels and KPIs, and nothing any more once it is gone', async () => {
    const registry = new Registry();
    const gauges = gaugesIn(registry);
    const state = weekAfter(['preflight', '2A'], {
      phase: '2B',
      told: [{ notice: 'n', kind: 'level-1', channel: 'ops-alerts', result: 'failed', detail: '', at: 1 }],
    });
    state.records['2A.check.restart'] = record('2A.check.restart', { verdict: 'fail' });
    state.records['2C.undo.agents'] = record('2C.undo.agents', { verdict: 'inconclusive' });
    show(gauges, [
      metricsView(state, seenOf(state, { running: [], waits: [{ on: 'the worker of pc2', step: '2B', since: 1 }] })),
    ]);
    const text = await registry.metrics();
    const week = `plan="${state.plan.name}",run="${state.run}"`;
    for (const line of [
      `hubshift_week_phase{${week},phase="2B",status="running"} 1`,
      `hubshift_rows{${week},task="2A",state="done"} 20`,
      `hubshift_rows{${week},task="2A",state="all"} 21`,
      `hubshift_verdicts{${week},task="2A",verdict="pass"} 20`,
      `hubshift_verdicts{${week},task="2A",verdict="fail"} 1`,
      `hubshift_verdicts{${week},task="2B",verdict="open"} 20`,
      `hubshift_verdicts{${week},task="2C",verdict="inconclusive"} 1`,
      `hubshift_kpi{${week},kpi="kpi.message-latency"} -1`,
      `hubshift_waits{${week},on="the worker of pc2"} 1`,
      `hubshift_channels_failing{${week},channel="ops-alerts"} 1`,
    ])
      expect(text).toContain(`${line}\n`);
    // Long before the evidence is frozen.
    show(gauges, [standingOf(good({ phase: '2D' }))]);
    expect(await registry.metrics()).toMatch(/hubshift_kpi\{.*kpi="kpi.message-latency"\} 1\n/);
    expect(await registry.metrics()).toMatch(/hubshift_kpi_figure\{.*kpi="kpi.message-latency",figure="p95"\} 2\n/);
    show(gauges, []);
    expect(await registry.metrics()).not.toContain(state.run);
  });
});

describe('the control worker', () => {
  /** Looks again and again, at a server with this week and those that do not answer, until the test is over. */
  function looking(week: WeekState, ...dumb: string[]) {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const server = { answers: true, weeks: [week.run], asked: [] as string[], before: async () => undefined as void };
    const list = async function* () {
      await server.before();
      if (!server.answers) throw new Error('nobody listens');
      for (const workflowId of [...dumb, ...server.weeks]) yield { workflowId };
    };
    const getHandle = (id: string) => ({
      query: async ({ name }: { name: string }) => {
        if (dumb.includes(id)) throw new Error(`${id} does not answer`);
        server.asked.push(name);
        return standingOf(week);
      },
    });
    const client = {
      connection: { withDeadline: (_: number, work: () => Promise<unknown>) => work() },
      workflow: { list, getHandle },
    } as unknown as Client;
    const registry = new Registry();
    const ended = new AbortController();
    const going = showWeeks(client, registry, () => true, ended.signal, 20);
    const end = async () => {
      ended.abort();
      await going;
    };
    onTestFinished(async () => {
      await end();
      written.mockRestore();
    });
    return { server, registry, written, end };
  }

  it('asks each week one thing at a time, and says whether it sees them', async () => {
    const { server, registry } = looking(good());
    await expect.poll(() => registry.metrics()).toContain('hubshift_control_worker 1\n');
    expect(await registry.metrics()).toMatch(/hubshift_week_phase\{.*\} 1\n/);
    expect(new Set(server.asked)).toEqual(new Set(['standing']));
    server.answers = false;
    await expect.poll(() => registry.metrics()).toContain('hubshift_control_worker 0\n');
  });

  it('shows the weeks that answer beside one that does not', async () => {
    const { server, registry, written } = looking(good(), 'week-dumb');
    await expect.poll(() => registry.metrics()).toContain('hubshift_control_worker 1\n');
    expect(await registry.metrics()).toMatch(/hubshift_week_phase\{.*\} 1\n/);
    expect(written).toHaveBeenCalledWith(expect.stringContaining('week=week-dumb error="week-dumb does not answer"'));
    server.weeks = [];
    await expect.poll(() => registry.metrics()).toContain('hubshift_control_worker 0\n');
  });

  it('shows nothing after its end, and may begin anew', async () => {
    const { registry, end } = looking(good());
    await expect.poll(() => registry.metrics()).toContain('hubshift_control_worker 1\n');
    await end();
    expect((await registry.metrics()).trim()).toBe('');
    expect(() => gaugesIn(registry)).not.toThrow();
  });

  it('makes room at its end for what begins anew, though it still waits for an answer, and leaves that alone', async () => {
    const { server, registry, end } = looking(good());
    let answer = (): void => undefined;
    const before = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)));
    server.before = before;
    await expect.poll(() => before.mock.calls.length).toBe(1);
    const over = end();
    gaugesIn(registry).control.set(1);
    answer();
    await over;
    expect(await registry.metrics()).toContain('hubshift_control_worker 1\n');
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
      await expect(serveMetrics({ HUBSHIFT_METRICS_ADDRESS: address })).rejects.toThrow(
        /can't be listened on: .*EADDRINUSE.* give this one another in HUBSHIFT_METRICS_ADDRESS, or none/,
      );
    } finally {
      await first.close();
    }
  });
});
