// Times that a row takes: a failover by acknowledgements, messages between two machines, clocks.
import { percentiles } from '../../../plan/evidence/percentiles.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { pilotsOf, servicesOf } from '../../../plan/schema/plan.ts';
import { directions } from '../../../plan/tasks/messaging/rows.ts';
import { fastEnough } from '../../../plan/tasks/messaging/verdicts/resilience.ts';
import { failsOver, type FailoverSeen } from '../../../plan/tasks/pilots/verdicts/failover.ts';
import { machinesAgree } from '../../../plan/tasks/preflight/verdicts/machines.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { answerMs, type Host, second, series, slowerAt, stallMs, stallsADay, day } from './hosts.ts';
import type { Random } from './random.ts';

/** Every pilot loses EdgeHub and gets it back; acknowledgements come once a second. `slowMs`: that one pilot takes, there or back. */
export function failover(
  random: Random,
  plan: Plan,
  hosts: Record<string, Host>,
  at: number,
  slowMs?: number,
): Evaluation {
  const pilots = pilotsOf(plan);
  const slow = random.pick(pilots).name;
  const back = random.chance(0.5);
  const found = pilots.map(({ name, machine }): FailoverSeen => {
    // Half a second in the median, as bench:failover measures it, and longer on a host with much to do.
    const takes = () => Math.min(3.5 * second, 500 * slowerAt(hosts[machine]!, at) * Math.exp(0.4 * random.normal()));
    const every = plan.migration.failover.probeInterval ?? second;
    const [over, returned] = [takes(), takes()].map((ms, index) =>
      slowMs !== undefined && name === slow && (index === 1) === back ? slowMs : ms,
    ) as [number, number];
    const stoppedAt = at + random.between(0, every);
    const startedAt = stoppedAt + plan.faults.window;
    // The last before comes up to an interval early, the first after waits for its turn.
    const last = stoppedAt - random.between(0, every / 2);
    const first = Math.round(stoppedAt + over + random.between(0, every / 2));
    const left = Math.round(startedAt + random.between(0, 10 * second));
    const there = Math.round(left + returned);
    return {
      agent: name,
      acks: {
        before: 1,
        runs: [
          {
            hub: 'primary',
            fromMs: Math.round(at - 30 * second),
            toMs: Math.round(last),
            sequences: [[2, 30]],
            count: 29,
          },
          { hub: 'fallback', fromMs: first, toMs: left, sequences: [[31, 60]], count: 30 },
          { hub: 'primary', fromMs: there, toMs: there + 30 * second, sequences: [[61, 90]], count: 30 },
        ],
      },
      restarted: false,
      stoppedAt,
      startedAt,
      read: [[2, 90]],
      inBoth: [],
    };
  });
  const { limit, target } = plan.limits.failover;
  return failsOver(limit, target)(found);
}

/** One request after the other, each way. `p99Ms`: of a fault that slows all of one way, one way and not there and back. */
export function latency(
  random: Random,
  plan: Plan,
  hosts: Record<string, Host>,
  at: number,
  p99Ms?: number,
): Evaluation {
  const wanted = plan.messaging.latencySamples;
  const slow = random.chance(0.5) ? 0 : 1;
  const found = directions(servicesOf(plan, 'nats')).map(([from, to], way) => {
    const host = hosts[to.machine]!;
    const next = series(random, host.lag);
    const halves: number[] = [];
    let failed = 0;
    const medianMs = random.logBetween(0.2, 1.5);
    const slower = slowerAt(host, at);
    const perRequest = (2 * medianMs * slower * stallsADay(host, at)) / day;
    let level = next();
    for (let request = 0; request < wanted; request += 1) {
      if (request % 50 === 0) level = next();
      const lost = random.chance(perRequest) && stallMs(random) > second;
      if (lost) failed += 1;
      halves.push(
        slow === way && p99Ms !== undefined
          ? p99Ms * Math.exp(0.3 * (random.normal() - 2.326))
          : answerMs(random, host, medianMs, slower, level) / 2,
      );
    }
    return { from: from.name, to: to.name, samples: halves.length, failed, ...percentiles(halves) };
  });
  const { limit, target } = plan.limits.messageLatency;
  return fastEnough(limit, target, wanted)(found);
}

/** Each worker tells the time at which it was asked and the one that it has, and the steadiest of three counts. */
export function clocks(random: Random, plan: Plan, hosts: Record<string, Host>, at: number, skewMs = 0): Evaluation {
  const wrong = random.pick(plan.machines).name;
  return machinesAgree(plan.limits.clockSkew)(
    plan.machines.map(({ name }) => {
      const kept = random.normal() * 10;
      const way = () =>
        answerMs(random, hosts[name]!, random.between(2, 20), slowerAt(hosts[name]!, at), random.normal());
      const offsets = [way(), way(), way()].map((ms) => ms + kept + (name === wrong ? skewMs : 0));
      const [clockOffsetMs] = offsets.sort((a, b) => Math.abs(a) - Math.abs(b));
      return { machine: name, build: 'one', clockOffsetMs: clockOffsetMs! } as Parameters<
        ReturnType<typeof machinesAgree>
      >[0][number];
    }),
  );
}
