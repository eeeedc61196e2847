// Makes a running Prometheus take the configuration on its disk, and waits until it says that it has.
import { parse } from 'yaml';
import { below } from '../../plan/machine-api/target.ts';
import type { ReloadSpec } from '../../plan/week/undo.ts';
import { cancelled } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import type { Reach } from '../http/reach.ts';
import { isLifecycleOff, NotSeen } from '../http/refused.ts';
import { bodyIn, bodyOf, request } from '../http/request.ts';
import { signal } from '../host/process.ts';

export interface Reloaded {
  how: 'http' | 'signal';
  successful: boolean;
  /** Scrape jobs of the configuration that runs now. */
  jobs: string[];
  waitedMs: number;
  error?: string;
  /** It refuses who asks, which says nothing of the reload. */
  unknown?: true;
}

interface Running {
  jobs: string[];
  /** Of the last reload, as the hub's own metrics say. */
  successful: boolean;
  reloadedAt: number;
}

const answerMs = 5_000;

/**
 * Reloads over HTTP where lifecycle is on, in the plan and in the hub, else by SIGHUP to the container's process: a kill through Docker would
 * switch off its automatic restart. Successful when the hub reports a reload after the call, runs all of `jobs` and none of `gone`.
 */
export async function reload(
  host: Host,
  spec: ReloadSpec,
  jobs: string[] = [],
  gone: string[] = [],
): Promise<Reloaded> {
  const started = performance.now();
  let how: Reloaded['how'] = spec.lifecycle ? 'http' : 'signal';
  const failed = (error: unknown, running?: Running): Reloaded => {
    cancelled().throwIfAborted();
    return {
      how,
      successful: false,
      jobs: running?.jobs ?? [],
      waitedMs: Math.round(performance.now() - started),
      error: error instanceof Error ? error.message : String(error),
      ...(error instanceof NotSeen && { unknown: true }),
    };
  };
  try {
    const hub = host.reach(spec.url);
    const { reloadedAt: before } = await running(hub).catch((error: unknown) => {
      if (spec.lifecycle) throw error;
      // A signal wants nobody's login: it takes its file, whoever is told of it. It runs on this machine, by its clock.
      return { reloadedAt: Date.now() / 1_000 };
    });
    if (spec.lifecycle && !(await posted(hub))) how = 'signal';
    if (how === 'signal') await hangUp(host, spec.container);
    const taken = (now: Running): boolean =>
      now.successful &&
      now.reloadedAt > before &&
      jobs.every((job) => now.jobs.includes(job)) &&
      !gone.some((job) => now.jobs.includes(job));
    const { value, done } = await until(spec.withinMs, () => running(hub), taken).catch((error: Error) => {
      cancelled().throwIfAborted();
      throw new (error instanceof NotSeen ? NotSeen : Error)(
        `${spec.container} was told to reload, and nobody can see whether it did: ${error.message}`,
        {
          cause: error,
        },
      );
    });
    if (!done)
      return failed(
        `${spec.container} runs the jobs ${value.jobs.join(', ')}; its last reload ${value.successful ? 'was good' : 'failed: see its log'}`,
        value,
      );
    return { how, successful: true, jobs: value.jobs, waitedMs: Math.round(performance.now() - started) };
  } catch (error) {
    return failed(error);
  }
}

async function running(hub: string | Reach): Promise<Running> {
  const [config, metrics] = await Promise.all([
    bodyOf(below(hub, '/api/v1/status/config'), { timeoutMs: answerMs }),
    bodyOf(below(hub, '/metrics'), { timeoutMs: answerMs }),
  ]);
  const { data } = JSON.parse(config) as { data: { yaml: string } };
  const { scrape_configs: scrapes } = parse(data.yaml, { prettyErrors: false }) as {
    scrape_configs?: { job_name: string }[];
  };
  const metric = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  return {
    jobs: (scrapes ?? []).map((job) => job.job_name),
    successful: metric('prometheus_config_last_reload_successful') === 1,
    reloadedAt: metric('prometheus_config_last_reload_success_timestamp_seconds'),
  };
}

/** False where its lifecycle API is off, as in a hub that was started again without the flag. */
async function posted(hub: string | Reach): Promise<boolean> {
  const asked = below(hub, '/-/reload');
  const answer = await request(asked, { method: 'POST', timeoutMs: answerMs });
  if (isLifecycleOff(answer)) return false;
  bodyIn(answer, asked, 'POST');
  return true;
}

async function hangUp(host: Host, container: string): Promise<void> {
  const found = await inspect(host, container);
  if (!found?.State.Running)
    throw new Error(`${container} does not run on ${host.machine}, so it can't be told to reload`);
  signal(found.State.Pid, 'SIGHUP');
}
