// Whole weeks that go well, and their parts with one thing wrong: each row and KPI that has noise in it, with its verdict.
import { kpisNow } from '../../../plan/evidence/gate.ts';
import type { Impact } from '../../../plan/machine-api/measure.ts';
import { pilotsOf, type Plan } from '../../../plan/schema/plan.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { type BeforeAndAfter, impactWithin } from '../../../plan/tasks/shared/impact.ts';
import { againAfter } from '../../../plan/tasks/shared/impact-looks.ts';
import type { Measure } from '../../../plan/tasks/shared/impact-change.ts';
import { initialState } from '../../../plan/week/initial-state.ts';
import type { Evaluation, StepRecord } from '../../../plan/week/record.ts';
import { impactLimits } from '../../../workflows/tasks/shared/impact.ts';
import { day, type Host, hour, second, stallMs, stallsADay } from './hosts.ts';
import { type Fault, impactsAt } from './impacts.ts';
import { measuredIn, type Outage, type Part, type Wrong } from './measuring.ts';
import type { Random } from './random.ts';
import { type Sites, sitesOf } from './sites.ts';
import { clocks, failover, latency } from './timings.ts';
import { atMostMs, type Event, healthyEvents, windowOf } from './windows.ts';

export type Evaluations = Record<string, Evaluation>;

/** When the parts of a week are, of which Monday begins at 0. */
interface Times {
  baseline: number;
  pushgateways: number;
  messaging: number;
  /** Of each wave. */
  observations: number[];
  failover: number;
  impact: number;
  soak: number;
  /** From 2A to the gate. */
  measured: { from: number; to: number };
}

export interface Week {
  random: Random;
  plan: Plan;
  sites: Sites;
  hosts: Record<string, Host>;
  times: Times;
}

/** People begin in the day; what follows comes at any time of it. */
export function weekOf(random: Random, plan: Plan): Week {
  const sites = sitesOf(random, plan);
  const baseline = random.between(8, 18) * hour;
  return {
    random,
    plan,
    sites,
    hosts: Object.fromEntries(Object.entries(sites).map(([name, { host }]) => [name, host])),
    times: {
      baseline,
      pushgateways: day + random.between(0, 24) * hour,
      messaging: 2 * day + random.between(0, 24) * hour,
      observations: [3.2, 3.6, 4].map((at) => (at + random.between(0, 0.2)) * day),
      failover: 4.5 * day,
      impact: 4.5 * day + random.between(0, 24) * hour,
      soak: 5.7 * day,
      measured: { from: Math.round(baseline + hour), to: Math.round(6.9 * day) },
    },
  };
}

/** Every row and KPI that has noise in it. */
export function healthyWeek(week: Week): Evaluations {
  const { random, plan, hosts, times } = week;
  const baseline = impactsAt(random, plan, week.sites, times.baseline, null);
  const failedOver = failover(random, plan, hosts, times.failover);
  return {
    'preflight.machines': clocks(random, plan, hosts, times.baseline),
    '2B.test.impact': pushgatewayImpact(week, baseline, {}),
    '2C.latency': latency(random, plan, hosts, times.messaging),
    ...Object.assign({}, ...pilotsOf(plan).map((_, wave) => observation(week, wave))),
    '2D.failover.stop': failedOver,
    ...impact(week, baseline, {}),
    ...soak(week),
    ...kpisOf(week, baseline, { parts: ['answers', 'costs', 'messages'], failedOver }),
  };
}

export function pushgatewayImpact(week: Week, before: Record<string, Impact>, fault: Fault, asking = true): Evaluation {
  const measures: Measure[] = asking ? ['response', 'resources'] : ['resources'];
  const judge = impactWithin(impactLimits(week.plan), measures);
  return judge(looked(week, before, week.times.pushgateways, fault, asking, (found) => [judge(found)]));
}

/** The three rows are of the same measurements. */
export function impact(week: Week, before: Record<string, Impact>, fault: Fault, asking = true): Evaluations {
  const limits = impactLimits(week.plan);
  const rows = [...(asking ? (['response'] as const) : []), 'resources' as const, 'network' as const];
  const judges = rows.map((measure) => impactWithin(limits, [measure]));
  const evaluate = (found: BeforeAndAfter) => judges.map((judge) => judge(found));
  const found = looked(week, before, week.times.impact, fault, asking, evaluate);
  return Object.fromEntries(evaluate(found).map((one, index) => [`2D.impact.${rows[index]}`, one]));
}

/** As workflows/tasks/shared/impact.ts looks, and looks again. */
function looked(
  { random, plan, sites }: Week,
  before: Record<string, Impact>,
  at: number,
  fault: Fault,
  asking: boolean,
  evaluate: (found: BeforeAndAfter) => Evaluation[],
): BeforeAndAfter {
  const look = (when: number) => impactsAt(random, plan, sites, when, fault, asking);
  const again: Record<string, Impact>[] = [];
  const found = { before, after: look(at), again };
  for (let now = at; ;) {
    const waitMs = againAfter(plan, found, evaluate(found));
    if (waitMs === null) return found;
    now += plan.watch.baseline + waitMs;
    again.push(look(now));
  }
}

