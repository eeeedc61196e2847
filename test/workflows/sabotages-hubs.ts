// Sabotages of the checks of the preflight and of tasks 2A and 2B.
import { ApplicationFailure } from '@temporalio/common';
import type { Right } from '../../plan/machine-api/host.ts';
import { type HttpTarget, urlOf } from '../../plan/machine-api/target.ts';
import { minus } from '../../plan/evidence/sequence-sets.ts';
import { but, type Broken, type Sabotage } from './sabotage.ts';

const onPc2 = (_ask: unknown, machine: string) => machine === 'PC2';
const onMainPc = (_ask: unknown, machine: string) => machine === 'MainPC';
const at = (url: string) => (ask: { url: HttpTarget }) => ask.url === url;
const refused = { ok: false, status: undefined, error: 'connection refused' };
const answers = (status: number) => ({ ok: false, status });

const lacks = (right: Right) => async (_ask: unknown, usual: () => Promise<Right[]>, machine: string) =>
  machine === 'PC2' ? [right] : usual();

/** Everything that measures the machine's use sees it so. */
export const slow = but(
  'measureImpact',
  (is) => ({ responseMs: { ...is.responseMs, centralhub: { samples: 50, failed: 0, p50: 150, p95: 300, p99: 400 } } }),
  onMainPc,
);
export const busy = but(
  'measureImpact',
  (is) => ({ batches: { ...is.batches!, cpuPercent: is.batches!.cpuPercent.map((percent) => percent + 15) } }),
  onPc2,
);
/** Far below the limit, and far above what it was. */
export const slower = but(
  'measureImpact',
  (is) => ({
    batches: {
      ...is.batches!,
      responseMs: Object.fromEntries(
        Object.entries(is.batches!.responseMs).map(([name, all]) => [
          name,
          name === 'resource_manager' ? all.map(() => 120) : all,
        ]),
      ),
    },
  }),
  onPc2,
);
export const flooded = but(
  'measureImpact',
  (is) => ({ batches: { ...is.batches!, networkPercent: is.batches!.networkPercent.map(() => 80) } }),
  onPc2,
);
export const silent = but(
  'measureImpact',
  (is) => ({ machine: { ...is.machine, receivedBytesPerS: 0, sentBytesPerS: 0 } }),
  onPc2,
);

/** A restart that is answered and does not happen. */
export const noRestart: Broken = { restartContainer: async () => ({ stoppedMs: 0, startedAt: 'before' }) };

/** Samples that a restart loses: the hub has fewer after it than before. */
function lostByRestart(): Broken {
  let restarted = false;
  return {
    restartContainer: async (_ask, usual) => {
      restarted = true;
      return usual();
    },
    readSequences: async (_ask, usual) => {
      const { sequences } = await usual();
      return restarted ? { sequences: minus(sequences, [[901, 1000]]), samples: 900 } : { sequences, samples: 1000 };
    },
  };
}

