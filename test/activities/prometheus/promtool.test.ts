// What the week makes of a hub's file is checked by the hub's own promtool: in a container like the hub's, which changes nothing.
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileActivities } from '../../../activities/files/files.ts';
import { tryHubFile } from '../../../activities/prometheus/hub-file.ts';
import { promtoolSays } from '../../../activities/prometheus/promtool.ts';
import { marked, type ToyContainer } from '../docker/toy-docker.ts';
import { machine } from '../docker/toy-machine.ts';

const path = '/srv/hub/prometheus.yml';

/** A machine with a hub that has this mounted, and what its promtool exits with and says of a text. */
async function withHub(mounts: [source: string, target: string][], says: (text: string) => string = () => '') {
  const made = await machine();
  const { host, toy } = made;
  await mkdir(dirname(host.path(path)), { recursive: true });
  await writeFile(host.path(path), 'rule_files: [rules.yml]\n', { mode: 0o640 });
  const config = {
    Image: 'prom/prometheus:v2.53.1',
    User: '65534',
    HostConfig: {
      Mounts: mounts.map(([Source, Target]) => ({ Type: 'bind' as const, Source: host.path(Source), Target })),
    },
  };
  toy.containers.set('hub', { id: 'id-of-hub', status: 'running', config } as ToyContainer);
  const asked: { config: ToyContainer['config']; text: string; mode: number }[] = [];
  toy.intercept = (request) => {
    if (!request.startsWith('POST wait')) return undefined;
    const last = asked.at(-1)!;
    toy.log = marked(2, says(last.text));
    return { status: 200, body: { StatusCode: says(last.text) === '' ? 0 : 1 } };
  };
  toy.before = async (request) => {
    if (!request.startsWith('POST start')) return;
    const { config: its } = [...toy.containers].find(([name]) => name.startsWith('hubshift-once'))![1];
    const { Source: file } = (its.HostConfig.Mounts as { Source: string }[]).at(-1)!;
    asked.push({ config: its, text: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 });
  };
  return { ...made, asked };
}

describe("a hub's own promtool", () => {
  it('is that of its image, as its user, with its mounts to be read, and sees the text in the place of the file', async () => {
    const { host, toy, asked } = await withHub([['/srv/hub', '/etc/prometheus']]);
    expect(await promtoolSays(host, 'hub', path, 'a: 1\n')).toEqual({});
    expect(asked).toMatchObject([
      {
        text: 'a: 1\n',
        mode: 0o640,
        config: {
          Image: 'sha256:of prom/prometheus:v2.53.1',
          User: '65534',
          Entrypoint: ['promtool'],
          Cmd: ['check', 'config', '/etc/prometheus/prometheus.yml'],
          HostConfig: {
            NetworkMode: 'none',
            Mounts: [
              { Target: '/etc/prometheus', ReadOnly: true },
              { Target: '/etc/prometheus/prometheus.yml', ReadOnly: true },
            ],
          },
        },
      },
    ]);
    // Nothing of it stays.
    expect([...toy.containers.keys()]).toEqual(['hub']);
    expect(await readdir(host.state)).toEqual([]);
  });

  it('sees a file that is mounted alone', async () => {
    const { host, asked } = await withHub([[path, '/prometheus.yml']]);
    await promtoolSays(host, 'hub', path, '');
    expect(asked[0]!.config).toMatchObject({
      Cmd: ['check', 'config', '/prometheus.yml'],
      HostConfig: { Mounts: [{ Target: '/prometheus.yml' }] },
    });
  });

  it('says what is wrong, and leaves out what is not', async () => {
    const said = 'Checking /etc/prometheus/prometheus.yml\n  FAILED: two jobs of one name\n\n';
    const { host } = await withHub([['/srv/hub', '/etc/prometheus']], () => said);
    expect(await promtoolSays(host, 'hub', path, '')).toEqual({ refused: 'FAILED: two jobs of one name' });
  });

  it('tells no value of the file', async () => {
    const said = '  FAILED: line 7: cannot unmarshal !!str `hunter2` into config.BasicAuth\n';
    const { host } = await withHub([['/srv/hub', '/etc/prometheus']], () => said);
    expect(await promtoolSays(host, 'hub', path, '')).toEqual({
      refused: 'FAILED: line 7: cannot unmarshal !!str … into config.BasicAuth',
    });
  });

  it('is not asked, and why, where there is no container, no mount, or no promtool', async () => {
    const { host, toy } = await withHub([['/elsewhere', '/etc/prometheus']]);
    expect(await promtoolSays(host, 'other', path, '')).toEqual({ unchecked: 'there is no container other on PC2' });
    expect(await promtoolSays(host, 'hub', path, '')).toEqual({
      unchecked: `hub has nothing mounted from where ${path} is`,
    });
    const without = await withHub([['/srv/hub', '/etc/prometheus']]);
    without.toy.intercept = (request) =>
      request.startsWith('POST start')
        ? { status: 400, body: { message: 'exec: "promtool": executable file not found in $PATH: unknown' } }
        : undefined;
    expect(await promtoolSays(without.host, 'hub', path, '')).toEqual({ unchecked: 'the image of hub has none' });
    expect(toy.containers.size).toBe(1);
  });
});

