// The file of the hub that is there, looked at before the week: a reload of the week must put nothing else into effect.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';

const path = '/etc/hub/prometheus.yml';
const job = { job_name: 'gateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] };
const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
const theirs = 'scrape_configs:\n  - job_name: agents\n    scrape_interval: 60s\n';

interface Runs {
  yaml: string;
  loadedMsAgo: number;
  good: boolean;
  /** Null: it does not tell. */
  pools: string[] | null;
  flags: Record<string, string> | null;
}

const runs: Runs = {
  yaml: 'scrape_configs:\n- job_name: agents\n  scrape_interval: 1m\n',
  loadedMsAgo: -60_000,
  good: true,
  pools: ['agents'],
  flags: { 'web.enable-lifecycle': 'true' },
};

/** What preflight says of a hub with this on its disk, which runs that. */
async function looked(onDisk: string | Buffer | null, running: Partial<Runs> = {}, lifecycle = true) {
  const hub = { ...runs, ...running };
  const server = createServer(({ url }, answer) => {
    const said = (data: unknown) => answer.end(JSON.stringify({ status: 'success', data }));
    if (url === '/metrics')
      answer.end(
        `prometheus_config_last_reload_successful ${hub.good ? 1 : 0}\nprometheus_config_last_reload_success_timestamp_seconds ${(Date.now() - hub.loadedMsAgo) / 1000}\n`,
      );
    else if (url?.startsWith('/api/v1/status/config')) said({ yaml: hub.yaml });
    else if (hub.pools && url?.startsWith('/api/v1/scrape_pools')) said({ scrapePools: hub.pools });
    else if (hub.flags && url?.startsWith('/api/v1/status/flags')) said(hub.flags);
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = await temporaryMachine();
  await mkdir(dirname(host.path(path)), { recursive: true });
  if (onDisk !== null) await writeFile(host.path(path), onDisk);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = { ...nothing, hubFile: { url, path, lifecycle, edit: { kind: 'scrape-jobs' as const, jobs: [job] } } };
  const rights = await checkRights(host, ledgerOf(host, undo), ask);
  return rights.find(({ what }) => what === `edit of ${path}`)!;
}

const changed = { loadedMsAgo: 60_000 };

it.each([
  ['that it has loaded since', theirs, {}],
  [
    'with a name that is a number elsewhere',
    theirs.replace('agents', '1.10'),
    { yaml: runs.yaml.replace('agents', '"1.10"'), pools: ['1.10'] },
  ],
  ['of a hub that does not tell its scrape pools', theirs, { pools: null }],
  ['of a hub that does not tell its flags', theirs, { flags: null }],
  ['that has our job already', `${theirs}  - job_name: gateway\n`, { pools: ['agents', 'gateway'] }],
])('a file %s is fine', async (_, text, running) => {
  expect(await looked(text, running)).toEqual({ what: `edit of ${path}`, ok: true, detail: 'takes the jobs' });
});

it.each([
  [
    'with another setting',
    theirs.replace('60s', '5s'),
    changed,
    /was touched since .* seems to differ in scrape_configs\[agents\]\.scrape_interval: a reload of the week/,
  ],
  // A setting that is gone may have been one that is shown by default.
  ['where no difference shows', theirs, changed, /was touched since .* and no difference shows: a reload of the week/],
  [
    'without a job that runs, whenever it was touched',
    theirs,
    { yaml: `${runs.yaml}- job_name: night\n`, pools: ['agents', 'night'] },
    /runs scrape jobs that are not in .* any more \(night\)/,
  ],
])('a file %s is taken, and people are warned', async (_, text, running, warning) => {
  expect(await looked(text, running)).toMatchObject({ ok: true, warning: expect.stringMatching(warning) });
});

it.each([
  [
    'not what the hub runs, and older than its last reload',
    theirs.replace('agents', 'other'),
    {},
    /has a scrape job other that .* has not loaded.*reload it yourself.*mounted alone.*only a restart/,
  ],
  ['not what the hub took', theirs, { good: false }, /the last reload of .* failed.*mend \/etc\/hub\/prometheus\.yml/],
  [
    'without the job, which another file has',
    theirs,
    { pools: ['agents', 'gateway'] },
    /a scrape job gateway that is not in .* scrape_config_files: rename it/,
  ],
  ['broken', 'scrape_configs: [\n', {}, /can't be edited: line \d: not YAML/],
  [
    'with a list that is none',
    'a: 1\nscrape_configs: {}\n',
    {},
    /can't be edited: line 2: scrape_configs: a list is wanted/,
  ],
  ['Latin-1', Buffer.from('a: 1\nb: gr\u00fcn\n', 'latin1'), {}, /line 2: not UTF-8/],
  ['gone', null, {}, /is not there: correct the path/],
])('a file that is %s is named before the week', async (_, text, running, detail) => {
  expect(await looked(text, running)).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
});

it('a hub without its lifecycle API gets a signal: a warning, and none where the plan says so', async () => {
  const runs = { flags: { 'web.enable-lifecycle': 'false' } };
  expect(await looked(theirs, runs)).toMatchObject({
    ok: true,
    warning: expect.stringMatching(
      /without --web\.enable-lifecycle, so .* SIGHUP .*: say "lifecycle: false" in the plan/,
    ),
  });
  expect((await looked(theirs, runs, false)).warning ?? '').not.toMatch(/lifecycle/);
});
