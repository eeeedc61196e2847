// The running weeks as metrics, on the control worker: asked like any client asks.
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import type { MetricsView } from '../plan/week/metrics-view.ts';
import * as messages from '../workflows/orders/messages.ts';
import { reasonOf, say } from './log.ts';
import { askWeeks } from './running-weeks.ts';

/** Shows every running week on such queues, until `ended`: looked at again and again, and asked like any client. Afterwards nothing is known, and nothing shown. */
export async function showWeeks(
  client: Client,
  registry: Registry,
  isThere: (queue: string) => boolean,
  ended: AbortSignal,
  everyMs = 10_000,
): Promise<void> {
  if (ended.aborted) return;
  const gauges = gaugesIn(registry);
  // At once: whoever looks next has the same names, and the last answer may still be under way.
  ended.addEventListener('abort', () => registry.clear(), { once: true });
  while (!ended.aborted) {
    try {
      show(gauges, await askWeeks(client, messages.metricsView, isThere));
    } catch (error) {
      if (ended.aborted) return;
      gauges.control.set(0);
      say('WARN', 'the weeks can not be looked at for their metrics', { error: reasonOf(error) });
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

type Gauges = ReturnType<typeof gaugesIn>;

export function gaugesIn(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `hubshift_${name}`, help, labelNames, registers: [registry] });
  return {
    control: gauge('control_worker', '1 while the control worker sees the weeks, 0 while it can not'),
    phase: gauge('week_phase', '1 for the phase and status in which the week is', 'plan', 'run', 'phase', 'status'),
    rows: gauge('rows', 'steps and checks of a task that are done, and all of them', 'plan', 'run', 'task', 'state'),
    verdicts: gauge('verdicts', 'rows of a task by their verdict', 'plan', 'run', 'task', 'verdict'),
    waits: gauge('waits', 'for whom or what the week waits', 'plan', 'run', 'on'),
    incidents: gauge('incidents', 'incidents by level and result', 'plan', 'run', 'level', 'result'),
    kpi: gauge('kpi', 'verdict of a KPI as it stands: 1 pass, 0 fail, -1 inconclusive', 'plan', 'run', 'kpi'),
    figures: gauge(
      'kpi_figure',
      'numbers of a KPI as it stands, such as value, p95, samples',
      'plan',
      'run',
      'kpi',
      'figure',
    ),
    untold: gauge(
      'channels_failing',
      'channels on which the newest notice did not get through',
      'plan',
      'run',
      'channel',
    ),
  };
}

const kpiValues = { pass: 1, fail: 0, inconclusive: -1 } as const;

/** What was shown before is gone: a week that has ended shows nothing. */
export function show(gauges: Gauges, weeks: MetricsView[]): void {
  for (const gauge of Object.values(gauges)) gauge.reset();
  gauges.control.set(1);
  for (const { plan, run, phase, status, tasks, verdicts, waits, incidents, olderIncidents, kpis, untold } of weeks) {
    const week = { plan, run };
    gauges.phase.set({ ...week, phase, status }, 1);
    for (const { task, done, total } of tasks) {
      gauges.rows.set({ ...week, task, state: 'done' }, done);
      gauges.rows.set({ ...week, task, state: 'all' }, total);
    }
    for (const [task, counts] of Object.entries(verdicts))
      for (const [verdict, rows] of Object.entries(counts)) gauges.verdicts.set({ ...week, task, verdict }, rows);
    for (const { on } of waits) gauges.waits.set({ ...week, on }, 1);
    for (const { level, result } of incidents) gauges.incidents.inc({ ...week, level: String(level), result });
    for (const [level, count] of Object.entries(olderIncidents ?? {}))
      gauges.incidents.inc({ ...week, level, result: 'recovered' }, count);
    for (const [kpi, { verdict, evidence: found }] of Object.entries(kpis)) {
      gauges.kpi.set({ ...week, kpi }, kpiValues[verdict]);
      for (const [figure, value] of Object.entries(found))
        if (typeof value === 'number') gauges.figures.set({ ...week, kpi, figure }, value);
    }
    for (const { channel } of untold) gauges.untold.set({ ...week, channel }, 1);
  }
}