describe('an edit', () => {
  const jobs = [{ job_name: 'gateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }];
  const ask = {
    change: { run: 'week-1', step: '2B.scrape.central' },
    path,
    edit: { kind: 'scrape-jobs' as const, jobs },
    container: 'hub',
  };
  const clash = (text: string) => (text.includes('gateway') ? '  FAILED: found multiple scrape configs\n' : '');

  it('that promtool takes is written, and asked about once', async () => {
    const { host, ledger, asked } = await withHub([['/srv/hub', '/etc/prometheus']]);
    expect(await fileActivities(host, ledger).editFile(ask)).toMatchObject({ changed: true });
    expect(asked).toHaveLength(1);
  });

  it('that it refuses is not written, and refused by name', async () => {
    const { host, ledger } = await withHub([['/srv/hub', '/etc/prometheus']], clash);
    await expect(fileActivities(host, ledger).editFile(ask)).rejects.toMatchObject({
      type: 'ConfigInvalid',
      message: expect.stringMatching(/promtool of hub refuses \/srv\/hub\/prometheus.yml .*multiple scrape configs/),
    });
    expect(await ledger.entries('week-1')).toEqual([]);
  });

  it('of a file that it refuses as it is, and the hub runs, is written', async () => {
    const { host, ledger } = await withHub([['/srv/hub', '/etc/prometheus']], () => 'FAILED: no such credentials file');
    expect(await fileActivities(host, ledger).editFile(ask)).toMatchObject({ changed: true });
  });
});

describe('a preflight', () => {
  const jobs = [{ job_name: 'gateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }];

  /** A hub that loaded its file a minute before it was touched, or after; and what its promtool says of a text. */
  async function tried(says: (text: string) => string, loadedMsAgo = -60_000, container = 'hub') {
    const { host, toy } = await withHub([['/srv/hub', '/etc/prometheus']], says);
    toy.containers.set('old-hub', { ...toy.containers.get('hub')!, id: 'id-of-old-hub', status: 'exited' });
    const hub = createServer(({ url }, answer) => {
      const said = (data: unknown) => answer.end(JSON.stringify({ status: 'success', data }));
      const at = (Date.now() - loadedMsAgo) / 1000;
      if (url === '/metrics') answer.end(`prometheus_config_last_reload_success_timestamp_seconds ${at}\n`);
      else said({ yaml: 'rule_files: [rules.yml]\n', scrapePools: [] });
    }).listen(0, '127.0.0.1');
    await once(hub, 'listening');
    onTestFinished(() => void hub.close());
    const url = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    return tryHubFile(host, { url, path, container, edit: { kind: 'scrape-jobs', jobs } });
  }
  const always = () => 'FAILED: no such credentials file';

  it('says that promtool takes the file with the jobs', async () => {
    await expect(tried(() => '')).resolves.toEqual({ detail: 'takes the jobs, says its promtool' });
  });

  it('fails where the plan calls the container of the hub otherwise', async () => {
    await expect(tried(() => '', -60_000, 'prometheus')).rejects.toThrow(
      /^there is no container prometheus on PC2, and the hub at http\S+ answers: "name" of the hub in the plan must be that of its container/,
    );
    await expect(tried(() => '', -60_000, 'old-hub')).rejects.toThrow(
      /^the container old-hub on PC2 does not run, and the hub at http\S+ answers/,
    );
  });

  it('fails where it takes it without them alone', async () => {
    await expect(tried((text) => (text.includes('gateway') ? 'FAILED: two of one name' : ''))).rejects.toThrow(
      /promtool of hub refuses .* with the week's scrape jobs: FAILED: two of one name/,
    );
  });

  it('fails where the file was broken since the hub loaded it, and warns where the hub runs what promtool refuses', async () => {
    await expect(tried(always, 60_000)).rejects.toThrow(/is broken since it was touched/);
    await expect(tried(always)).resolves.toEqual({
      detail: 'takes the jobs',
      warning: expect.stringMatching(/something against .* as it is, though the hub has loaded it/),
    });
  });
});
