// A file is held against what a real Prometheus shows of it: with its defaults, without secrets, and in its own spelling.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tryHubFile } from '../../../activities/prometheus/hub-file.ts';
import { debianBinary } from '../../../lab/binaries.ts';
import { temporaryMachine } from '../machine.ts';
import { freePorts, startProgram } from '../programs.ts';

const path = '/etc/hub/prometheus.yml';
const usual = `# theirs
global: {scrape_interval: 60s, external_labels: {site: "north", n: "1"}}
rule_files: ['rules/*.yml', ./more.yml]
storage: {tsdb: {out_of_order_time_window: 10m}}
alerting:
  alertmanagers: [{static_configs: [{targets: ['localhost:9093']}]}]
scrape_configs:
  - &base
    job_name: 'agents'
    scrape_interval: 90s
    honor_labels: yes
    honor_timestamps: off
    params: {module: [a, b]}
    basic_auth: {username: u, password: "hunter2"}
    static_configs:
    - targets: ['localhost:1', "localhost:2"]
      labels: {rack: a}
    relabel_configs:
    - {source_labels: [__address__, job], target_label: both, regex: '(.*);(.*)'}
    metric_relabel_configs: []
  - <<: *base
    job_name: merged
    authorization:
  - job_name: files
    scheme: https
    tls_config: {ca_file: ca.pem, insecure_skip_verify: true}
    file_sd_configs: [{files: ['targets/*.json'], refresh_interval: 3600s}]
    body_size_limit: 10MB
    sample_limit: 1000
remote_write:
  - url: http://u:hunter2@localhost:1/api/v1/write
    queue_config: {batch_send_deadline: 2000ms, capacity: 0x100}
    write_relabel_configs: [{regex: x.*, action: labeldrop}]
remote_read:
`;

it('of a file that was touched people are warned, with what was changed; a job that is not loaded is refused', async () => {
  const host = await temporaryMachine();
  await mkdir(join(dirname(host.path(path)), 'rules'), { recursive: true });
  await writeFile(join(dirname(host.path(path)), 'ca.pem'), '');
  await writeFile(host.path(path), usual);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const { stop } = await startProgram(
    await debianBinary('prometheus'),
    [
      `--config.file=${host.path(path)}`,
      `--storage.tsdb.path=${host.path('/data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    `${url}/-/ready`,
  );
  onTestFinished(() => stop());
  const edit = {
    kind: 'scrape-jobs' as const,
    jobs: [{ job_name: 'gateway', honor_labels: true, static_configs: [] }],
  };
  const look = () => tryHubFile(host, { url, path, edit });
  await expect(look()).resolves.toEqual({ detail: 'takes the jobs' });
  await writeFile(host.path(path), `${usual}# touched\n`);
  await expect(look()).resolves.toMatchObject({ warning: expect.stringContaining('no difference shows') });
  await writeFile(host.path(path), usual.replace('localhost:2', 'localhost:3').replace("'rules/*.yml', ", ''));
  await expect(look()).resolves.toMatchObject({
    warning: expect.stringMatching(
      /differ in rule_files, scrape_configs\[agents\]\.static_configs\[0\]\.targets\[1\], scrape_configs\[merged\]/,
    ),
  });
  await writeFile(host.path(path), usual.replace('job_name: files', 'job_name: others'));
  await expect(look()).rejects.toThrow(/has a scrape job others that .* has not loaded/);
}, 60_000);
