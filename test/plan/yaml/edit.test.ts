// Edits of files that are not ours.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DualHubSettings, FileEdit, ScrapeJob } from '../../../plan/machine-api/files.ts';
import { UneditableYaml } from '../../../plan/yaml/document.ts';
import { applyEdit, changedKeys, commentsKept, lostBetween } from '../../../plan/yaml/edit.ts';

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

/** Each was found by a property, and is as short as it gets. */
describe('a layout that people write is edited', () => {
  const url = 'http://PC2:9100';
  it.each([
    [
      'a key without a value, and a tab',
      'environment:\n OBS_HUB_URL:\t# x\n',
      `environment:\n OBS_HUB_URL: ${url}\t# x\n`,
    ],
    ['"null"', 'environment: null # x\n', `environment:  # x\n  OBS_HUB_URL: ${url}\n`],
    ['"~" at the end of the text', 'environment: ~', `environment: \n  OBS_HUB_URL: ${url}\n`],
    ['settings that are all indented', '  a: 1\n', `  a: 1\n  environment:\n    OBS_HUB_URL: ${url}\n`],
    [
      'the same behind a mark of the byte order',
      '\uFEFF  a: 1\n  environment:\n',
      `\uFEFF  a: 1\n  environment:\n    OBS_HUB_URL: ${url}\n`,
    ],
    ['a document end without a newline', 'a: 1\n...', `a: 1\nenvironment:\n  OBS_HUB_URL: ${url}\n...`],
    [
      'comments in brackets',
      'environment: { # x\n  TZ: UTC, # y\n  }\n',
      `environment: { # x\n  TZ: UTC, OBS_HUB_URL: "${url}", # y\n  }\n`,
    ],
    ['a value in brackets', 'environment: {OBS_HUB_URL: x}\n', `environment: {OBS_HUB_URL: "${url}"}\n`],
    [
      'a value that is a block',
      'environment:\n OBS_HUB_URL: >- # x\n  one\n  two\n TZ: UTC\n',
      `environment:\n OBS_HUB_URL: ${url} # x\n TZ: UTC\n`,
    ],
    [
      'a block with blank lines of its own at its end',
      'environment:\n TEXT: |+\n  one\n\nb: 1\n',
      `environment:\n TEXT: |+\n  one\n\n OBS_HUB_URL: ${url}\nb: 1\n`,
    ],
    [
      'an anchor before the first key',
      'environment:\n &key TZ: UTC\n',
      `environment:\n &key TZ: UTC\n OBS_HUB_URL: ${url}\n`,
    ],
  ])('%s', (_what, text, after) => {
    const edit = { kind: 'dual-hub', settings: { environment: { OBS_HUB_URL: url } } } as unknown as FileEdit;
    expect(applyEdit(text, edit)).toBe(after);
    expect(applyEdit(after, edit)).toBe(after);
    expect(commentsKept(text, after)).toBe(true);
  });

  it('a number that was said to be a text', () => {
    const edit = { kind: 'dual-hub', settings: { failover_config: { max_retries: 3 } } } as unknown as FileEdit;
    expect(applyEdit('failover_config:\n max_retries: !!str 5 # x\n', edit)).toBe(
      'failover_config:\n max_retries: 3 # x\n',
    );
  });

  it.each([
    ['a block', ' OBS_HUB_URL: !secret | # c\n  a\n TZ: UTC\n', ` OBS_HUB_URL: ${url} # c\n TZ: UTC\n`],
    ['a folded block', ' OBS_HUB_URL: !env >-\n  a\n', ` OBS_HUB_URL: ${url}\n`],
    ['an anchor', ' OBS_HUB_URL: !secret &x http://a\n', ` OBS_HUB_URL: ${url}\n`],
    ['an anchor before it', ' OBS_HUB_URL: &x !secret http://a # c\n', ` OBS_HUB_URL: ${url} # c\n`],
    ['a line of its own', ' OBS_HUB_URL: !secret # c\n    http://a\n', ` OBS_HUB_URL: # c\n    ${url}\n`],
    ['the line below', ' OBS_HUB_URL:\n    !secret http://a\n', ` OBS_HUB_URL:\n    ${url}\n`],
    ['nothing', ' OBS_HUB_URL: !secret\n', ` OBS_HUB_URL: ${url} \n`],
    ['a value as wanted', ` OBS_HUB_URL: !secret "${url}"\n`, ` OBS_HUB_URL: ${url}\n`],
    ['an alias', ` A: &x !secret ${url}\n OBS_HUB_URL: *x\n`, ` A: &x !secret ${url}\n OBS_HUB_URL: ${url}\n`],
  ])("a value with a tag of the agent's own, which is not the new one's: %s", (_, before, after) => {
    const edit = { kind: 'dual-hub', settings: { environment: { OBS_HUB_URL: url } } } as unknown as FileEdit;
    const edited = applyEdit(`environment:\n${before}`, edit);
    expect(edited).toBe(`environment:\n${after}`);
    expect(applyEdit(edited, edit)).toBe(edited);
  });

  it("a value with a tag of the agent's own in brackets", () => {
    const edit = { kind: 'dual-hub', settings: { environment: { OBS_HUB_URL: url } } } as unknown as FileEdit;
    expect(applyEdit('environment: {OBS_HUB_URL: !secret &x a, TZ: UTC}\n', edit)).toBe(
      `environment: {OBS_HUB_URL: "${url}", TZ: UTC}\n`,
    );
  });

  it('a job whose dash has another beside it', () => {
    const text = 'scrape_configs:\n- # by-hand\n  job_name: x-y\n- !!map\n  job_name: gateway\n';
    const edited = applyEdit(text, jobs(job('x-y'), job('gateway')));
    expect(parse(edited)).toEqual({ scrape_configs: [job('x-y'), job('gateway')] });
  });

  it('one anchor used by many', () => {
    const uses = Array.from({ length: 300 }, (_, index) => `use${index}: *one\n`).join('');
    expect(applyEdit(`one: &one {a: 1}\n${uses}`, jobs(job('gateway')))).toContain('- job_name: gateway');
  });
});

