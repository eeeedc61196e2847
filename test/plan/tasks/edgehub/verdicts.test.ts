// Verdicts of hubs and Pushgateways.
import { expect, it } from 'vitest';
import type { HubStatus, RunningConfig, Series, Target } from '../../../../plan/machine-api/prometheus.ts';
import type { Impact } from '../../../../plan/machine-api/measure.ts';
import type { Ranges } from '../../../../plan/evidence/sequence-sets.ts';
import * as edgehub from '../../../../plan/tasks/edgehub/verdicts.ts';
import * as pushgateways from '../../../../plan/tasks/pushgateways/verdicts.ts';
import * as files from '../../../../plan/tasks/shared/files.ts';
import * as health from '../../../../plan/tasks/shared/health.ts';
import * as impacts from '../../../../plan/tasks/shared/impact.ts';
import { serviceOf } from '../../../../plan/schema/plan.ts';
import type { Evaluation } from '../../../../plan/week/record.ts';
import { weekPlan } from '../plan.ts';
import { judge, type Judged } from '../judged.ts';

const { jobsGone: _jobs, scrapesAgents: _agents, ...scraped_ } = pushgateways;
const { undisturbed: _others, ...healths } = health;
const { storageIsSound: _storage, ...ofEdgeHub } = edgehub;
const judges = { ...ofEdgeHub, ...scraped_, ...files, ...healths, ...impacts };

const series = (value: number, at = 1_000): Series => ({ labels: {}, value, at });
const target = (job: string, health = 'up'): Target => ({
  job,
  instance: 'x:1',
  health,
  lastError: health === 'up' ? '' : 'refused',
});
const status = (change: Partial<HubStatus> = {}): HubStatus => ({
  version: '3',
  retention: '5m',
  jobs: ['agents'],
  outOfOrderWindow: null,
  scrapeInterval: '15s',
  reloadSuccessful: true,
  oldestSampleMs: null,
  ...change,
});
const log = (lines: number, ...errors: string[]) => ({ lines, matches: errors.length, first: errors });
const scraped = (targets: Target[], stored: Series[], waitedMs = 100) =>
  judges.scraping(['agents'], 1_000)({ targets: { targets, waitedMs }, stored: { series: stored, waitedMs: 0 } });
/** A sample of `ageS` seconds at 1,000 s, with counters before and after. */
const remoteWrite = (found: Series[], before = [series(3)], after = [series(3)]) =>
  judges.remoteWriteWorks(20_000)({ found: { series: found, waitedMs: 1 }, before, after, at: 1_000_000 });
const alerts = (rules: string[], firing: string[]) => judges.alertFires('Watchdog')({ rules, firing, waitedMs: 1 });
const kept = (after: Ranges, change: object = {}) =>
  judges.keptItsSamples({
    before: { sequences: [[1, 10]], samples: 10 },
    after: { sequences: after, samples: 10 },
    startedBefore: 'a',
    startedAfter: 'b',
    ready: { ok: true, waitedMs: 5 },
    ...change,
  });
const reload = (change: object = {}) =>
  judges.reloaded([
    {
      hub: 'edgehub',
      jobs: ['pushgateway'],
      restartPolicy: 'always',
      restart: 'always',
      reload: { how: 'http', successful: true, jobs: ['agents', 'pushgateway'], waitedMs: 1 },
      ...change,
    },
  ]);

const impact = (
  change: {
    p95?: number;
    failed?: number;
    samples?: number;
    hubCpu?: number;
    hubBytes?: number;
    machineCpu?: number;
    traffic?: number;
  } = {},
): Impact => ({
  at: 0,
  durationMs: 1,
  responseMs: {
    hub: { samples: change.samples ?? 10, failed: change.failed ?? 0, p50: 1, p95: change.p95 ?? 10, p99: 20 },
  },
  containers: { hub: { cpuPercent: change.hubCpu ?? 10, memoryBytes: change.hubBytes ?? 1e8 } },
  programs: { agent: { cpuPercent: 2, memoryBytes: 1e8 } },
  machine: {
    cpuPercent: change.machineCpu ?? 10,
    memoryPercent: 50,
    memoryBytes: 1e9,
    cores: 2,
    receivedBytesPerS: change.traffic ?? 5,
    sentBytesPerS: 0,
  },
});
const edge = serviceOf(weekPlan(), 'edge-hub');
const running: RunningConfig = {
  externalLabels: { hub: 'edgehub' },
  ruleFiles: ['edgehub-rules.yml'],
  remoteWrites: [
    {
      url: 'http://MainPC:9000/api/v1/write',
      queue: {
        min_backoff: '30ms',
        max_backoff: '5s',
        batch_send_deadline: '5s',
        capacity: edge.remoteWrite.capacity,
        max_shards: edge.remoteWrite.maxShards,
      },
    },
  ],
  targets: { edgehub: ['localhost:9090'], agents: ['PC2:8101'] },
};
const globalRuns = (change: Partial<HubStatus> = {}) => judges.globalRuns(edge)(status({ running, ...change }));
const remoteWriteRuns = (is?: RunningConfig) =>
  judges.remoteWriteRuns('http://MainPC:9000', edge.remoteWrite)(status({ running: is }));
