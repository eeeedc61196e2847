// Files as other people write them: of agents that read YAML 1.1, as PyYAML does, and of hubs.
import type { FileEdit } from '../../../plan/machine-api/files.ts';

export const agentEdit = {
  kind: 'dual-hub',
  settings: {
    hub_endpoints: { primary: 'http://PC2:9100', fallback: 'http://MainPC:9000' },
    failover_config: { health_check_interval: 30, max_retries: 36 },
    nats: { nats_url: 'nats://PC2:4223', health_subject: 'on' },
    environment: { OBS_HUB_URL: 'http://PC2:9100' },
  },
} as unknown as FileEdit & { kind: 'dual-hub' };

/** Ours come in, and all else stays. */
export const agentsEdited: Record<string, string> = {
  'no newline at the end': 'environment:\n  TZ: UTC',
  'a URL there already': 'environment:\n  OBS_HUB_URL: http://old # keep this\n  TZ: UTC\n',
  'a URL of NATS there already': 'nats:\n    nats_url: "nats://old:4222"   # of the night shift\n    user: x\n',
  'a map in brackets': 'environment: { TZ: UTC }\n',
  'brackets over lines': 'environment: {\n  "TZ":"UTC",\n}\n',
  'two merge keys': 'a: &a {x: 1}\nb: &b {y: 2}\nenvironment:\n  <<: *a\n  <<: *b\n  TZ: UTC\n',
  'two merge keys that both have ours':
    'a: &a {OBS_HUB_URL: http://PC2:9100}\nb: &b {OBS_HUB_URL: http://old}\nenvironment:\n  <<: *a\n  <<: *b\n',
  'two merge keys, ours in the last':
    'a: &a {OBS_HUB_URL: http://old, x: 1}\nb: &b {OBS_HUB_URL: http://PC2:9100, x: 2}\nenvironment:\n  <<: *a\n  <<: *b\n',
  'a list of merged maps': 'a: &a {x: 1}\nb: &b {OBS_HUB_URL: http://old, x: 2}\nenvironment:\n  <<: [*a, *b]\n',
  'a merged map in place': 'environment:\n  <<: {OBS_HUB_URL: http://old, B: 1}\n',
  'a value by an alias': 'u: &u http://old\nenvironment:\n  OBS_HUB_URL: *u\nother: *u\n',
  'an anchor that nobody uses': 'environment: &env\n  OBS_HUB_URL: &u http://old\n',
  'tags of its own': 'password: !secret pw\nenvironment:\n  TOKEN: !secret t\n  OBS_HUB_URL: !secret u # c\n',
  'ours behind a tag of its own': 'environment:\n  OBS_HUB_URL: !secret http://PC2:9100\n',
  'a block behind a tag of its own': 'environment:\n  OBS_HUB_URL: !secret |\n    http://old\n  TZ: UTC\n',
  'a tag of its own, an anchor and a value below': 'environment:\n  OBS_HUB_URL: !env &x\n    http://old\n',
  'an alias of what has a tag of its own': 'a: &a !secret http://PC2:9100\nenvironment:\n  OBS_HUB_URL: *a\n',
  'a usual tag': 'environment: !!map\n  OBS_HUB_URL: !!str http://old # c\n  N: !!int "3"\n',
  'Windows line ends': 'environment:\r\n  TZ: UTC # x\r\nagent: 1\r\n',
  'mixed line ends': 'a: 1\r\nenvironment:\n  TZ: UTC\n',
  'a begin and an end of the document': '---\na: 1\n...\n',
  'two ends of the document': 'a: 1\n...\n... # end\n# x\n...\n',
  'two ends of the document, with Windows line ends': 'environment:\r\n  TZ: UTC\r\n...\r\n...\r\n',
  'a directive': '%YAML 1.1\n---\na: yes\n',
  nothing: '',
  'a comment alone': '# x\n',
  'a mark of the byte order': '\uFEFFenvironment:\n    TZ: UTC\n',
  'words of YAML 1.1': 'environment:\n  DEBUG: yes\non: off\n',
  'numbers of YAML 1.1': 'mode: 0755\nt: 12:30:45\nd: 2026-11-27\nn: 1_000\no: 0o17\nb: 0b11\n',
  'a number that is another one in YAML 1.1': 'failover_config:\n  max_retries: 036\n  health_check_interval: 0o36\n',
  'a number that is a text in YAML 1.1': 'failover_config:\n  health_check_interval: 3e1\n',
  'a text that is a truth in YAML 1.1': 'nats:\n  health_subject: on # plain\n',
  'quoted keys': "\"environment\":\n    'OBS_HUB_URL': 'http://old'   # c\n",
  'a key behind a question mark': '? environment\n: TZ: UTC\n',
  'a very long line': `environment:\n  X: ${'y'.repeat(9_000)}\n  OBS_HUB_URL: a\n`,
  'block scalars': 'text: |+\n  keep\n\nenvironment:\n  OBS_HUB_URL: |\n    http://old\n  TZ: >-\n    UTC\n',
  'key names of ours elsewhere': 'agents:\n  environment:\n    OBS_HUB_URL: a\n',
  'nothing behind the key': 'environment:\nnats: ~ # none\n',
};

