// Observation and soak: looks at every target on each machine, slice after slice, as workflows/watch/window.ts asks for them.
import { creditOfAll } from '../../../plan/evidence/credit.ts';
import { endsEarly, observationOf, observingFrom, type Seen, withSample } from '../../../plan/evidence/observing.ts';
import { downNow, failedAtMost, type Watched, withSlice } from '../../../plan/evidence/watched.ts';
import { begun, counted, credited, isBlind, issueIn, sliceOf } from '../../../plan/evidence/window.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { heldUp } from '../../../plan/tasks/shared/watched.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { day, type Host, minute, second, stallMs, stallsADay } from './hosts.ts';
import type { Random } from './random.ts';

/** Something that befalls what is looked at, or who looks. */
export interface Event {
  machine: string;
  from: number;
  to: number;
  /** Of one target, or of all. */
  target?: string;
  is: 'down' | 'unknown' | 'away';
}

export function targetsOn(plan: Plan, machine: string): string[] {
  return [
    ...plan.agents
      .filter((agent) => agent.machine === machine)
      .flatMap(({ name, program }) => [name, `${name} hub`, `program ${program}`]),
    ...plan.services
      .filter((service) => service.machine === machine)
      .flatMap(({ name }) => [name, `container ${name}`]),
  ];
}

/** What happens in a time that goes well. Of a single request one in a million is lost, and ten on a host with too much to do. */
export function healthyEvents(
  random: Random,
  plan: Plan,
  hosts: Record<string, Host>,
  from: number,
  to: number,
): Event[] {
  const days = (to - from) / day;
  const at = () => random.between(from, to);
  return plan.machines.flatMap(({ name: machine }) => {
    const stalls = stallsADay(hosts[machine]!, from);
    const targets = targetsOn(plan, machine);
    const looks = (targets.length * (to - from)) / plan.watch.sampleInterval;
    const some = (mean: number, event: () => Omit<Event, 'machine'>): Event[] =>
      Array.from({ length: random.count(mean) }, () => ({ machine, ...event() }));
    const lasting = (is: Event['is'], ms: number, target?: string) => {
      const begins = at();
      return { from: begins, to: begins + ms, is, target };
    };
    return [
      ...some(stalls * days, () => lasting('down', stallMs(random))),
      // As long as until the next look: it is one look that fails.
      ...some(looks * (stalls > 0.1 ? 1e-5 : 1e-6), () =>
        lasting('down', plan.watch.sampleInterval, random.pick(targets)),
      ),
      // Docker that takes its time, a worker that is started again.
      ...some(0.5 * days, () =>
        lasting(
          'unknown',
          random.between(5, 60) * second,
          random.pick(targets.filter((target) => target.startsWith('container'))),
        ),
      ),
      ...some(0.3 * days, () => lasting('away', random.between(5, 90) * second)),
    ];
  });
}

/** One window to its end. */
export function windowOf(
  plan: Plan,
  startedAt: number,
  wantedMs: number,
  restartsAtMost: number,
  events: Event[],
): Evaluation {
  const { watch } = plan;
  let window = begun(startedAt);
  let targets: Watched['targets'] = {};
  const restarted: string[] = [];
  let now = startedAt;
  while (window.creditMs < wantedMs) {
    const sliceMs = sliceOf(window, wantedMs, watch);
    const down = downNow(targets);
    const seen = plan.machines.map(({ name }) => sliceSeen(plan, name, now, sliceMs, events, down));
    targets = withSlice(targets, seen);
    const issue = issueIn(seen, targets, wantedMs, watch);
    now += sliceMs;
    window = { ...window, ...counted(window, targets, seen) };
    if (issue === undefined) {
      const earned = creditOfAll(seen, plan.machines.length, watch.sampleInterval);
      window = { ...window, ...credited(window, earned, sliceMs, () => sliceMs) };
      if (isBlind(window, wantedMs)) break;
    } else if (window.restarts < restartsAtMost) {
      window = { ...window, restarts: window.restarts + 1, creditMs: 0 };
      targets = {};
    } else {
      restarted.push(...seen.flatMap((one) => one.restarted));
      break;
    }
  }
  const { creditMs, longestGapMs, restarts } = window;
  return heldUp(wantedMs, watch)({ creditMs, longestGapMs, restarts, targets, restarted });
}