export const hubSabotages: Record<string, Sabotage[]> = {
  'preflight.machines': [
    {
      what: 'the clock of PC2 is five seconds fast',
      broken: but('describeMachine', { clockOffsetMs: 5_000 }, onPc2),
      expect: 'fail',
      says: /clocks differ by 4997 ms; at most 1000 ms/,
    },
    {
      what: 'PC2 runs another build',
      broken: but('describeMachine', { build: 'another' }, onPc2),
      expect: 'fail',
      says: /different builds \(.*PC2: another/,
    },
    {
      what: 'all machines run another build than the control worker',
      broken: but('describeMachine', { build: 'another' }),
      expect: 'fail',
      says: /different builds \(the control worker: abcdef012345, MainPC: another, PC2: another\)/,
    },
    {
      what: 'the worker of PC2 was started with another plan',
      broken: but('describeMachine', (is) => ({ planned: { ...is.planned!, root: '/old' } }), onPc2),
      expect: 'fail',
      says: /the worker of PC2 has root \/old; the plan of this run says \//,
    },
  ],
  'preflight.topology': [
    {
      what: 'CentralHub runs without its remote write receiver',
      broken: but('probeReceiver', answers(404)),
      expect: 'fail',
      says: /does not take remote writes \(404\)/,
    },
    {
      what: 'CentralHub is older than remote writes',
      broken: but('hubStatus', { version: '2.32.1' }),
      expect: 'fail',
      says: /^centralhub is 2\.32\.1, and the week needs 2\.33 or newer: .*--web.enable-remote-write-receiver/,
    },
  ],
  'preflight.rollback-ready': [
    {
      what: 'the worker of PC2 may not use the supervisor',
      broken: { checkRights: lacks({ what: 'supervisor', ok: false, detail: 'permission denied' }) },
      expect: 'fail',
      says: /PC2: supervisor: permission denied/,
    },
    {
      what: 'the worker of PC2 checks nothing',
      broken: { checkRights: async (_ask, usual, machine) => (machine === 'PC2' ? [] : usual()) },
      expect: 'inconclusive',
      says: /checked nothing/,
    },
  ],
  'preflight.rights': [
    {
      what: 'the worker of PC2 may not use Docker',
      broken: { checkRights: lacks({ what: 'Docker socket', ok: false, detail: 'permission denied' }) },
      expect: 'fail',
      says: /PC2: Docker socket: permission denied/,
    },
  ],
  'preflight.limits': [
    {
      what: 'PC2 has one processor and half a GiB of memory',
      broken: but('capacity', { cpus: 1, memoryBytes: 2 ** 29 }, (_ask, machine) => machine === 'PC2'),
      expect: 'fail',
      says: /containers of PC2 are given 1.5 CPUs; it has 1; .* given 1 GiB of memory; it has 512 MiB/,
    },
    {
      what: "the kernel of PC2 can't limit memory",
      broken: but('capacity', { limitsMemory: false }, (_ask, machine) => machine === 'PC2'),
      expect: 'fail',
      says: /kernel of PC2 does not let Docker limit memory/,
    },
    {
      what: 'the disk of the store of nats-pc2 is nearly full',
      broken: but(
        'capacity',
        ({ free }) => ({ free: free.map((one) => ({ ...one, bytes: 2 ** 20 })) }),
        (_ask, machine) => machine === 'PC2',
      ),
      expect: 'fail',
      says: /nats-pc2 on PC2 may store 1 GiB; 1 MiB is free there/,
    },
    {
      what: 'the worker of PC2 is of a build that does not know',
      broken: {
        capacity: async (_ask, usual, machine) => {
          if (machine === 'PC2') throw ApplicationFailure.nonRetryable('not registered', 'NotFoundError');
          return usual();
        },
      },
      expect: 'inconclusive',
      says: /what PC2 has is not known/,
    },
  ],
  '2A.deploy.container': [
    {
      what: "Docker drops the limit of EdgeHub's memory",
      broken: but('inspectContainer', ({ limits }) => ({ limits: { ...limits, memoryBytes: undefined } })),
      expect: 'fail',
      says: /limit of memory: 1 GiB in the plan, none in Docker/,
    },
    {
      what: 'the worker says nothing of limits',
      broken: but('inspectContainer', { limits: undefined }),
      expect: 'inconclusive',
      says: /does not say what the container is limited to/,
    },
  ],
  'preflight.images': [
    {
      what: 'the image of NATS is older than what its configuration says',
      broken: but('runOnce', ({ output }) => ({ output: output.replace('v2.15.2', 'v2.9.25') })),
      expect: 'fail',
      says: /^nats:latest is 2\.9\.25, and the week needs 2\.10 or newer: .*sync_interval/,
    },
    {
      what: 'the tag is another image on PC2',
      broken: {
        ensureImage: async (_ask, usual, machine) => ({ ...(await usual()), digest: `repo@sha256:${machine}` }),
      },
      expect: 'fail',
      says: /prom\/prometheus:latest resolves to different digests/,
    },
    {
      what: 'an image is nowhere to be had',
      broken: {
        ensureImage: async ({ image }) => {
          throw ApplicationFailure.nonRetryable(`${image}: no registry answers`);
        },
      },
      expect: 'fail',
      says: /no registry answers/,
    },
  ],
  'preflight.names': [
    {
      what: 'MainPC knows PC2 by an address of before',
      broken: {
        resolveNames: async (_ask, usual, machine) =>
          (await usual()).map((name) =>
            machine === 'MainPC' && name.name === 'PC2' ? { ...name, here: '10.0.0.99', all: ['10.0.0.99'] } : name,
          ),
      },
      expect: 'fail',
      says: /PC2 is 10\.0\.0\.99 on MainPC; the plan says /,
    },
    {
      what: 'containers on MainPC do not know PC2',
      broken: {
        resolveNames: async (_ask, usual, machine) =>
          (await usual()).map((name) => ({ ...name, inContainer: machine !== 'MainPC' || name.name !== 'PC2' })),
      },
      expect: 'fail',
      says: /PC2 does not resolve in a container on MainPC/,
    },
  ],
  'preflight.agent-contract': [
    {
      what: 'CentralHub does not scrape the pilots',
      broken: but('targets', { targets: [] }),
      expect: 'fail',
      says: /observability_hub is not in CentralHub: it scrapes nothing at PC2:8101/,
    },
    {
      what: 'a bystander beside EdgeHub shows no metrics',
      broken: but('metricsPages', (is) => ({
        pc2_sentinel: { ...is['pc2_sentinel']!, status: 404 },
      })),
      expect: 'fail',
      says: /^pc2_sentinel can't be scraped: http:\/\/PC2:8104\/metrics answers 404; 200 is wanted$/,
    },
    {
      what: 'a pilot does not say what its metrics are',
      broken: but('metricsPages', (is) => ({
        resource_manager: { ...is['resource_manager']!, contentType: null },
      })),
      expect: 'fail',
      says: /^resource_manager can't be scraped: .* has no Content-Type, without which Prometheus 3 takes nothing/,
    },
    {
      what: 'a pilot does not answer',
      broken: but('probe', refused, at('http://PC2:8102/health')),
      expect: 'fail',
      says: /resource_manager does not answer its health URL/,
    },
    {
      what: 'a pilot answers, and says that it is not well',
      broken: but(
        'shown',
        { value: { status: 'degraded' } },
        ({ url, pointer }) => pointer === '/' && url === 'http://PC2:8102/health',
      ),
      expect: 'fail',
      says: /^resource_manager: status degraded$/,
    },
    {
      what: 'a function of a pilot is not there',
      broken: but(
        'shown',
        { found: false, value: null, error: 'GET http://PC2:8102/system answered 404' },
        ({ pointer }) => pointer === '/load1',
      ),
      expect: 'fail',
      says: /^resource_manager: system-load: GET http:\/\/PC2:8102\/system answered 404$/,
    },
    {
      what: 'a pilot has no log',
      broken: but(
        'digestFile',
        { exists: false, sha256: null },
        ({ path }) => path === '/pc2_code/logs/resource_manager.log',
      ),
      expect: 'fail',
      says: /resource_manager has no log file/,
    },
    {
      what: 'an error in the log of a pilot would not be known',
      broken: but('logLine', { line: null }, ({ path }) => path === '/pc2_code/logs/resource_manager.log'),
      expect: 'fail',
      says: /no line of resource_manager's log states a level: give it errorExample/,
    },
    {
      what: 'a library writes a level into the log of a pilot, and the pilot none',
      broken: but(
        'logLine',
        { entries: { all: 1_001, stated: 1 } },
        ({ path }) => path === '/pc2_code/logs/resource_manager.log',
      ),
      expect: 'fail',
      says: /1 of 1001 entries in resource_manager's log state a level, which says nothing of the others: give it errorExample/,
    },
  ],
  'preflight.baseline': [
    {
      what: 'nothing was timed on PC2',
      broken: but(
        'measureImpact',
        (is) => ({
          responseMs: Object.fromEntries(
            Object.entries(is.responseMs).map(([name, response]) => [name, { ...response, samples: 0 }]),
          ),
        }),
        onPc2,
      ),
      expect: 'inconclusive',
      says: /no response times/,
    },
    {
      what: 'CentralHub refuses requests',
      broken: but(
        'measureImpact',
        (is) => ({ responseMs: { ...is.responseMs, centralhub: { samples: 50, failed: 3, p50: 2, p95: 5, p99: 8 } } }),
        onMainPc,
      ),
      expect: 'fail',
      says: /centralhub from MainPC: 3 of 50 requests failed/,
    },
  ],

  '2A.config.global': [
    {
      what: 'EdgeHub runs with another interval than its file says',
      broken: but('hubStatus', { scrapeInterval: '1m' }),
      expect: 'fail',
      says: /it scrapes every 1m; 15s is wanted/,
    },
    {
      what: 'EdgeHub does not say what it runs',
      broken: but('hubStatus', { running: undefined }),
      expect: 'inconclusive',
      says: /did not say what it runs/,
    },
  ],
  '2A.config.remote-write': [
    {
      what: 'EdgeHub writes to nobody',
      broken: but('hubStatus', (is) => (is.running ? { running: { ...is.running, remoteWrites: [] } } : {})),
      expect: 'fail',
      says: /it writes to no other hub; http:\/\/MainPC:9000 is wanted/,
    },
  ],
  '2A.config.scrape': [
    {
      what: 'an agent beside EdgeHub is in none of its jobs',
      broken: but('hubStatus', (is) =>
        is.running
          ? {
              running: {
                ...is.running,
                targets: { ...is.running.targets, agents: is.running.targets['agents']!.slice(1) },
              },
            }
          : {},
      ),
      expect: 'fail',
      says: /no job of it scrapes PC2:8101/,
    },
  ],
  '2A.config.valid': [
    {
      what: 'promtool finds a fault in the rules',
      broken: but('runOnce', { exitCode: 1, output: 'Checking rules\nFAILED: unknown field' }, ({ command }) =>
        command.includes('rules'),
      ),
      expect: 'fail',
      says: /rules: FAILED: unknown field/,
    },
  ],
  '2A.deploy.healthy': [
    {
      what: 'EdgeHub does not get ready',
      broken: but('awaitReady', answers(503)),
      expect: 'fail',
      says: /http:\/\/PC2:9100\/-\/ready: 503/,
    },
    {
      what: 'the container exits',
      broken: but('inspectContainer', { running: false, status: 'exited (2)' }),
      expect: 'fail',
      says: /the container is exited \(2\)/,
    },
  ],
  '2A.check.accessible': [
    {
      what: 'MainPC does not reach EdgeHub',
      broken: but(
        'awaitReady',
        refused,
        (ask, machine) => machine === 'MainPC' && ask.url === 'http://PC2:9100/metrics',
      ),
      expect: 'fail',
      says: /http:\/\/PC2:9100\/metrics from MainPC: connection refused/,
    },
  ],
  '2A.check.config-loaded': [
    {
      what: 'the log has an error',
      broken: but('containerLog', { matches: 1, first: ['level=error msg="bad relabeling"'] }),
      expect: 'fail',
      says: /the log has errors: level=error/,
    },
    {
      what: 'another configuration runs',
      broken: but('hubStatus', { jobs: ['prometheus'] }),
      expect: 'fail',
      says: /jobs agents are not in the running configuration/,
    },
    {
      what: 'the container has no log',
      broken: but('containerLog', { lines: 0 }),
      expect: 'inconclusive',
      says: /no log/,
    },
  ],
  '2A.check.scraping': [
    {
      what: 'the agents refuse the scrape',
      broken: but(
        'targets',
        { targets: [{ job: 'agents', instance: 'PC2:8101', health: 'down', lastError: 'connection refused' }] },
        ({ jobs }) => jobs.includes('agents'),
      ),
      expect: 'fail',
      says: /agents PC2:8101: connection refused/,
    },
    {
      what: 'no sample is stored',
      broken: but('query', { series: [] }, ({ query }) => query === 'up{job="agents"} == 1'),
      expect: 'fail',
      says: /no sample is stored/,
    },
    {
      what: 'the first sample comes too late',
      broken: but('query', { waitedMs: 61_000 }, ({ query }) => query === 'up{job="agents"} == 1'),
      expect: 'fail',
      says: /60000 ms are allowed/,
    },
    {
      what: 'EdgeHub has no targets',
      broken: but('targets', { targets: [] }, ({ jobs }) => jobs.includes('agents')),
      expect: 'inconclusive',
      says: /no targets/,
    },
  ],
  '2A.check.storage': [
    {
      what: 'the data directory is of root',
      broken: but('directoryState', { owner: '0:0' }),
      expect: 'fail',
      says: /belongs to 0:0; 65534:65534 is wanted/,
    },
    {
      what: 'the disk is nearly full',
      broken: but('directoryState', { freeBytes: 5e8 }),
      expect: 'fail',
      says: /477 MiB free; the plan wants 1024 MiB/,
    },
  ],
  '2A.check.remote-write': [
    {
      what: "EdgeHub's samples do not arrive in CentralHub",
      broken: but('query', { series: [] }, ({ query }) => query.startsWith('max by (hub)')),
      expect: 'fail',
      says: /no sample with EdgeHub's label in CentralHub/,
    },
    {
      what: 'EdgeHub shows no counters',
      broken: but('query', { series: [] }, ({ query }) => query.includes('remote_storage')),
      expect: 'inconclusive',
      says: /no remote write counters/,
    },
  ],
  '2A.check.alert': [
    { what: 'no alert fires', broken: but('alerts', { firing: [] }), expect: 'fail', says: /does not fire/ },
    {
      what: 'no rules are loaded',
      broken: but('alerts', { rules: [], firing: [] }),
      expect: 'inconclusive',
      says: /no rules are loaded/,
    },
  ],
  '2A.check.alertmanagers': [
    {
      what: 'an Alertmanager gets no alert',
      broken: but('alertsAt', ({ at }) => ({ at: at.map((one) => ({ ...one, receivedMsAgo: null })) })),
      expect: 'fail',
      says: /http:\/\/PC2:9093: EdgeHubWatchdog did not arrive/,
    },
    {
      what: 'an Alertmanager has the alert of an EdgeHub that is gone',
      broken: but('alertsAt', ({ at }) => ({ at: at.map((one) => ({ ...one, receivedMsAgo: 90_000 })) })),
      expect: 'fail',
      says: /arrived from an EdgeHub of before/,
    },
    {
      what: 'an Alertmanager does not answer',
      broken: but('alertsAt', ({ at }) => ({
        at: at.map(({ url }) => ({ url, receivedMsAgo: null, error: 'connection refused' })),
      })),
      expect: 'inconclusive',
      says: /does not say what it has: connection refused/,
    },
  ],
  '2A.check.restart': [
    {
      what: 'samples are gone after the restart',
      broken: lostByRestart(),
      expect: 'fail',
      says: /100 of 1000 samples are gone: 901-1000/,
    },
    { what: 'the container does not restart', broken: noRestart, expect: 'fail', says: /did not restart/ },
    {
      what: 'there were no samples',
      broken: { readSequences: async () => ({ sequences: [], samples: 0 }) },
      expect: 'inconclusive',
      says: /no samples before the restart/,
    },
  ],
  '2A.check.no-impact': [
    {
      what: "one of CentralHub's targets is gone",
      broken: but('targets', { targets: [{ job: 'other', instance: 'MainPC:1', health: 'up', lastError: '' }] }),
      expect: 'fail',
      says: /target agents \S+ is gone from CentralHub/,
    },
    {
      what: 'a bystander is down',
      broken: but('awaitReady', refused, at('http://MainPC:8201/health')),
      expect: 'fail',
      says: /agent mainpc_sentinel: connection refused/,
    },
    {
      what: "one of CentralHub's targets is down",
      broken: but('targets', {
        targets: [{ job: 'agents', instance: 'MainPC:8201', health: 'down', lastError: 'time-out' }],
      }),
      expect: 'fail',
      says: /target agents MainPC:8201 is down/,
    },
  ],

  '2B.main.accessible': [
    {
      what: 'PC2 does not reach the Pushgateway of MainPC',
      broken: but(
        'awaitReady',
        refused,
        (ask, machine) => machine === 'PC2' && urlOf(ask.url).startsWith('http://MainPC:9091'),
      ),
      expect: 'fail',
      says: /http:\/\/MainPC:9091\/-\/ready from PC2: connection refused/,
    },
  ],
  '2B.pc2.accessible': [
    {
      what: 'the Pushgateway of PC2 is not ready',
      broken: but('awaitReady', answers(503), ({ url }) => urlOf(url).startsWith('http://PC2:9091')),
      expect: 'fail',
      says: /http:\/\/PC2:9091\/-\/ready from MainPC: 503/,
    },
  ],
  '2B.scrape.active': [
    {
      what: 'a hub can not scrape the gateways',
      broken: but(
        'targets',
        (_is, { jobs }) => ({
          targets: jobs.map((job) => ({ job, instance: 'x:9091', health: 'down', lastError: 'no route to host' })),
        }),
        onPc2,
      ),
      expect: 'fail',
      says: /edgehub: .* is down after 100ms: no route to host/,
    },
    {
      what: 'a hub has no target of the job',
      broken: but('targets', { targets: [] }, onMainPc),
      expect: 'fail',
      says: /centralhub has no target of/,
    },
    {
      what: 'CentralHub refuses the login of the plan',
      broken: but('targets', { targets: [], error: 'MainPC: answered 401', unknown: true }, onMainPc),
      expect: 'inconclusive',
      says: /^centralhub is not seen: MainPC: answered 401$/,
    },
  ],
  '2B.test.push-main': [
    {
      what: 'the gateway of MainPC refuses the push',
      broken: but('pushMetric', answers(400), ({ gateway }) => gateway === 'http://MainPC:9091'),
      expect: 'fail',
      says: /the push: answered 400/,
    },
  ],
  '2B.test.push-pc2': [
    {
      what: 'the gateway of PC2 forgets the push',
      broken: but('readPushed', { value: null }, ({ gateway }) => gateway === 'http://PC2:9091'),
      expect: 'fail',
      says: /the gateway shows null/,
    },
  ],
  '2B.test.visible': [
    {
      what: 'a test metric does not reach EdgeHub',
      broken: but('query', { series: [] }, ({ hub }) => hub === 'http://PC2:9100'),
      expect: 'fail',
      says: /test_metric_pc2 456 is not in edgehub after 100ms \(no series\)/,
    },
  ],
  '2B.test.persistence': [
    {
      what: 'a restart loses what was pushed',
      broken: but('readPushed', { value: null }, onPc2),
      expect: 'fail',
      says: /pushgateway-pc2 shows null after the restart; 456 was pushed/,
    },
    {
      what: 'the gateways do not restart',
      broken: noRestart,
      expect: 'fail',
      says: /pushgateway-main did not restart/,
    },
  ],
  '2B.test.impact': [
    { what: 'CentralHub answers slowly', broken: slow, expect: 'fail', says: /centralhub p95 300 ms; at most 200 ms/ },
    {
      what: 'PC2 is much busier than before',
      broken: busy,
      expect: 'fail',
      says: /PC2 CPU \+15\.0 to \+15\.0 %; at most 10 %/,
    },
  ],
};
