// Measures all along the week: who is up, how fast the hubs answer, whether messages cross, and what it costs. Keeps totals only.
import pMap from 'p-map';
import { type Used, withCost } from '../../plan/evidence/costs.ts';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import { type Look, lookedFrom } from '../../plan/evidence/looked.ts';
import type { Measured } from '../../plan/evidence/measured.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { capacity, costNow } from './cost.ts';
import { encoded, histogram, recordMs } from './histogram.ts';
import { courier } from './messages.ts';
import { lookOf, timingOf } from './timing.ts';
import { probe } from '../http/probe.ts';
import type { Reach } from '../http/reach.ts';
import { whyNotWorking } from '../nats/cluster-works.ts';
import { eachStatus } from '../programs/programs.ts';

/** Docker's figures cost more than a request: they are asked for at most this often. */
const costEveryMs = 5_000;
const sideBySide = 16;
/** A machine that is off lets each of them wait, and its time-outs must be over within an interval. */
const outsideSideBySide = 64;

export async function measure(host: Host, ask: MeasureAsk): Promise<Measured> {
  let totals = withOutside(previousHeartbeat<Measured>() ?? ask.soFar, ask);
  const messages = courier(host, ask.messages, totals.messages);
  const timing = timingOf(host, ask);
  let cost: { at: number; used: Used } | null = null;
  let last: { at: number; looks: Look[] } | undefined;
  try {
    for (
      let due = Date.now();
      due < ask.untilMs && !cancelled().aborted;
      due = Math.max(due + ask.intervalMs, Date.now())
    ) {
      await rest(due - Date.now());
      const at = Date.now();
      if (last) totals = lookedFrom(totals, last, at, ask.intervalMs);
      timing.ask();
      const [looks] = await Promise.all([lookAround(host, ask).catch(() => undefined), messages.send()]);
      // What was cut off by cancellation is no sample.
      if (cancelled().aborted) break;
      // Nor is what could not be looked at.
      last = looks && { at, looks };
      totals = {
        ...withResponses(totals, [...(looks ?? []), ...timing.answers(looks ?? [])]),
        samples: totals.samples + (looks ? 1 : 0),
        messages: { ...totals.messages, ...messages.totals() },
      };
      if (cost === null || at - cost.at >= costEveryMs) {
        // A Docker that hangs keeps nobody from being looked at.
        const late = rest(costEveryMs).then((): Used => ({ points: new Map() }));
        const now = { at, used: await Promise.race([costNow(host, ask), late]) };
        if (cost)
          totals = withCost(totals, ask.containers, { before: cost.used, now: now.used }, await capacity(), Date.now());
        cost = now;
      }
      reportProgress(totals);
    }
    totals = withResponses(totals, timing.answers(last?.looks ?? []));
    return last ? lookedFrom(totals, last, Date.now(), ask.intervalMs) : totals;
  } finally {
    await messages.close();
  }
}

/** A week of one machine looks at no other, and is judged as those that do. */
function withOutside(totals: Measured, { outside }: MeasureAsk): Measured {
  return outside && !totals.outside ? { ...totals, outside: [] } : totals;
}

async function lookAround(host: Host, ask: MeasureAsk): Promise<Look[]> {
  const { urls, outside = {}, programs, clusters = {}, timeoutMs } = ask;
  const [found, reached, states, together] = await Promise.all([
    pMap(Object.entries(urls), ([target, { url, timed }]) => lookAt(target, host.reach(url), timeoutMs, timed), {
      concurrency: sideBySide,
    }),
    pMap(Object.entries(outside), ([target, url]) => lookAt(target, host.reach(url), timeoutMs), {
      concurrency: outsideSideBySide,
    }),
    Promise.allSettled(eachStatus(host, Object.values(programs), timeoutMs)),
    Promise.all(
      Object.entries(clusters).map(async ([target, cluster]): Promise<Look> => {
        const broken = await whyNotWorking(host, cluster, timeoutMs);
        return { target, up: !broken, ...(broken?.unknown && { unknown: true }) };
      }),
    ),
  ]);
  // An agent is a program and a URL: up when both are. Where who runs it does not answer, the agent speaks for itself.
  const agents = Object.keys(programs).map((target, index): Look => {
    const itself = found.find((look) => look.target === target);
    const state = states[index]!;
    const runs = state.status === 'fulfilled' ? state.value.state === 'RUNNING' : undefined;
    if (itself?.unknown && runs !== false) return { target, up: false, unknown: true };
    return { target, up: itself?.up !== false && (runs ?? itself?.up === true) };
  });
  return [
    ...found.filter(({ target }) => !(target in programs)),
    ...agents,
    ...together,
    ...reached.map((look): Look => ({ ...look, outside: true })),
  ];
}

async function lookAt(target: string, reached: string | Reach, timeoutMs: number, timed = false): Promise<Look> {
  const { latencyMs, ...look } = lookOf(target, await probe(reached, timeoutMs));
  return timed ? { ...look, latencyMs } : look;
}

function withResponses(totals: Measured, looks: Look[]): Measured {
  const responses = { ...totals.responses };
  for (const { target, latencyMs } of looks) {
    if (latencyMs === undefined) continue;
    const hdr = histogram(responses[target]);
    recordMs(hdr, latencyMs);
    responses[target] = encoded(hdr)!;
  }
  return { ...totals, responses };
}
