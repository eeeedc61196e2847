// The file of the hub that is there before the week: it can get the week's scrape jobs, and a reload puts nothing else into effect.
import type { HubFile, Right } from '../../plan/machine-api/host.ts';
import { below, urlOf } from '../../plan/machine-api/target.ts';
import { notAsLoaded } from '../../plan/yaml/loaded.ts';
import { jobNamesIn } from '../../plan/yaml/scrape-jobs.ts';
import type { Host } from '../context/host.ts';
import { triedEdit } from '../files/edits.ts';
import { changedAt } from '../files/paths.ts';
import type { Reach } from '../http/reach.ts';
import { bodyOf, request } from '../http/request.ts';
import { api } from './api.ts';
import { metricOf } from './hub-status.ts';

const shownAtMost = 4;

/**
 * Throws what keeps a reload with the week's jobs from going well, and how to mend it. What else the reload may put into effect
 * can't be told for sure, since a hub shows its settings with defaults and in its own spelling: that is a warning.
 */
export async function tryHubFile(
  host: Host,
  { url: target, path, edit }: HubFile,
): Promise<Pick<Right, 'detail' | 'warning'>> {
  const [hub, url] = [host.reach(target), urlOf(target)];
  const { before } = await triedEdit(host, path, edit);
  const metrics = await bodyOf(below(hub, '/metrics'));
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
  return {
    detail: 'takes the jobs',
    ...(gone.length > 0 || wasTouched ? { warning: warningOf(url, path, gone, notAsLoaded(before, yaml)) } : {}),
  };
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

/** Hubs before 2.42 do not tell. */
async function poolsOf(hub: string | Reach): Promise<string[]> {
  const { status } = await request(below(hub, '/api/v1/scrape_pools'));
  return status === 404 ? [] : (await api<{ scrapePools: string[] }>(hub, 'scrape_pools')).scrapePools;
}
