// One thing wrong in a week, so many times the limit of the plan, and the rows that are there to find it.
import { pilotsOf, type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import { isHub } from '../../../plan/tasks/services.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { impactAsk } from '../../../workflows/tasks/shared/impact.ts';
import { minute, second } from './hosts.ts';
import { type Fault as Cost, impactsAt } from './impacts.ts';
import type { Outage, Part, Wrong } from './measuring.ts';
import type { Used, Worse } from './sites.ts';
import { clocks, failover, latency } from './timings.ts';
import { type Evaluations, impact, kpisOf, observation, pushgatewayImpact, soak, type Week } from './weeks.ts';
import { inARow, tooOften } from './windows.ts';

export interface Fault {
  row: string;
  what: string;
  /** The key of the plan that says how much is too much. */
  limit: string;
  /** Evaluations among which the row's is. */
  draw(week: Week, size: number): Evaluations;
}

/** Of the rows of pilots the first stands for all. */
export function faults(plan: Plan): Fault[] {
  const [first] = pilotsOf(plan);
  const { limits, watch } = plan;
  /** Of all messages. */
  const undelivered = (100 - limits.deliveryPercent) / 100;
  const edge = serviceOf(plan, 'edge-hub');
  const watching = `2D.deploy.${first!.name}.observation`;
  return [
    {
      row: 'preflight.machines',
      what: "one machine's clock is off",
      limit: 'limits.clockSkew',
      draw: ({ random, hosts, times }, size) => ({
        'preflight.machines': clocks(random, plan, hosts, times.baseline, size * limits.clockSkew),
      }),
    },
    ...(['2B.test.impact', '2D.impact.response'] as const).map((row) => slower(row)),
    ...(['2B.test.impact', '2D.impact.resources'] as const).flatMap((row) => [
      costly(row, 'cpu'),
      costly(row, 'memory'),
    ]),
    costly('2D.impact.network', 'link'),
    {
      row: '2C.latency',
      what: 'messages of one way are slow, 1 % slower than',
      limit: 'limits.messageLatency.limit',
      draw: ({ random, hosts, times }, size) => ({
        '2C.latency': latency(random, plan, hosts, times.messaging, size * limits.messageLatency.limit),
      }),
    },
    {
      row: watching,
      what: 'a target is down, looks in a row',
      limit: 'watch.tolerate',
      draw: (week, size) =>
        observation(week, 0, (from) =>
          inARow(week.random, plan, size, from, from + watch.observation, watch.observation),
        ),
    },
    {
      row: watching,
      what: 'a target is down in single looks, of all',
      limit: 'watch.failedAtMost',
      draw: (week, size) =>
        observation(week, 0, (from) =>
          tooOften(week.random, plan, size, from, from + watch.observation, watch.observation),
        ),
    },
    {
      row: '2D.soak',
      what: 'a target is down every three hours, looks in a row',
      limit: 'watch.tolerate',
      draw: (week, size) => soak(week, (from, to) => inARow(week.random, plan, size, from, to, watch.soak / 8)),
    },
    {
      row: '2D.soak',
      what: 'a target is down in single looks, of all',
      limit: 'watch.failedAtMost',
      draw: (week, size) => soak(week, (from, to) => tooOften(week.random, plan, size, from, to, watch.soak)),
    },
    ...['2D.failover.stop', 'kpi.failover-time'].map((row): Fault => ({
      row,
      what: 'one pilot takes long, there or back',
      limit: 'limits.failover.limit',
      draw: (week, size) => {
        const failedOver = failover(week.random, plan, week.hosts, week.times.failover, size * limits.failover.limit);
        return { '2D.failover.stop': failedOver, ...(row !== '2D.failover.stop' && kpisOf(week, {}, { failedOver })) };
      },
    })),
    down('kpi.edgehub-uptime', 'EdgeHub is down', 'edgehubUptimePercent', [{ target: edge.name }]),
    gone('kpi.edgehub-uptime', "EdgeHub's machine is off", 'edgehubUptimePercent', () => [
      { on: edge.machine },
      { looker: edge.machine, away: true },
    ]),
    gone('kpi.edgehub-uptime', 'nobody looks', 'unknownPercent', () => [{ away: true }]),
    down('kpi.nats-availability', 'the cluster takes no write', 'natsAvailabilityPercent', [
      { target: clusterOf(plan).target },
    ]),
    down('kpi.agent-uptime', 'a pilot is down', 'agentUptimePercent', [{ target: first!.name }]),
    measured('kpi.delivery', 'messages are lost, one by one', 'deliveryPercent', 'messages', (_, size) => ({
      messages: { lost: size * undelivered },
    })),
    measured('kpi.delivery', 'nobody hears messages for a while', 'deliveryPercent', 'messages', (_, size) => ({
      messages: { silent: size * undelivered },
    })),
    unheard(plan),
    measured(
      'kpi.message-latency',
      'messages of one way are slow',
      'messageLatency.limit',
      'answers',
      ({ random }, size) => ({
        messages: { slow: { from: random.pick(plan.machines).name, p95Ms: size * limits.messageLatency.limit } },
      }),
    ),
    measured('kpi.hub-response', 'a hub is slow', 'hubResponse.limit', 'answers', ({ random }, size) => ({
      hub: { name: random.pick(plan.services.filter(isHub)).name, p95Ms: size * limits.hubResponse.limit },
    })),
    ...(['cpu', 'memory', 'link'] as const).map((what) =>
      measured(
        'kpi.resource-overhead',
        `a machine has more to do: ${what}`,
        'overheadPercent.limit',
        'costs',
        (week, size) => ({
          used: anyUsed(week, what, size),
        }),
      ),
    ),
  ];
}

/** An agent, a query or a write of CentralHub: each of its answers comes so much later. */
function slower(row: '2B.test.impact' | '2D.impact.response'): Fault {
  return {
    row,
    what: 'one that is asked answers later',
    limit: 'limits.slower.by',
    draw(week, size) {
      const { plan, random } = week;
      const asked = plan.machines.flatMap(({ name }) => {
        const { urls, writes = {} } = impactAsk(plan, name);
        return [...Object.keys(urls), ...Object.keys(writes)];
      });
      const bystanders = plan.agents.filter(({ wave }) => wave === undefined).map(({ name }) => name);
      const of = random.pick(asked.filter((name) => !bystanders.includes(name)));
      return costs(week, row, { delay: { of, ms: size * plan.limits.slower.by } }, true);
    },
  };
}

function costly(row: '2B.test.impact' | '2D.impact.resources' | '2D.impact.network', what: keyof Used): Fault {
  return {
    row,
    what: `a machine has more to do: ${what}`,
    limit: 'limits.overheadPercent.limit',
    draw: (week, size) => costs(week, row, { used: anyUsed(week, what, size) }, false),
  };
}

function costs(week: Week, row: string, fault: Cost, asking: boolean): Evaluations {
  const before = impactsAt(week.random, week.plan, week.sites, week.times.baseline, null, asking);
  return row === '2B.test.impact'
    ? { [row]: pushgatewayImpact(week, before, fault, asking) }
    : impact(week, before, fault, asking);
}

function anyUsed({ random, plan }: Week, what: keyof Used, size: number): Record<string, Worse> {
  return { [random.pick(plan.machines).name]: { [what]: size * plan.limits.overheadPercent.limit } };
}

type Uptimes = 'edgehubUptimePercent' | 'natsAvailabilityPercent' | 'agentUptimePercent' | 'unknownPercent';

/** Of the time, that it may be down or unknown. */
function shareOf({ plan: { limits } }: Week, key: Uptimes): number {
  return (key === 'unknownPercent' ? limits[key] : 100 - limits[key]) / 100;
}

/** Down some times, for minutes, in all for a share of the week. */
function down(row: string, what: string, key: Uptimes, of: Partial<Outage>[]): Fault {
  return {
    row,
    what,
    limit: `limits.${key}`,
    draw(week, size) {
      const { from, to } = week.times.measured;
      const outages: Outage[] = [];
      for (let left = shareOf(week, key) * size * (to - from); left > 0;) {
        const ms = Math.min(left, 15 * second + week.random.exponential(2 * minute));
        const at = week.random.between(from, to - ms);
        outages.push(...of.map((one) => ({ from: at, to: at + ms, ...one })));
        left -= ms;
      }
      return kpisOf(week, {}, { outages });
    },
  };
}

/** Once, for a share of the week. */
function gone(row: string, what: string, key: Uptimes, of: () => Partial<Outage>[]): Fault {
  return {
    row,
    what,
    limit: `limits.${key}`,
    draw(week, size) {
      const { from, to } = week.times.measured;
      const ms = shareOf(week, key) * size * (to - from);
      const at = week.random.between(from, to - ms);
      return kpisOf(week, {}, { outages: of().map((one) => ({ from: at, to: at + ms, ...one })) });
    },
  };
}

/** The worker of one machine is away once: of all messages so many are sent that nobody hears. It sends none itself meanwhile. */
function unheard({ machines }: Plan): Fault {
  return {
    row: 'kpi.delivery',
    what: 'the worker that answers is away',
    limit: 'limits.unknownPercent',
    draw(week, size) {
      const { from, to } = week.times.measured;
      const share = shareOf(week, 'unknownPercent') * size;
      const ms = ((machines.length * share) / (1 + share)) * (to - from);
      const at = week.random.between(from, to - ms);
      const outages = [{ from: at, to: at + ms, looker: week.random.pick(machines).name, away: true as const }];
      return kpisOf(week, {}, { outages, parts: ['messages'] });
    },
  };
}

function measured(
  row: string,
  what: string,
  limit: string,
  part: Part,
  wrong: (week: Week, size: number) => Wrong,
): Fault {
  return {
    row,
    what,
    limit: `limits.${limit}`,
    draw(week, size) {
      const before = impactsAt(week.random, week.plan, week.sites, week.times.baseline, null, false);
      return kpisOf(week, before, { wrong: wrong(week, size), parts: [part] });
    },
  };
}
