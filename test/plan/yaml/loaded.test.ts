// Whether a hub runs what its file says: defaults, spellings and blanked secrets are no difference.
import { describe, expect, it } from 'vitest';
import { notAsLoaded } from '../../../plan/yaml/loaded.ts';

const file = `# theirs
global:
  scrape_interval: 60s
  external_labels: {site: "\${SITE}", rack: a}
rule_files: [./rules/*.yml]
x-unknown: null
scrape_configs:
  - job_name: agents
    honor_labels: no
    honor_timestamps: yes
    sample_limit: 1e4
    body_size_limit: 10240KB
    basic_auth: {username: u, password: hunter2}
    static_configs:
      - targets: ['a:1', 'b:2']
        labels: {rack: a}
    relabel_configs: []
remote_write:
  - url: https://u:hunter2@elsewhere/api
`;
const loaded = `global:
  scrape_interval: 1m
  scrape_timeout: 10s
  evaluation_interval: 1m
  external_labels:
    rack: a
    site: north
runtime:
  gogc: 75
rule_files:
- /etc/prometheus/rules/*.yml
scrape_configs:
- job_name: agents
  honor_timestamps: true
  sample_limit: 10000
  body_size_limit: 10MiB
  metrics_path: /metrics
  scheme: http
  basic_auth:
    username: u
    password: <secret>
  follow_redirects: true
  static_configs:
  - targets:
    - a:1
    - b:2
    labels:
      rack: a
remote_write:
- url: https://u:xxxxx@elsewhere/api
  remote_timeout: 30s
  queue_config:
    capacity: 10000
`;

describe('a file', () => {
  it('that is loaded differs in nothing', () => {
    expect(notAsLoaded(file, loaded)).toEqual([]);
    expect(notAsLoaded(loaded, loaded)).toEqual([]);
    expect(notAsLoaded('', 'global:\n  scrape_interval: 1m\n')).toEqual([]);
  });

  it.each([
    ['another value', file.replace('60s', '61s'), ['global.scrape_interval']],
    ['a duration written otherwise, and longer', file.replace('60s', '1m1s'), ['global.scrape_interval']],
    ['another target', file.replace('b:2', 'b:3'), ['scrape_configs[agents].static_configs[0].targets[1]']],
    ['a label less', file.replace(', rack: a}', '}'), ['global.external_labels.rack']],
    [
      'labels that are gone',
      file.replace('        labels: {rack: a}\n', ''),
      ['scrape_configs[agents].static_configs[0].labels'],
    ],
    ['one job more', file.replace('remote_write', '  - job_name: new\nremote_write'), ['scrape_configs']],
    ['no remote write any more', file.replace(/remote_write[^]*$/, ''), ['remote_write']],
    ['another rule file', file.replace('rules/*', 'alerts/*'), ['rule_files[0]']],
    [
      'true where it was false',
      file.replace('honor_labels: no', 'honor_labels: yes'),
      ['scrape_configs[agents].honor_labels'],
    ],
    ['another host behind a password', file.replace('@elsewhere', '@there'), ['remote_write[0].url']],
    ['a "$" that is no variable', file.replace('60s', '$60s'), ['global.scrape_interval']],
    [
      'another user, and no secret is told',
      file.replace('username: u', 'username: v'),
      ['scrape_configs[agents].basic_auth.username'],
    ],
  ])('with %s is named', (_, text, paths) => {
    expect(notAsLoaded(text, loaded)).toEqual(paths);
  });
});
