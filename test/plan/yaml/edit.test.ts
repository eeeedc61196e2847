// Edits of files that are not ours.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DualHubSettings, FileEdit, ScrapeJob } from '../../../plan/machine-api/files.ts';
import { applyEdit, changedKeys, commentsKept } from '../../../plan/yaml/edit.ts';

const job = (name: string, target = `${name}:9091`): ScrapeJob => ({
  job_name: name,
  honor_labels: true,
  static_configs: [{ targets: [target] }],
});
const jobs = (...list: ScrapeJob[]): FileEdit => ({ kind: 'scrape-jobs', jobs: list });
const settings: DualHubSettings = {
  hub_endpoints: { primary: 'http://PC2:9100', fallback: 'http://MainPC:9000', pushgateway: 'http://PC2:9091' },
  failover_config: {
    health_check_interval: 30,
    max_retries: 3,
    failover_threshold: 3,
    recovery_timeout: 300,
    probe_interval: 1,
    probe_timeout: 1,
    batch_timeout: 1,
  },
  nats: {
    nats_url: 'nats://PC2:4223',
    health_subject: 'observability.health.cluster',
    metrics_subject: 'observability.metrics.pc2',
  },
  environment: { OBS_HUB_URL: 'http://PC2:9100' },
};
const dualHub: FileEdit = { kind: 'dual-hub', settings };

const hub = `# CentralHub
global:
    scrape_interval:   15s     # odd spacing stays

rule_files: [ 'a.yml',   "b.yml" ]
scrape_configs:
  # the hub itself
  - job_name: 'prometheus'
    static_configs:
      - targets: ['localhost:9090', 'a-very-long-target-name-number-one.example:9100', 'a-very-long-target-name-number-two.example:9100']


  - job_name: agents   # by hand
    metrics_path: /metrics
    static_configs:
    - targets:
        - PC2:8101
        # - PC2:8109 is away

# what comes after
remote_write:
  - url: http://elsewhere/api
`;

const agent = `# agent
agent: {name: a,   kind: b}
hub_url: "http://MainPC:9000"   # Phase 1
text: |
  keep
    this

`;

/** Whether every line of one text is in the other, in order. */
function linesKept(before: string, after: string): boolean {
  const lines = after.split('\n');
  let from = 0;
  return before.split('\n').every((line) => {
    const at = lines.indexOf(line, from);
    from = at + 1;
    return at >= 0;
  });
}

describe('scrape jobs', () => {
  it('come last in scrape_configs, and every original line is still there in order', () => {
    const edited = applyEdit(hub, jobs(job('gateway-a'), job('gateway-b')));
    expect(linesKept(hub, edited)).toBe(true);
    const before = parse(hub);
    expect(parse(edited)).toEqual({
      ...before,
      scrape_configs: [...before.scrape_configs, job('gateway-a'), job('gateway-b')],
    });
    expect(edited).toContain('        # - PC2:8109 is away\n  - job_name: gateway-a\n    honor_labels: true\n');
    expect(edited.endsWith('\n# what comes after\nremote_write:\n  - url: http://elsewhere/api\n')).toBe(true);
  });

  it('made twice change nothing more', () => {
    const once = applyEdit(hub, jobs(job('gateway-a'), job('gateway-b')));
    expect(applyEdit(once, jobs(job('gateway-a'), job('gateway-b')))).toBe(once);
  });

  it('replace the job of the same name where it stands, and only that', () => {
    const once = applyEdit(hub, jobs(job('gateway-a', 'old:1'), job('gateway-b')));
    const edited = applyEdit(once, jobs(job('gateway-a', 'new:2')));
    expect(edited).toBe(once.replace('old:1', 'new:2'));
  });

  it.each([
    ['no scrape_configs', 'global: {}\n'],
    ['an empty list', 'scrape_configs: []\n# end\n'],
    ['a key with nothing', 'scrape_configs:   # none yet\nglobal: {}\n'],
    ['a list in brackets', 'scrape_configs: [{job_name: a}, {job_name: b}]\n'],
    ['a list at the margin', 'scrape_configs:\n- job_name: a\n- job_name: b\n'],
    ['an empty file', ''],
    ['only comments', '# nothing here\n'],
    ['no last newline', 'scrape_configs:\n  - job_name: a'],
    ['a document end', 'scrape_configs:\n  - job_name: a\n...\n'],
    ['a document end after other keys', 'global: {}\n...\n'],
  ])('are added to a file with %s', (_what, text) => {
    const edited = applyEdit(text, jobs(job('gateway')));
    expect(parse(edited).scrape_configs).toEqual([...(parse(text)?.scrape_configs ?? []), job('gateway')]);
    expect(applyEdit(edited, jobs(job('gateway')))).toBe(edited);
  });

  it('keep Windows line ends', () => {
    const edited = applyEdit(hub.replaceAll('\n', '\r\n'), jobs(job('gateway')));
    expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
    expect(edited.replaceAll('\r\n', '\n')).toBe(applyEdit(hub, jobs(job('gateway'))));
  });
});

