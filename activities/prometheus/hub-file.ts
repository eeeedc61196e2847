// The file of the hub that is there before the week: it is what the hub runs, and can get the week's scrape jobs.
import type { HubFile } from '../../plan/machine-api/host.ts';
import { settingsOf } from '../../plan/yaml/document.ts';
import { notAsLoaded } from '../../plan/yaml/loaded.ts';
import type { Host } from '../context/host.ts';
import { triedEdit } from '../files/edits.ts';
import { changedAt } from '../files/paths.ts';
import { bodyOf, request } from '../http/request.ts';
import { api, base } from './api.ts';
import { metricOf } from './hub-status.ts';

const shownAtMost = 4;

/** Throws what stands in the way of a reload with the week's jobs, and how to mend it. */
export async function tryHubFile(host: Host, { url, path, edit }: HubFile): Promise<string> {
  const { before } = await triedEdit(host, path, edit);
  const metrics = await bodyOf(`${base(url)}/metrics`);
  if (metricOf(metrics, 'prometheus_config_last_reload_successful') === 0)
    throw new Error(
      `the last reload of ${url} failed, and its jobs would go live with somebody's unfinished change: mend ${path} (its log says what is wrong) and reload it`,
    );
  // A file that nobody touched since is what was loaded, however the hub spells it.
  const loadedAt = (metricOf(metrics, 'prometheus_config_last_reload_success_timestamp_seconds') ?? 0) * 1_000;
  if (((await changedAt(host.path(path), host.files)) ?? Infinity) > loadedAt) await refuseNotLoaded(url, path, before);
  const own = jobsIn(before);
  const clash = (await poolsOf(url)).find(
    (pool) => !own.includes(pool) && edit.jobs.some(({ job_name }) => job_name === pool),
  );
  if (clash !== undefined)
    throw new Error(
      `${url} has a scrape job ${clash} that is not in ${path} itself but in one of its scrape_config_files: rename it or take it out, since a hub takes no two jobs of one name`,
    );
  return 'is what the hub runs, and takes the jobs';
}

async function refuseNotLoaded(url: string, path: string, file: string): Promise<void> {
  const { yaml } = await api<{ yaml: string }>(url, 'status/config');
  const differing = notAsLoaded(file, yaml);
  if (differing.length === 0) return;
  const more = differing.length > shownAtMost ? ` and ${differing.length - shownAtMost} more` : '';
  throw new Error(
    `${path} was changed since ${url} loaded it (${differing.slice(0, shownAtMost).join(', ')}${more}), and a reload of the week would put that into effect: reload it yourself, or put the file back`,
  );
}

/** Hubs before 2.42 do not tell. */
async function poolsOf(url: string): Promise<string[]> {
  const { status } = await request(`${base(url)}/api/v1/scrape_pools`);
  return status === 404 ? [] : (await api<{ scrapePools: string[] }>(url, 'scrape_pools')).scrapePools;
}

function jobsIn(text: string): string[] {
  const jobs = settingsOf(text)['scrape_configs'];
  return Array.isArray(jobs) ? (jobs as ({ job_name?: string } | null)[]).map((job) => job?.job_name ?? '') : [];
}
