// The KPIs of the hubs: EdgeHub's uptime, and how fast hubs answer.
import {
  below,
  enough,
  kpi,
  type Kpi,
  type KpiInput,
  percentileNeeds,
  percentOf,
  windowsOf,
  within,
} from '../../evidence/figures.ts';
import { uptime, uptimesIn } from '../../evidence/uptimes.ts';
import { serviceOf } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import { timesOf } from '../shared/hubs.ts';
import { inconclusive } from '../shared/verdict.ts';

export const kpis: Kpi[] = [
  kpi({
    place: 1,
    id: 'kpi.edgehub-uptime',
    text: 'EdgeHub is up for at least 99.9 %',
    criterion: 'components',
    bounds: percentOf('edgehubUptimePercent'),
    evaluate: edgeHubUptime,
  }),
  kpi({
    place: 8,
    id: 'kpi.hub-response',
    text: 'hubs answer in less than 200 ms, target 100 ms',
    criterion: 'degradation',
    bounds: within('hubResponse', 'ms'),
    evaluate: hubResponse,
  }),
];

function edgeHubUptime(input: KpiInput): Evaluation {
  const edge = serviceOf(input.plan, 'edge-hub');
  return uptime(input, input.plan.limits.edgehubUptimePercent, [
    {
      name: edge.name,
      windows: windowsOf(input, 'edge-hub', edge.name),
      of: uptimesIn(input)(edge.machine, edge.name),
    },
  ]);
}

function hubResponse({ plan, measured }: KpiInput): Evaluation {
  const hubs = Object.values(measured).flatMap(({ responses }) => Object.entries(responses));
  // One that never answered is not as fast as the others. Workers of before asked each hub on its own machine, by its name.
  const both = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const asked = both.flatMap(({ name }) => Object.values(timesOf(name)));
  const silent = asked.filter((one) => !hubs.some(([name]) => name === one));
  if (silent.length > 0 && silent.length < asked.length)
    return inconclusive(`no answer to ${silent.join(', ')}`, { needed: percentileNeeds });
  const [slowest] = hubs.sort(([, a], [, b]) => b.p95 - a.p95);
  if (!slowest) return inconclusive('no hub was asked', { needed: percentileNeeds });
  const [name, { p50, p95, p99, count }] = slowest;
  const say = `95 % within ${p95} ms of ${name}, p99 ${p99} ms`;
  const evidence = { value: p95, hub: name, p50, p95, p99, samples: count };
  return enough(evidence, say) ?? below(p95, plan.limits.hubResponse, 'ms', say, evidence);
}