/** Nothing is written; why, and where. */
export const agentsRefused: [what: string, text: string, message: RegExp][] = [
  [
    'an alias of a value of ours',
    'environment:\n  OBS_HUB_URL: &u http://x\nother: *u\n',
    /^line 2: .* anchor &u is used/,
  ],
  ['an alias of a block of ours', 'environment: &e\n  TZ: UTC\nother: *e\n', /^line 1: .* anchor &e is used elsewhere/],
  ['a block that is an alias', 'u: &u {a: 1}\nenvironment: *u\n', /^line 2: environment: a map is wanted/],
  ['a block that is merged in', 'a: &a\n  environment: {TZ: UTC}\n<<: *a\n', /can't be made in this layout/],
  ['a list of KEY=value', 'a: 1\nenvironment:\n  - TZ=UTC\n', /^line 2: environment: a map is wanted/],
  ['nats as a text', 'nats: nats://x:4222\n', /^line 1: nats: a map is wanted/],
  ['nats as a list', 'nats:\n  - nats://a\n', /^line 1: nats: a map is wanted/],
  ['a key twice', 'environment:\n  OBS_HUB_URL: a\n  OBS_HUB_URL: b\n', /^line 3: the same key is here a second time/],
  ['a block twice', 'nats: {nats_url: a}\nnats:\n  nats_url: b\n', /^line 2: the same key is here a second time/],
  ['two documents', '---\na: 1\n---\nb: 2\n', /^line 3: a second document begins/],
  ['a document after the end of one', 'a: 1\n...\n---\nb: 1\n', /^line 3: a second document begins/],
  ['a document after two ends of one', 'a: 1\n...\n...\nb: 1\n', /^line \d: a second document begins/],
  ['an empty document after the end of one', 'a: 1\n...\n---\n...\n', /^line 3: a second document begins/],
  ['a block with a tag of its own', 'environment: !env\n  TZ: UTC\n', /^line 1: environment has the tag !env/],
  ['a block said to be nothing by a tag', 'a: 1\nenvironment: !!null\n', /^line 2: environment has the tag !!null/],
  ['a file with a tag of its own', '--- !cfg\na: 1\n', /^line 1: the whole file has the tag !cfg/],
  ['a tab as indentation', 'a: 1\nenvironment:\n\tTZ: UTC\n', /^line 3: not YAML: a tab indents/],
  ['line ends of old Macs', 'a: 1\renvironment:\r  TZ: UTC\r', /^line 1: the character U\+000D ends a line for some/],
  ['a line end in a comment', 'b: 1\n# a\u2028environment: 1\n', /^line 2: the character U\+2028 ends a line for some/],
  ['JSON', '{"environment": {"TZ": "UTC"}}\n', /^line 1: the edit can't be made in this layout/],
];

export const hubEdit: FileEdit = {
  kind: 'scrape-jobs',
  jobs: [{ job_name: '2026-11-27', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }],
};

const theirs = "job_name: prometheus\n    static_configs: [{targets: ['localhost:9090']}]\n";

export const hubsEdited: Record<string, string> = {
  'no jobs': 'global: {scrape_interval: 15s}\n',
  'an empty list': 'scrape_configs: []\n',
  'two merge keys':
    'scrape_configs:\n  - &a\n    job_name: a\n    scheme: http\n  - &b\n    job_name: b\n    honor_labels: true\n  - <<: *a\n    <<: *b\n    job_name: c\n',
  'words of YAML 1.1': `scrape_configs:\n  - honor_labels: yes\n    ${theirs}`,
  'Windows line ends': `scrape_configs:\n  - ${theirs}`.replaceAll('\n', '\r\n'),
  'no newline at the end': `scrape_configs:\n  - ${theirs}`.trimEnd(),
  'a list at the margin, and comments': 'scrape_configs:   # all\n-   job_name: x # one\n    # end\n',
  'a text of many lines': 'scrape_configs:\n  - job_name: >-\n      one\n      two\n',
};
