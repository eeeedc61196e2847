// The file of the hub that is there before the week: it can get the week's scrape jobs, and a reload puts nothing else into effect.
import type { HubFile, Right } from '../../plan/machine-api/host.ts';
import { below, urlOf } from '../../plan/machine-api/target.ts';
import { notAsLoaded } from '../../plan/yaml/loaded.ts';
import { jobNamesIn } from '../../plan/yaml/scrape-jobs.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { triedEdit } from '../files/edits.ts';
import { changedAt } from '../files/paths.ts';
import { refusal } from '../context/refusal.ts';
import type { Reach } from '../http/reach.ts';
import { bodyOf, request } from '../http/request.ts';
import { api } from './api.ts';
import { metricOf } from './hub-status.ts';
import { promtoolSays } from './promtool.ts';

const shownAtMost = 4;

/**
 * Throws what keeps a reload with the week's jobs from going well, and how to mend it. What else the reload may put into effect
 * can't be told for sure, since a hub shows its settings with defaults and in its own spelling: that is a warning.
 */
export async function tryHubFile(
  host: Host,
  { url: target, path, edit, container, lifecycle = false }: HubFile,
): Promise<Pick<Right, 'detail' | 'warning'>> {
  const [hub, url] = [host.reach(target), urlOf(target)];
  const { before, after } = await triedEdit(host, path, edit);
  const metrics = await bodyOf(below(hub, '/metrics'));
  if (container !== undefined) await refuseMisnamed(host, container, url);
  if (metricOf(metrics, 'prometheus_config_last_reload_successful') === 0)
    throw new Error(
      `the last reload of ${url} failed, and its jobs would go live with somebody's unfinished change: mend ${path} (its log says what is wrong) and reload it`,
    );
  const { yaml } = await api<{ yaml: string }>(hub, 'status/config');
  const ours = edit.jobs.map(({ job_name }) => job_name);
  const [own, loaded] = [jobNamesIn(before), jobNamesIn(yaml)];
  const unloaded = own.find((name) => !loaded.includes(name) && !ours.includes(name));
  if (unloaded !== undefined)
    throw new Error(
      `${path} has a scrape job ${unloaded} that ${url} has not loaded, and a reload of the week would put that into effect: reload it yourself, or put the file back. Where the hub is a container that has this file mounted alone, and an editor replaced it, only a restart shows it to the hub`,
    );
  const clash = (await poolsOf(hub)).find((pool) => !own.includes(pool) && ours.includes(pool));
  if (clash !== undefined)
    throw new Error(
      `${url} has a scrape job ${clash} that is not in ${path} itself but in one of its scrape_config_files: rename it or take it out, since a hub takes no two jobs of one name`,
    );
  const gone = loaded.filter((name) => !own.includes(name));
  const loadedAt = (metricOf(metrics, 'prometheus_config_last_reload_success_timestamp_seconds') ?? 0) * 1_000;
  const wasTouched = ((await changedAt(host.path(path), host.files)) ?? Infinity) > loadedAt;
  const said = container === undefined ? {} : await ofPromtool(host, container, path, { before, after, wasTouched });
  const warnings = [
    ...(lifecycle && !(await takesReloads(hub))
      ? [
          `${url} runs without --web.enable-lifecycle, so its process gets a SIGHUP to reload: say "lifecycle: false" in the plan`,
        ]
      : []),
    ...(gone.length > 0 || wasTouched ? [warningOf(url, path, gone, notAsLoaded(before, yaml))] : []),
    ...(said.warning === undefined ? [] : [said.warning]),
  ];
  return {
    detail:
      container === undefined || said.warning !== undefined ? 'takes the jobs' : 'takes the jobs, says its promtool',
    ...(warnings.length > 0 ? { warning: warnings.join('; ') } : {}),
  };
}

/** A hub that answers is not the container that the plan names: there it is told to reload, and looked at. */
async function refuseMisnamed(host: Host, container: string, url: string): Promise<void> {
  const found = await inspect(host, container);
  if (found?.State.Running) return;
  const not = found
    ? `the container ${container} on ${host.machine} does not run`
    : `there is no container ${container} on ${host.machine}`;
  throw new Error(
    `${not}, and the hub at ${url} answers: "name" of the hub in the plan must be that of its container ("docker ps" shows it)`,
  );
}

/** Throws what the hub's own promtool has against the file with the jobs. What it has against the file that the hub runs is the hub's business. */
async function ofPromtool(
  host: Host,
  container: string,
  path: string,
  { before, after, wasTouched }: { before: string; after: string; wasTouched: boolean },
): Promise<{ warning?: string }> {
  const { refused, unchecked } = await promtoolSays(host, container, path, after);
  if (unchecked !== undefined)
    return {
      warning: `${path} with the week's jobs was not checked with the promtool of ${container}: ${unchecked}. Whether the hub takes it shows at the reload, and where it does not, it goes on with what it has`,
    };
  if (refused === undefined) return {};
  const { refused: asItIs } = await promtoolSays(host, container, path, before);
  if (asItIs === undefined) throw new Error(notTaken(container, path, refused));
  if (wasTouched)
    throw new Error(
      `${path} is broken since it was touched, says the promtool of ${container}: ${asItIs}. Mend it, and reload the hub`,
    );
  return {
    warning: `the promtool of ${container} has something against ${path} as it is, though the hub has loaded it: ${asItIs}`,
  };
}

/** Refuses the file with the jobs where the hub's own promtool takes it only without them. */
export async function refuseUnloadable(
  host: Host,
  container: string,
  path: string,
  { before, after }: { before: string; after: string },
): Promise<void> {
  const { refused } = await promtoolSays(host, container, path, after);
  if (refused === undefined) return;
  if ((await promtoolSays(host, container, path, before)).refused === undefined)
    throw refusal('ConfigInvalid', notTaken(container, path, refused));
}

function notTaken(container: string, path: string, refused: string): string {
  return `the promtool of ${container} refuses ${path} with the week's scrape jobs: ${refused}. Mend what it names; nothing was written`;
}

function warningOf(url: string, path: string, gone: string[], differing: string[]): string {
  const what =
    gone.length > 0
      ? `${url} runs scrape jobs that are not in ${path} any more (${shown(gone)})`
      : `${path} was touched since ${url} loaded it, and ${differing.length > 0 ? `seems to differ in ${shown(differing)}` : 'no difference shows'}`;
  return `${what}: a reload of the week puts into effect whatever was changed, so compare it with ${url}/config, or reload it before`;
}

function shown(names: string[]): string {
  const more = names.length > shownAtMost ? ` and ${names.length - shownAtMost} more` : '';
  return `${names.slice(0, shownAtMost).join(', ')}${more}`;
}

/** Who does not tell its flags is taken at the plan's word. */
async function takesReloads(hub: string | Reach): Promise<boolean> {
  const { status } = await request(below(hub, '/api/v1/status/flags'));
  return status !== 200 || (await api<Record<string, string>>(hub, 'status/flags'))['web.enable-lifecycle'] !== 'false';
}

/** Hubs before 2.42 do not tell. */
async function poolsOf(hub: string | Reach): Promise<string[]> {
  const { status } = await request(below(hub, '/api/v1/scrape_pools'));
  return status === 404 ? [] : (await api<{ scrapePools: string[] }>(hub, 'scrape_pools')).scrapePools;
}
