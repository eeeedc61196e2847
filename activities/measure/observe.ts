// Watches URLs, programs, containers and values at a steady rate, and keeps aggregates only.
import pMap from 'p-map';
import type { Agents, Observation, ObserveAsk, ProgramStatus } from '../../plan/machine-api/index.ts';
import { cancelled, within } from '../context/cancellation.ts';
import { progress } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { request } from '../http/request.ts';
import { parseJson, spelt, valueAt } from '../http/json.ts';
import { probe } from '../http/probe.ts';
import { programStatuses } from '../supervisor/programs.ts';
import { rest } from '../context/cancellation.ts';
import { resumed } from '../context/heartbeat.ts';

type Tally = Observation['targets'][string];

interface State {
  fromMs: number;
  /** Begin of the newest sample. */
  lastMs: number;
  samples: number;
  longestGapMs: number;
  tallies: Record<string, Tally>;
  /** Samples for which a target has been down now. */
  downInARow: Record<string, number>;
  /** By program and container: what changes when it is started again. */
  lives: Record<string, string>;
  restarted: string[];
}

interface Target {
  name: string;
  /** Throws when it is down; gives what changes when it is started again, if it has that. */
  look(): Promise<string | undefined>;
}

/** A machine may have hundreds of targets. */
const sideBySide = 16;

export function observeActivities(host: Host): Pick<Agents, 'observe'> {
  return {
    async observe(ask) {
      let state = resumed<State>() ?? begin();
      for (let due = Date.now(); due < ask.untilMs && !cancelled().aborted && !isTrouble(state, ask.tolerate);) {
        const at = Date.now();
        const seen = await pMap(targetsOf(host, ask), (target) => lookAt(target, ask.timeoutMs), {
          concurrency: sideBySide,
        });
        // What was cut off by cancellation is no sample.
        if (cancelled().aborted) break;
        state = added(state, at, seen);
        progress(state);
        due = tickAfter(Math.max(due, Date.now()), state.fromMs, ask.intervalMs);
        if (!isTrouble(state, ask.tolerate)) await rest(Math.min(due, ask.untilMs) - Date.now());
      }
      return observationOf(state);
    },
  };
}

/** What is not waited for until the end of the slice. */
function isTrouble({ downInARow, restarted }: State, tolerate: number): boolean {
  return restarted.length > 0 || Object.values(downInARow).some((count) => count > tolerate);
}

/** The targets of one sample: all programs are asked for at once. */
function targetsOf(host: Host, { urls, programs, containers, values, timeoutMs }: ObserveAsk): Target[] {
  const statuses = programStatuses(host, programs);
  // Each program's look throws it again; without programs nobody would.
  statuses.catch(() => undefined);
  return [
    ...Object.entries(urls).map(([name, url]) => ({ name, look: () => lookAtUrl(url, timeoutMs) })),
    ...Object.entries(values).map(([name, value]) => ({ name, look: () => lookAtValue(value, timeoutMs) })),
    ...programs.map((program) => ({
      name: `program ${program}`,
      look: async () => lookAtProgram((await statuses).find((status) => status.program === program)),
    })),
    ...containers.map((container) => ({
      name: `container ${container}`,
      look: () => lookAtContainer(host, container, timeoutMs),
    })),
  ];
}

async function lookAtUrl(url: string, timeoutMs: number): Promise<undefined> {
  const { ok, status, error } = await probe(url, timeoutMs);
  if (!ok) throw new Error(error ?? `${url} answered ${status}`);
}

async function lookAtValue(
  { url, pointer, want }: ObserveAsk['values'][string],
  timeoutMs: number,
): Promise<undefined> {
  const { status, text } = await request(url, { timeoutMs, headers: { connection: 'close' } });
  const value = spelt(valueAt(parseJson(text), pointer));
  if (value !== want) throw new Error(`${url} answered ${status} and shows ${value} at ${pointer}; ${want} is wanted`);
}

function lookAtProgram(status: ProgramStatus | undefined): string {
  if (status?.state !== 'RUNNING') throw new Error(`${status?.program} is ${status?.state}`);
  return String(status.pid);
}

async function lookAtContainer(host: Host, name: string, timeoutMs: number): Promise<string> {
  const { State: state } = await host.docker.getContainer(name).inspect({ abortSignal: within(timeoutMs) });
  if (!state.Running) throw new Error(`${name} is ${state.Status}`);
  return state.StartedAt;
}

interface Seen {
  name: string;
  life?: string;
  error?: string;
}

/** One look, over at its time-out whatever it does. */
async function lookAt({ name, look }: Target, timeoutMs: number): Promise<Seen> {
  const over = within(timeoutMs);
  const late = new Promise<never>((_resolve, reject) =>
    over.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true }),
  );
  try {
    const life = await Promise.race([look(), late]);
    return { name, ...(life === undefined ? {} : { life }) };
  } catch (error) {
    return { name, error: (error as Error).message.slice(0, 200) };
  }
}

function begin(): State {
  const now = Date.now();
  return {
    fromMs: now,
    lastMs: now,
    samples: 0,
    longestGapMs: 0,
    tallies: {},
    downInARow: {},
    lives: {},
    restarted: [],
  };
}

function added(state: State, at: number, seen: Seen[]): State {
  const lives = Object.fromEntries(seen.flatMap(({ name, life }) => (life === undefined ? [] : [[name, life]])));
  const restarted = Object.keys(lives).filter(
    (name) => state.lives[name] !== undefined && state.lives[name] !== lives[name],
  );
  const downInARow = Object.fromEntries(
    seen.map(({ name, error }) => [name, error === undefined ? 0 : (state.downInARow[name] ?? 0) + 1]),
  );
  return {
    ...state,
    lastMs: at,
    samples: state.samples + 1,
    longestGapMs: Math.max(state.longestGapMs, at - state.lastMs),
    tallies: Object.fromEntries(
      seen.map(({ name, error }) => [name, tallied(state.tallies[name], downInARow[name] ?? 0, at, error)]),
    ),
    downInARow,
    lives: { ...state.lives, ...lives },
    restarted: [...new Set([...state.restarted, ...restarted])],
  };
}

function tallied(
  tally: Tally = { up: 0, down: 0, longestDown: 0 },
  downInARow: number,
  at: number,
  error?: string,
): Tally {
  if (error === undefined) return { ...tally, up: tally.up + 1 };
  return {
    ...tally,
    down: tally.down + 1,
    longestDown: Math.max(tally.longestDown, downInARow),
    firstError: tally.firstError ?? error,
    firstDownAt: tally.firstDownAt ?? at,
  };
}

function observationOf({ tallies, lastMs, longestGapMs, fromMs, samples, restarted }: State): Observation {
  const toMs = Date.now();
  return { fromMs, toMs, samples, longestGapMs: Math.max(longestGapMs, toMs - lastMs), targets: tallies, restarted };
}

/** The next moment of the grid: a sample that took too long is followed by a gap, not by a burst. */
function tickAfter(time: number, fromMs: number, intervalMs: number): number {
  return fromMs + (Math.floor((time - fromMs) / intervalMs) + 1) * intervalMs;
}