describe("a text that can't be edited is refused with its line", () => {
  it.each([
    ['not YAML', 'a: 1\nb: [1, 2\nc: 3\n', /^line \d: not YAML/],
    ['two documents', 'a: 1\n---\nb: 2\n', /^line 2: a second document begins/],
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
    ['a text without the end of its last line', 'a: 1\ntext: |\n  x', /^line 3: the last line of the file has no end/],
    ['an alias of nothing', 'x: 1\na: *b\n', /^line 2: an alias \(\*\) has no anchor/],
    ['an anchor that is in itself', 'a: &a [*a]\n', /^line 1: its aliases can't be followed/],
    [
      'anchors that grow without end',
      `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]\n`).join('')}`,
      /^line 1: its aliases can't be followed/,
    ],
    [
      'a block that is text, below one that is edited',
      'hub_endpoints:\n a: 1\nnats: none\n',
      /^line 3: nats: a map is/,
    ],
    ['JSON', '{"a": 1}\n', /^line 1: the edit can't be made|^line \d: not YAML/],
  ])('%s', (_what, text, message) => {
    expect(() => applyEdit(text, dualHub)).toThrow(message);
  });

  it.each([
    'password: *hunter2',
    'password: |hunter2',
    'password: >-hunter2',
    'password: "\\hunter2"',
    'password: @hunter2',
    'password: "a" hunter2',
    'password: !!int hunter2\nb: [',
    'password: {hunter2',
    'password: &hunter2 *hunter2',
    '<<: hunter2',
  ])('and without a piece of it: %s', (text) => {
    expect(() => applyEdit(text, dualHub)).toThrow(UneditableYaml);
    expect(() => applyEdit(text, dualHub)).not.toThrow(/unter2/);
  });

  it.each(['{ a: 1 }', 'abc', '3'])('scrape_configs: %s', (value) => {
    expect(() => applyEdit(`a: 1\nscrape_configs: ${value}\n`, jobs(job('gateway')))).toThrow(
      /^line 2: scrape_configs: a list is wanted/,
    );
  });

  it('a value with a tag and an anchor that is used elsewhere, with that tag', () => {
    const text = 'environment:\n  OBS_HUB_URL: &x !secret http://PC2:9100\ncopy: *x\n';
    expect(() => applyEdit(text, dualHub)).toThrow(/^line 2: the value with the anchor &x is used elsewhere/);
  });

  it('an edit that would change what another setting means', () => {
    const text = 'shared: &url\n  OBS_HUB_URL: a\nenvironment:\n  OBS_HUB_URL: &x a\ncopy: *x\n';
    expect(() => applyEdit(text, dualHub)).toThrow(/^line 4: the value with the anchor &x is used elsewhere/);
  });
});

it('finds what was lost, and what changed outside of the blocks', () => {
  const before = 'a: 1\nb: {c: 1}\nnats: {user: x, own: {deep: 1}, url: old} # c\nenvironment:\n';
  const lost = (after: string) => lostBetween(before, after, ['nats', 'environment']);
  expect(lost(before.replace('old', 'new').replace('environment:', 'environment: {X: 1}'))).toEqual([]);
  expect(lost('a: 1\nb: {c: 1}\nnats: {own: {}, url: old}\nenvironment:\n')).toEqual([
    'nats.user',
    'nats.own.deep',
    'a comment',
  ]);
  expect(lost(`${before.replace('c: 1', 'c: 2').replace('a: 1\n', '')}more: 1\n`)).toEqual(['a', 'b', 'more']);
});

it('finds a comment that was lost', () => {
  expect(commentsKept('a: 1 # x\n# y\n', 'a: 1 # x\nb: 2\n# y\n')).toBe(true);
  expect(commentsKept('a: 1 # x\n# y\n', '# y\na: 1 # x\n')).toBe(false);
  expect(commentsKept('a: 1 # x\n', 'a: 2 # x\n')).toBe(true);
  expect(commentsKept('a: "1 # x"\nb: |\n  # no comment\n', 'a: 2\n')).toBe(true);
});