const quiet = new Map<string, Observation>();

/** What one machine sees. In a slice in which nothing happens all is as in any other such slice, but for its time. */
function sliceSeen(
  plan: Plan,
  machine: string,
  from: number,
  sliceMs: number,
  events: Event[],
  downBefore: Record<string, number>,
): Observation {
  const here = events.filter((event) => event.machine === machine && event.from < from + sliceMs && event.to > from);
  if (here.length > 0 || Object.keys(downBefore).length > 0)
    return looked(plan, machine, from, sliceMs, here, downBefore);
  const key = `${machine} ${sliceMs}`;
  const known = quiet.get(key) ?? looked(plan, machine, 0, sliceMs, [], {});
  quiet.set(key, known);
  return {
    ...known,
    fromMs: from,
    toMs: from + sliceMs,
    seen: known.seen!.map(([first, last]) => [first + from, last + from]),
  };
}

function looked(
  plan: Plan,
  machine: string,
  from: number,
  sliceMs: number,
  events: Event[],
  downBefore: Record<string, number>,
): Observation {
  const every = plan.watch.sampleInterval;
  const names = targetsOn(plan, machine);
  let state = observingFrom(from, { downBefore });
  let now = from;
  for (; now < from + sliceMs && !endsEarly(state, plan.watch.tolerate); now += every) {
    const happening = events.filter((event) => event.from <= now && event.to > now);
    if (happening.some(({ is }) => is === 'away')) continue;
    const looks = names.map((name): Seen => {
      const event = happening.find(({ target }) => target === undefined || target === name);
      if (!event) return { name };
      return event.is === 'unknown' ? { name, unknown: 'does not answer' } : { name, error: 'timed out' };
    });
    state = withSample(state, now, looks, every);
  }
  return observationOf(state, Math.min(now, from + sliceMs), every);
}

/** A target that is down for so many times as long as is tolerated in a row, once in each stretch of `eachMs`. */
export function inARow(random: Random, plan: Plan, size: number, from: number, to: number, eachMs: number): Event[] {
  const { machine, target } = anyTarget(random, plan);
  const lasts = size * plan.watch.tolerate * plan.watch.sampleInterval;
  return stretches(from, to, eachMs).map((begins) => {
    const at = begins + random.between(0, eachMs - lasts);
    return { machine, target, from: at, to: at + lasts, is: 'down' };
  });
}

/**
 * A target of which so many times as many looks fail as may in a window: one after the other in any window of that length, and never more in a
 * row than is tolerated.
 */
export function tooOften(
  random: Random,
  plan: Plan,
  size: number,
  from: number,
  to: number,
  wantedMs: number,
): Event[] {
  const every = plan.watch.sampleInterval;
  const { machine, target } = anyTarget(random, plan);
  const wanted = Math.ceil(size * failedAtMost(wantedMs, 0, plan.watch) - 1e-9);
  const eachMs = wantedMs / wanted;
  return stretches(from, to, eachMs).map((begins) => {
    // Not beside the one of the next stretch.
    const at = begins + random.between(0, eachMs - 2 * every);
    return { machine, target, from: at, to: at + every, is: 'down' };
  });
}

function anyTarget(random: Random, plan: Plan): { machine: string; target: string } {
  const machine = random.pick(plan.machines).name;
  return { machine, target: random.pick(targetsOn(plan, machine)) };
}

function stretches(from: number, to: number, eachMs: number): number[] {
  const count = Math.max(1, Math.floor((to - from) / eachMs));
  return Array.from({ length: count }, (_, index) => from + index * eachMs);
}

/** How long a window may take at the most, with what it is begun again and what nobody saw. */
export function atMostMs(wantedMs: number, restarts: number): number {
  return (restarts + 1) * wantedMs + 30 * minute;
}
