// The targets of an observation, each looked at once a sample: URLs, values, programs, containers.
import { createHash } from 'node:crypto';
import type { Seen } from '../../plan/evidence/observing.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { ObserveAsk } from '../../plan/machine-api/measure.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { statusOf } from '../docker/engine.ts';
import { parseJson, spelt, valueAt } from '../http/json.ts';
import { probe } from '../http/probe.ts';
import type { Reach } from '../http/reach.ts';
import { NotSeen, whyRefused } from '../http/refused.ts';
import { request } from '../http/request.ts';
import { eachStatus } from '../programs/programs.ts';
import { cut } from '../../plan/week/cut-text.ts';

interface Target {
  name: string;
  /** It is Docker or who runs a program that is asked: one that does not answer says nothing about what it manages. */
  managed?: true;
  /** Throws when it is down; gives what changes when it is started again, if it has that. */
  look(): Promise<string | undefined>;
}

/** Said of a target by who manages it. */
class Down extends Error {}

/** The targets of one sample: programs are asked for at once. */
export function targetsOf(host: Host, { urls, programs, containers, values, timeoutMs }: ObserveAsk): Target[] {
  const statuses = eachStatus(host, programs);
  return [
    ...Object.entries(urls).map(([name, url]) => ({ name, look: () => lookAtUrl(host.reach(url), timeoutMs) })),
    ...Object.entries(values).map(([name, value]) => ({
      name,
      look: () => lookAtValue(host.reach(value.url), value, timeoutMs),
    })),
    ...programs.map((program, index) => ({
      name: `program ${program}`,
      managed: true as const,
      look: async () => lookAtProgram(await statuses[index]!),
    })),
    ...containers.map((container) => ({
      name: `container ${container}`,
      managed: true as const,
      look: () => lookAtContainer(host, container, timeoutMs),
    })),
  ];
}

async function lookAtUrl(target: string | Reach, timeoutMs: number): Promise<undefined> {
  const { ok, url, status, error, unknown } = await probe(target, timeoutMs);
  if (!ok) throw new (unknown ? NotSeen : Error)(error ?? `${url} answered ${status}`);
}

async function lookAtValue(
  target: string | Reach,
  { pointer, want }: ObserveAsk['values'][string],
  timeoutMs: number,
): Promise<undefined> {
  const { status, text, clean } = await request(target, { timeoutMs, headers: { connection: 'close' } });
  const refused = whyRefused(target, { status, text });
  if (refused) throw new NotSeen(`${urlOf(target)} answered ${status}${refused}`);
  const value = spelt(valueAt(parseJson(text), pointer));
  if (value !== want)
    throw new Error(`${urlOf(target)} answered ${status} and shows ${clean(value)} at ${pointer}; ${want} is wanted`);
}

function lookAtProgram({ program, state, since, pid }: ProgramStatus): string {
  if (state !== 'RUNNING') throw new Down(`${program} is ${state}`);
  return lifeOf(`${since} ${pid}`);
}

async function lookAtContainer(host: Host, name: string, timeoutMs: number): Promise<string> {
  const { State: state } = await host.docker
    .getContainer(name)
    .inspect({ abortSignal: within(timeoutMs) })
    .catch((error: Error) => {
      throw statusOf(error) === 404 ? new Down(error.message) : error;
    });
  if (!state.Running) throw new Down(`${name} is ${state.Status}`);
  return lifeOf(state.StartedAt);
}

/** It is only compared, and kept for hundreds of them. */
function lifeOf(what: string): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 8);
}

/** One look, over at its time-out whatever it does. */
export async function lookAt({ name, managed, look }: Target, timeoutMs: number): Promise<Seen> {
  const over = within(timeoutMs);
  const late = new Promise<never>((_resolve, reject) =>
    over.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true }),
  );
  try {
    const life = await Promise.race([look(), late]);
    return { name, ...(life === undefined ? {} : { life }) };
  } catch (error) {
    const why = cut((error as Error).message, 200);
    if (error instanceof NotSeen) return { name, unknown: why, refused: true };
    return managed && !(error instanceof Down) ? { name, unknown: why } : { name, error: why };
  }
}