type Makes = (from: number, to: number) => Event[];

export function observation(week: Week, wave: number, makes?: Makes): Evaluations {
  const { plan, times } = week;
  const pilot = pilotsOf(plan)[wave]!;
  return {
    [`2D.deploy.${pilot.name}.observation`]: watched(week, times.observations[wave]!, plan.watch.observation, 0, makes),
  };
}

export function soak(week: Week, makes?: Makes): Evaluations {
  const { soak: wantedMs, soakRestartsAtMost } = week.plan.watch;
  return { '2D.soak': watched(week, week.times.soak, wantedMs, soakRestartsAtMost, makes) };
}

function watched(
  { random, plan, hosts }: Week,
  from: number,
  wantedMs: number,
  restarts: number,
  makes: Makes = () => [],
): Evaluation {
  const to = from + atMostMs(wantedMs, restarts);
  const healthy = healthyEvents(random, plan, hosts, from, to);
  const faults = makes(from, to);
  const events = [...healthy.filter((event) => event.is === 'down' || !faults.some(meets(event))), ...faults];
  return windowOf(plan, from, wantedMs, restarts, events);
}

/** A fault that hides in a time in which nobody looks is no fault of what was seen, and that time earns no credit. */
function meets({ machine, from, to }: Event): (fault: Event) => boolean {
  return (fault) => fault.machine === machine && fault.from < to && fault.to > from;
}

interface Drawn {
  wrong?: Wrong;
  parts?: Part[];
  outages?: Outage[];
  failedOver?: Evaluation;
}

/** As the gate has them. */
export function kpisOf(
  week: Week,
  baseline: Record<string, Impact>,
  { wrong = {}, parts = [], outages = [], failedOver }: Drawn,
): Evaluations {
  const { random, plan, sites, times } = week;
  const { disturbances, planned } = plannedIn(week);
  const measured = measuredIn(
    random,
    plan,
    sites,
    times.measured,
    [...planned, ...healthyOutages(week), ...outages],
    wrong,
    parts,
  );
  const state = initialState({ plan, planDigest: '', run: 'run', startedBy: '', startedAt: 0, rehearsal: null });
  const record = failedOver && ({ id: '2D.failover.stop', ...failedOver } as StepRecord);
  const evaluated = kpisNow({
    ...state,
    measured,
    disturbances,
    facts: { ...state.facts, baseline },
    records: record ? { [record.id]: record } : {},
  });
  return Object.fromEntries(Object.entries(evaluated).filter(([id]) => id !== 'kpi.data-loss'));
}

/** What the week stops and starts itself: each target some times, for half a minute; it is ready a little before that is seen. */
function plannedIn({ random, plan, times: { measured } }: Week) {
  const cluster = clusterOf(plan).target;
  const targets = [
    ...plan.services.filter((service) => 'image' in service).map(({ name }) => [name]),
    ...pilotsOf(plan).map(({ name }) => [name]),
    [cluster],
    [cluster],
    [cluster],
  ];
  const windows = targets.map((names) => {
    const from = Math.round(random.between(measured.from, measured.to - hour));
    return { names, from, to: from + Math.round(random.between(5, 40) * second) };
  });
  const disturbances: Record<string, [number, number][]> = {};
  for (const { names, from, to } of windows) for (const name of names) (disturbances[name] ??= []).push([from, to]);
  for (const ranges of Object.values(disturbances)) ranges.sort(([one], [other]) => one - other);
  const planned = windows.flatMap(({ names, from, to }) => names.map((target): Outage => ({ target, from, to })));
  return { disturbances, planned };
}

function healthyOutages({ random, plan, hosts, times: { measured } }: Week): Outage[] {
  const every = plan.watch.sampleInterval;
  const { from, to } = measured;
  const days = (to - from) / day;
  const looks = (to - from) / every;
  const cluster = clusterOf(plan).target;
  const all = [...plan.services, ...plan.agents].map(({ name }) => name);
  const outage = (ms: number, what: Partial<Outage>): Outage => {
    const at = random.between(from, to - ms);
    return { from: at, to: at + ms, ...what };
  };
  return plan.machines.flatMap(({ name: looker }) => {
    const host = hosts[looker]!;
    const middle = random.between(from, to);
    const stalls = stallsADay(host, middle);
    const some = (mean: number, make: () => Outage[]) => Array.from({ length: random.count(mean) }, make).flat();
    return [
      // Who looks stands still as well.
      ...some(stalls * days, () => {
        const stall = outage(stallMs(random), { on: looker });
        return [stall, { ...stall, on: undefined, looker }];
      }),
      // One look that fails, of one target.
      ...some(all.length * looks * (stalls > 0.1 ? 1e-5 : 1e-6), () => [
        outage(every, { looker, target: random.pick(all) }),
      ]),
      // A write that waits for the disk.
      ...some(looks * (host.slowDisk ? 1e-4 : 1e-5), () => [outage(every, { looker, target: cluster })]),
      // A worker that is started again, or a machine's.
      ...some(2, () => [outage(random.between(5, 300) * second, { looker, away: true })]),
    ];
  });
}
