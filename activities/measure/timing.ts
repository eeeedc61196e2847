// How fast hubs answer what they are there for, asked beside the looks at who is up.
import type { Look } from '../../plan/evidence/looked.ts';
import type { Probe } from '../../plan/machine-api/host.ts';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { Host } from '../context/host.ts';
import { probe } from '../http/probe.ts';
import { probeReceiver } from '../prometheus/hub-status.ts';

/** One that hangs holds up no look, and is never asked twice at once. */
export function timingOf(host: Host, { timed, timeoutMs }: MeasureAsk) {
  const { urls = {}, writes = {} } = timed ?? {};
  const asks = [
    ...Object.entries(urls).map(([name, url]) => ({ name, one: () => probe(host.reach(url), timeoutMs) })),
    ...Object.entries(writes).map(([name, hub]) => ({ name, one: () => probeReceiver(host.reach(hub)) })),
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
    /** One that refuses or is silent while its hub is up is no faster than one that just answers in time; of a hub that is down it says nothing. */
    answers: (looks: Look[]) => {
      const isUp = (name: string) => looks.some(({ target, up }) => up && name.startsWith(`${target} `));
      return found
        .splice(0)
        .filter(({ unknown }) => !unknown)
        .map((answer) => (answer.up || !isUp(answer.target) ? answer : { ...answer, latencyMs: timeoutMs }));
    },
  };
}

/** With its time, when it answered. */
export function lookOf(target: string, { ok, latencyMs, unknown }: Probe): Look {
  return { target, up: ok, ...(ok && { latencyMs }), ...(unknown && { unknown }) };
}