const jobsRun = (is?: RunningConfig) => judges.jobsRun('edgehub', ['PC2:8101'])(status({ running: is }));
type Measure = 'response' | 'resources' | 'network';
const compared = (
  after: Record<string, Impact>,
  measures?: Measure[],
  before: Record<string, Impact> = { A: impact() },
) => judges.impactWithin({ hubResponseMs: 200, overheadPercent: 10 }, measures)({ before, after });
const noWorse = judges.noWorse([]);
const ill = {
  targets: [target('agents', 'down'), target('other')],
  agents: [
    { name: 'a', ok: false },
    { name: 'b', ok: true },
  ],
};
const { whoIsUnwell, whoIsUp, ...judgesOnly } = judges;

it('says how many samples are gone after a restart', () => {
  expect(
    kept([
      [1, 4],
      [6, 9],
    ]).evidence,
  ).toMatchObject({ samples: 10, lost: 2 });
});

judge({
  written: {
    passes: [judges.written('file')({ sha256: 'a', onDisk: 'a' })],
    fails: [[judges.written('file')({ sha256: 'a', onDisk: 'b' }), /digest is b; a was written/]],
    noData: [[judges.written('file')({ sha256: 'a', onDisk: null }), 'fail']],
  },
  retentionIs: {
    passes: [
      judges.retentionIs(300_000, '5m')(status()),
      judges.retentionIs(5_400_000, '1h30m')(status({ retention: '1h30m' })),
    ],
    fails: [[judges.retentionIs(300_000, '5m')(status({ retention: '15d' })), /retention of 15d; 5m is wanted/]],
    noData: [[judges.retentionIs(300_000, '5m')(status({ retention: '' })), 'inconclusive']],
  },
  globalRuns: {
    passes: [
      globalRuns(),
      globalRuns({ scrapeInterval: '15000ms' }),
      globalRuns({ running: { ...running, ruleFiles: ['/etc/prometheus/edgehub-rules.yml'] } }),
    ],
    fails: [
      ...[[], ['/etc/prometheus/other-edgehub-rules.yml']].map((ruleFiles): [Evaluation, RegExp] => [
        globalRuns({ running: { ...running, ruleFiles } }),
        /it takes rules from .*; edgehub-rules\.yml is wanted/,
      ]),
      [globalRuns({ scrapeInterval: '1m' }), /it scrapes every 1m; 15s is wanted/],
      [
        globalRuns({ running: { ...running, externalLabels: { hub: 'other' } } }),
        /external label hub is other; edgehub is wanted/,
      ],
    ],
    noData: [[globalRuns({ running: undefined }), 'inconclusive']],
  },
  remoteWriteRuns: {
    passes: [remoteWriteRuns(running)],
    fails: [
      [remoteWriteRuns({ ...running, remoteWrites: [] }), /it writes to no other hub; http:\/\/MainPC:9000 is wanted/],
      [
        remoteWriteRuns({
          ...running,
          remoteWrites: running.remoteWrites.map(({ url, queue }) => ({
            url,
            queue: { ...queue, max_backoff: '30s' },
          })),
        }),
        /its max_backoff is 30s; 5s is wanted/,
      ],
      [
        remoteWriteRuns({
          ...running,
          remoteWrites: running.remoteWrites.map(({ url, queue }) => ({ url, queue: { ...queue, capacity: 1 } })),
        }),
        /its capacity is 1; \d+ is wanted/,
      ],
      // What only begins like CentralHub is another.
      [
        remoteWriteRuns({
          ...running,
          remoteWrites: running.remoteWrites.map((one) => ({ ...one, url: 'http://MainPC:90001/api/v1/write' })),
        }),
        /it writes to http:\/\/MainPC:90001/,
      ],
    ],
    noData: [[remoteWriteRuns(undefined), 'inconclusive']],
  },
  jobsRun: {
    passes: [jobsRun(running)],
    fails: [
      [jobsRun({ ...running, targets: { edgehub: [] } }), /no job of it scrapes PC2:8101/],
      [jobsRun({ ...running, targets: { agents: ['PC2:8101'] } }), /it has no job edgehub/],
    ],
    noData: [[jobsRun(undefined), 'inconclusive']],
  },
  configLoaded: {
    passes: [judges.configLoaded(['agents'])({ status: status(), log: log(20) })],
    fails: [
      [
        judges.configLoaded(['agents'])({ status: status({ reloadSuccessful: false }), log: log(20) }),
        /last_reload_successful is 0/,
      ],
      [judges.configLoaded(['agents', 'more'])({ status: status(), log: log(20) }), /jobs more are not in the running/],
      [
        judges.configLoaded(['agents'])({ status: status(), log: log(20, 'level=error') }),
        /log has errors: level=error/,
      ],
    ],
    noData: [[judges.configLoaded(['agents'])({ status: status(), log: log(0) }), 'inconclusive']],
  },
  scraping: {
    passes: [scraped([target('agents')], [series(1)])],
    fails: [
      [scraped([target('other')], [series(1)]), /a job has no target/],
      [scraped([target('agents'), target('agents', 'down')], [series(1)]), /agents x:1: refused/],
      [scraped([target('agents')], []), /no sample is stored/],
      [scraped([target('agents')], [series(1)], 1_001), /took 1001 ms; 1000 ms are allowed/],
    ],
    noData: [[scraped([], []), 'inconclusive']],
  },
  remoteWriteWorks: {
    passes: [remoteWrite([series(980)])],
    fails: [
      [remoteWrite([series(979)]), /21000 ms old; 20000 ms are allowed/],
      [remoteWrite([series(999)], [series(3)], [series(3), series(2)]), /2 samples failed or were dropped/],
    ],
    noData: [
      [remoteWrite([]), 'fail'],
      [remoteWrite([series(999)], [], []), 'inconclusive'],
    ],
  },
  alertFires: {
    passes: [alerts(['Watchdog', 'Down'], ['Watchdog'])],
    fails: [
      [alerts(['Watchdog'], ['Down']), /does not fire/],
      [alerts(['Down'], ['Down']), /rule Watchdog is not loaded/],
    ],
    noData: [[alerts([], []), 'inconclusive']],
  },
  keptItsSamples: {
    passes: [kept([[1, 10]]), kept([[1, 12]])],
    fails: [
      [
        kept([
          [1, 4],
          [6, 10],
        ]),
        /1 of 10 samples are gone: 5/,
      ],
      [kept([[1, 10]], { startedAfter: 'a' }), /did not restart/],
      [kept([[1, 10]], { ready: { ok: false, waitedMs: 60_000 } }), /not ready 60000 ms after/],
      [kept([[1, 10]], { after: { sequences: [[1, 10]], samples: 9 } }), /9 samples are there; 10 were/],
    ],
    noData: [
      [kept([], { before: { sequences: [], samples: 0 } }), 'inconclusive'],
      [kept([]), 'fail'],
    ],
  },
  noWorse: {
    // Who was unwell before the week is not of its making.
    passes: [
      noWorse({ targets: [target('agents')], agents: [{ name: 'a', ok: true }] }),
      judges.noWorse(whoIsUnwell(ill), whoIsUp(ill.targets))(ill),
      // CentralHub is on a machine that is gone.
      noWorse({ targets: null, agents: [{ name: 'a', ok: true }] }),
    ],
    fails: [
      [
        noWorse({ targets: [target('agents', 'down')], agents: [{ name: 'a', ok: true }] }),
        /target agents x:1 is down/,
      ],
      [
        noWorse({ targets: [target('agents')], agents: [{ name: 'a', ok: false, error: 'refused' }] }),
        /agent a: refused/,
      ],
      [noWorse({ targets: null, agents: [{ name: 'a', ok: false }] }), /^agent a: not healthy$/],
      [
        judges.noWorse(
          [],
          ['target agents x:1', 'target gone y:2'],
        )({
          targets: [target('agents')],
          agents: [{ name: 'a', ok: true }],
        }),
        /target gone y:2 is gone from CentralHub/,
      ],
      [
        judges.noWorse(['target agents x:1', 'agent b'])({
          targets: [target('agents', 'down'), target('other', 'down')],
          agents: [
            { name: 'b', ok: false },
            { name: 'a', ok: true },
          ],
        }),
        /^target other x:1 is down$/,
      ],
    ],
    noData: [
      [noWorse({ targets: [], agents: [{ name: 'a', ok: true }] }), 'inconclusive'],
      [noWorse({ targets: [target('agents')], agents: [] }), 'inconclusive'],
    ],
  },
  reloaded: {
    passes: [
      reload(),
      // CentralHub's is its owner's; weeks of before did not look at it.
      ...['unless-stopped', 'on-failure', 'no'].map((its) => reload({ restartPolicy: its, restart: its })),
      reload({ restartPolicy: 'unless-stopped', restart: undefined }),
    ],
    fails: [
      [
        reload({ reload: { how: 'http', successful: false, jobs: ['pushgateway'], waitedMs: 1 } }),
        /edgehub refused the configuration/,
      ],
      [
        reload({ reload: { how: 'signal', successful: true, jobs: ['agents'], waitedMs: 1 } }),
        /does not run job pushgateway/,
      ],
      [reload({ restartPolicy: 'no' }), /^edgehub has restart policy no; always is wanted$/],
      [reload({ restartPolicy: 'always', restart: 'no' }), /restart policy always; no is wanted$/],
    ],
    noData: [[judges.reloaded([]), 'inconclusive']],
  },
  jobsAreUp: {
    passes: [judges.jobsAreUp([{ hub: 'h', jobs: ['p'], targets: [target('p'), target('q', 'down')] }])],
    fails: [
      [
        judges.jobsAreUp([{ hub: 'h', jobs: ['p'], targets: [target('p'), target('p', 'down')] }]),
        /h: p is down: refused/,
      ],
      [judges.jobsAreUp([{ hub: 'h', jobs: ['p'], targets: [target('q')] }]), /h has no target of p/],
    ],
    noData: [
      [judges.jobsAreUp([]), 'inconclusive'],
      [judges.jobsAreUp([{ hub: 'h', jobs: [], targets: [] }]), 'inconclusive'],
    ],
  },
  pushed: {
    passes: [judges.pushed(123)({ probe: { ok: true, status: 200 }, read: { value: 123 } })],
    fails: [
      [judges.pushed(123)({ probe: { ok: false, status: 400 }, read: { value: 123 } }), /answered 400/],
      [judges.pushed(123)({ probe: { ok: true }, read: { value: 122 } }), /shows 122/],
    ],
    noData: [[judges.pushed(123)({ probe: { ok: true }, read: { value: null } }), 'fail']],
  },
  visible: {
    passes: [judges.visible([{ hub: 'h', metric: 'm', value: 1, series: [series(1)] }])],
    fails: [[judges.visible([{ hub: 'h', metric: 'm', value: 1, series: [series(2)] }]), /m 1 is not in h \(2\)/]],
    noData: [
      [judges.visible([]), 'inconclusive'],
      [judges.visible([{ hub: 'h', metric: 'm', value: 1, series: [] }]), 'fail'],
    ],
  },
  survived: {
    passes: [judges.survived([{ gateway: 'g', value: 1, after: 1, restarted: true }])],
    fails: [
      [judges.survived([{ gateway: 'g', value: 1, after: 1, restarted: false }]), /g did not restart/],
      [judges.survived([{ gateway: 'g', value: 1, after: 2, restarted: true }]), /shows 2 after the restart/],
    ],
    noData: [
      [judges.survived([]), 'inconclusive'],
      [judges.survived([{ gateway: 'g', value: 1, after: null, restarted: true }]), 'fail'],
    ],
  },
  impactWithin: {
    passes: [
      compared({ A: impact({ p95: 200 }) }),
      // 20 % of one core of two are 10 % of the machine.
      compared({ A: impact({ hubCpu: 30 }) }, ['resources']),
      compared({ A: impact({ machineCpu: 90 }) }, ['resources']),
      compared({ A: impact({ p95: 900, hubCpu: 90 }) }, ['network']),
    ],
    fails: [
      [compared({ A: impact({ p95: 201 }) }), /hub p95 201 ms; at most 200 ms/],
      [compared({ A: impact({ failed: 2 }) }), /hub: 2 requests failed/],
      [compared({ A: impact({ hubCpu: 31 }) }), /A CPU \+10\.5 %; at most 10 %/],
      [compared({ A: impact({ hubBytes: 4e8 }) }), /A memory \+15\.0 %; at most 10 %/],
      [
        compared({ A: impact(), B: impact({ p95: 500 }) }, ['response'], { A: impact(), B: impact() }),
        /hub p95 500 ms/,
      ],
    ],
    noData: [
      [compared({}), 'inconclusive'],
      [compared({ A: impact() }, undefined, {}), 'inconclusive'],
      [compared({ A: impact(), B: impact() }), 'inconclusive'],
      [compared({ A: impact({ samples: 0 }) }), 'inconclusive'],
      [compared({ A: { ...impact(), responseMs: {} } }), 'inconclusive'],
      [compared({ A: { ...impact(), containers: {} } }), 'inconclusive'],
      [compared({ A: { ...impact(), programs: {} } }, ['resources']), 'inconclusive'],
      [compared({ A: impact({ traffic: 0 }) }, ['network']), 'inconclusive'],
    ],
  },
} satisfies Record<keyof typeof judgesOnly, Judged>);

it('fewer samples than before are a loss, also where each of their values is there', () => {
  expect(kept([[1, 10]], { after: { sequences: [[1, 10]], samples: 7 } })).toMatchObject({ evidence: { lost: 3 } });
  expect(kept([[1, 12]], { after: { sequences: [[1, 12]], samples: 12 } })).toMatchObject({ evidence: { lost: 0 } });
});
