// The KPIs of the pilots: their uptime, and how fast they fail over.
import {
  below,
  kpi,
  type Kpi,
  type KpiInput,
  percentOf,
  recordsOf,
  windowsOf,
  within,
} from '../../evidence/figures.ts';
import { uptime, uptimesIn } from '../../evidence/uptimes.ts';
import { pilotsOf } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import { fail, inconclusive } from '../shared/verdict.ts';

export const kpis: Kpi[] = [
  kpi({
    place: 3,
    id: 'kpi.agent-uptime',
    text: 'each pilot is up for at least 99.5 %',
    criterion: 'agents',
    bounds: percentOf('agentUptimePercent'),
    evaluate: agentUptime,
  }),
  kpi({
    place: 5,
    id: 'kpi.failover-time',
    text: 'failover below 5 s, target 3 s',
    criterion: 'failover',
    bounds: within('failover', 'ms'),
    evaluate: failoverTime,
    ofRow: ({ timesFailover }) => timesFailover,
  }),
];

function agentUptime(input: KpiInput): Evaluation {
  const of = uptimesIn(input);
  return uptime(
    input,
    input.plan.limits.agentUptimePercent,
    pilotsOf(input.plan).map(({ name, machine }) => ({
      name,
      windows: windowsOf(input, 'agent', name),
      of: of(machine, name),
    })),
  );
}

/** The slowest of all trials, pilots and directions: the time without an acknowledgement between one hub and the other. */
function failoverTime(input: KpiInput): Evaluation {
  const { plan } = input;
  const trials = recordsOf(input, ({ timesFailover }) => timesFailover).filter(
    ({ evidence }) => 'slowestMs' in evidence,
  );
  const samples = trials.reduce((sum, { evidence }) => sum + Number(evidence['failovers'] ?? 0), 0);
  const never = trials.filter(({ evidence }) => evidence['slowestMs'] === null).map(({ id }) => id);
  if (never.length > 0)
    return fail(`never failed over: a pilot in ${never.slice(0, 3).join(', ')}`, { samples, never: never.length });
  const [slowest] = trials.sort((a, b) => Number(b.evidence['slowestMs']) - Number(a.evidence['slowestMs']));
  if (!slowest) return inconclusive('no failover was timed', { needed: 1 });
  const value = Number(slowest.evidence['slowestMs']);
  return below(
    value,
    plan.limits.failover,
    'ms',
    `slowest of ${samples} failovers, there and back: ${value} ms in ${slowest.id}`,
    { value, samples, slowest: slowest.id },
  );
}
