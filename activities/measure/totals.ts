// Measures all along the week: who is up, how fast the hubs answer, whether messages cross, and what it costs. Keeps totals only.
import pMap from 'p-map';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Probe } from '../../plan/machine-api/host.ts';
import type { Availability, Measured } from '../../plan/evidence/measured.ts';
import { union } from '../../plan/evidence/sequence-sets.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { costNow, type Used, withCost } from './cost.ts';
import { encoded, histogram, recordMs } from './histogram.ts';
import { courier } from './messages.ts';
import { probe } from '../http/probe.ts';
import { probeReceiver } from '../prometheus/hub-status.ts';
import { programStatuses } from '../supervisor/programs.ts';

/** Docker's figures cost more than a request: they are asked for at most this often. */
const costEveryMs = 5_000;
const sideBySide = 16;

interface Look {
  target: string;
  up: boolean;
  /** Of a URL that answered and is timed. */
  latencyMs?: number;
}

export async function measure(host: Host, ask: MeasureAsk): Promise<Measured> {
  let totals = previousHeartbeat<Measured>() ?? ask.soFar;
  const messages = courier(ask.messages, totals.messages);
  const timing = timingOf(ask);
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
      const [looks] = await Promise.all([lookAround(host, ask).catch((): Look[] => []), messages.send()]);
      // What was cut off by cancellation is no sample.
      if (cancelled().aborted) break;
      totals = {
        ...withResponses(totals, [...looks, ...timing.answers()]),
        samples: totals.samples + 1,
        messages: { ...totals.messages, ...messages.totals() },
      };
      last = { at, looks };
      if (cost === null || at - cost.at >= costEveryMs) {
        const now = { at, used: await costNow(host, ask) };
        if (cost) totals = await withCost(totals, ask.containers, cost.used, now.used);
        cost = now;
      }
      reportProgress(totals);
    }
    totals = withResponses(totals, timing.answers());
    return last ? lookedFrom(totals, last, Date.now(), ask.intervalMs) : totals;
  } finally {
    await messages.close();
  }
}

/** What was found holds until the next look; when that comes late, for one interval, and what follows is unknown. */
export function lookedFrom(
  totals: Measured,
  { at, looks }: { at: number; looks: Look[] },
  next: number,
  intervalMs: number,
): Measured {
  const until = next - at > 2 * intervalMs ? at + intervalMs : Math.max(next, at + 1);
  const span: [number, number][] = [[at, until - 1]];
  const targets: Record<string, Availability> = { ...totals.targets };
  for (const { target, up } of looks) {
    const known = targets[target];
    if (up) targets[target] = known ?? { since: at, down: [] };
    else if (known) targets[target] = { ...known, down: union(known.down, span) };
  }
  return { ...totals, seen: union(totals.seen, span), targets };
}

async function lookAround(host: Host, { urls, programs, timeoutMs }: MeasureAsk): Promise<Look[]> {
  const statuses = programStatuses(host, Object.values(programs)).catch((): ProgramStatus[] => []);
  const answers = pMap(
    Object.entries(urls),
    async ([target, { url, timed }]): Promise<Look> => {
      const { latencyMs, ...look } = lookOf(target, await probe(url, timeoutMs));
      return timed ? { ...look, latencyMs } : look;
    },
    { concurrency: sideBySide },
  );
  const [found, states] = await Promise.all([answers, statuses]);
  const running = new Set(states.filter(({ state }) => state === 'RUNNING').map(({ program }) => program));
  // An agent is a program and a URL: up when both are.
  return [
    ...found.filter(({ target }) => !(target in programs)),
    ...Object.entries(programs).map(([target, program]) => ({
      target,
      up: running.has(program) && (found.find((look) => look.target === target)?.up ?? true),
    })),
  ];
}

/** What is only timed is asked beside the looks, which one that hangs must not hold up, and never twice at once. */
function timingOf({ timed, timeoutMs }: MeasureAsk) {
  const { urls = {}, writes = {} } = timed ?? {};
  const asks = [
    ...Object.entries(urls).map(([name, url]) => ({ name, one: () => probe(url, timeoutMs) })),
    ...Object.entries(writes).map(([name, hub]) => ({ name, one: () => probeReceiver(hub) })),
  ];
  const asked = new Set<string>();
  const found: Look[] = [];
  const askOne = async ({ name, one }: (typeof asks)[number]) => {
    if (asked.has(name)) return;
    asked.add(name);
    // It throws when it is cancelled, and leaves no time.
    await one().then(
      (answer) => found.push(lookOf(name, answer)),
      () => undefined,
    );
    asked.delete(name);
  };
  return {
    ask: () => asks.forEach((one) => void askOne(one)),
    answers: () => found.splice(0),
  };
}

function lookOf(target: string, { ok, latencyMs }: Probe): Look {
  return { target, up: ok, ...(ok && { latencyMs }) };
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