describe('dual-hub settings', () => {
  it('come as four blocks at the end, and every original line is still there in order', () => {
    const edited = applyEdit(agent, dualHub);
    expect(edited.startsWith(agent)).toBe(true);
    expect(parse(edited)).toEqual({ ...parse(agent), ...settings });
    expect(Object.keys(parse(edited)).slice(-4)).toEqual(['hub_endpoints', 'failover_config', 'nats', 'environment']);
    expect(changedKeys(agent, edited)).toEqual(['hub_endpoints', 'failover_config', 'nats', 'environment']);
  });

  it('made twice change nothing more', () => {
    const once = applyEdit(agent, dualHub);
    expect(applyEdit(once, dualHub)).toBe(once);
  });

  it('set only their own keys of blocks that are there', () => {
    const text = `environment:
  TZ: UTC        # stays
  OBS_HUB_URL: http://MainPC:9000 # was CentralHub
  LAST: "1"
  # - a comment of the block
nats: {publish_interval: 5}
hub_endpoints:
agent: x
`;
    const edited = applyEdit(text, dualHub);
    expect(parse(edited)).toEqual({
      ...settings,
      agent: 'x',
      environment: { TZ: 'UTC', LAST: '1', OBS_HUB_URL: 'http://PC2:9100' },
      nats: { publish_interval: 5, ...settings.nats },
    });
    expect(edited).toContain(
      '  TZ: UTC        # stays\n  OBS_HUB_URL: http://PC2:9100 # was CentralHub\n  LAST: "1"\n  # - a comment of the block\n',
    );
    expect(applyEdit(edited, dualHub)).toBe(edited);
  });

  it('put values in where a key has none, and new keys below the comments of their block', () => {
    const edited = applyEdit('environment:\n    # above\n    OBS_HUB_URL:\n    # below\nother: 1\n', dualHub);
    expect(edited).toContain('environment:\n    # above\n    OBS_HUB_URL: http://PC2:9100\n    # below\nother: 1\n');
    const added = applyEdit('environment:\n    TZ: UTC\n    # below\nother: 1\n', dualHub);
    expect(added).toContain('environment:\n    TZ: UTC\n    # below\n    OBS_HUB_URL: http://PC2:9100\nother: 1\n');
  });
});

describe("a text that can't be edited is refused with its line", () => {
  it.each([
    ['not YAML', 'a: 1\nb: [1, 2\nc: 3\n', /^line \d: not YAML/],
    ['two documents', 'a: 1\n---\nb: 2\n', /^line 2: not YAML/],
    ['a list at the top', '# x\n- 1\n', /^line 2: a map of settings/],
    ['a block that is text', 'a: 1\nenvironment: none\n', /^line 2: environment: a map is wanted/],
    [
      'a value that is a map',
      'environment:\n  OBS_HUB_URL: {a: 1}\n',
      /^line 2: environment.OBS_HUB_URL: a single value/,
    ],
    [
      'an anchor that others use',
      'base: &b {OBS_HUB_URL: x}\nenvironment: *b\n',
      /^line 2: environment: a map is wanted/,
    ],
    ['JSON', '{"a": 1}\n', /^line 1: the edit can't be made|^line \d: not YAML/],
  ])('%s', (_what, text, message) => {
    expect(() => applyEdit(text, dualHub)).toThrow(message);
  });

  it('an edit that would change what another setting means', () => {
    const text = 'shared: &url\n  OBS_HUB_URL: a\nenvironment:\n  OBS_HUB_URL: &x a\ncopy: *x\n';
    expect(() => applyEdit(text, dualHub)).toThrow(/without changing other settings/);
  });
});

it('finds a comment that was lost', () => {
  expect(commentsKept('a: 1 # x\n# y\n', 'a: 1 # x\nb: 2\n# y\n')).toBe(true);
  expect(commentsKept('a: 1 # x\n# y\n', '# y\na: 1 # x\n')).toBe(false);
});
