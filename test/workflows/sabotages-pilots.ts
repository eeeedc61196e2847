// Sabotages of the checks of task 2D, of the soak and of the checkpoints.
import type { AgentActivities } from '../../plan/machine-api/agents.ts';
import type { HttpTarget } from '../../plan/machine-api/target.ts';
import { minus } from '../../plan/evidence/sequence-sets.ts';
import { but, type Broken, type Sabotage } from './sabotage.ts';
import { busy, flooded, silent, slow, slower } from './sabotages-hubs.ts';

type Shown = Awaited<ReturnType<AgentActivities['shown']>>;

const onPc2 = (_ask: unknown, machine: string) => machine === 'PC2';
const onMainPc = (_ask: unknown, machine: string) => machine === 'MainPC';
const inEdgeHub = (ask: { hub: HttpTarget }) => ask.hub === 'http://PC2:9100';
const inCentralHub = (ask: { hub: HttpTarget }) => ask.hub === 'http://MainPC:9000';

const shows = (pointer: string, change: Partial<Shown>): Broken =>
  but('shown', change, (ask) => ask.pointer === pointer);

/** The pilots take six seconds more to find the fallback, and are as much later with all that follows. */
const lateFallback = but('readAcks', (is) => ({
  runs: is.runs.map((run, index) =>
    index === 0 ? run : { ...run, fromMs: run.fromMs + 6_000, toMs: run.toMs + 6_000 },
  ),
}));
const noFallback = but('readAcks', (is) => ({ runs: is.runs.filter((run) => run.hub === 'primary') }));
const noReturn = but('readAcks', (is) => ({ runs: is.runs.slice(0, 2) }));

const downFor = (name: string, samples: number): Broken => ({
  observe: async (ask, usual) => {
    const is = await usual();
    if (!is.targets[name]) return is;
    return {
      ...is,
      targets: {
        ...is.targets,
        [name]: {
          up: is.samples - samples,
          down: samples,
          longestDown: samples,
          firstError: `${ask.urls[name]} answered 503`,
        },
      },
    };
  },
});
const restarts = (name: string): Broken => but('observe', { restarted: [name] }, onPc2);
/** The sampler of PC2 is blind: nothing is down there, as nothing is seen there. */
const blind = but('observe', (is) => ({ samples: 0, longestGapMs: is.toMs - is.fromMs, targets: {} }), onPc2);

const dualHubOneGone: Sabotage = {
  what: 'the fallback hub is not reachable',
  broken: shows('/hubs/list', {
    value: [
      { role: 'primary', reachable: true },
      { role: 'fallback', reachable: false },
    ],
  }),
  expect: 'fail',
  says: /fallback not reachable/,
};
const degraded: Sabotage = {
  what: 'the agent is not well',
  broken: shows('/', { value: { status: 'degraded' } }),
  expect: 'fail',
  says: /status degraded/,
};
const stale: Sabotage = {
  what: 'the newest sample is ten minutes old',
  broken: but('query', (is) => ({ series: is.series.map((one) => ({ ...one, value: one.at - 600 })) }), inEdgeHub),
  expect: 'fail',
  says: /the newest sample is 10m old; 1m are allowed/,
};
const noSample: Sabotage = {
  what: 'EdgeHub has no sample of it',
  broken: but('query', { series: [] }, inEdgeHub),
  expect: 'fail',
  says: /no sample in the hub/,
};
const tooLate: Sabotage = {
  what: 'it finds the fallback too late',
  broken: lateFallback,
  expect: 'fail',
  says: /took 6800 ms; below 5000 ms is wanted/,
};
const staysDown: Sabotage = {
  what: 'it does not fall back',
  broken: noFallback,
  expect: 'fail',
  says: /acknowledged nothing on the fallback/,
};
const quiet: Sabotage = {
  what: 'its messages do not reach the other machine',
  broken: but('agentMessages', { messages: 1 }, onMainPc),
  expect: 'fail',
  says: /1 messages on nats-main; at least 2 are wanted/,
};
const unread: Sabotage = {
  what: 'a server lets nobody read them',
  broken: but('agentMessages', { messages: 0, newest: null, error: 'NATS took no reader' }, onMainPc),
  expect: 'inconclusive',
  says: /not read on nats-main: NATS took no reader/,
};
const errorLogged: Sabotage = {
  what: 'it logs an error',
  broken: but('watchLog', { matches: 1, first: ['ERROR can not reach hub'] }),
  expect: 'fail',
  says: /1 error lines: ERROR can not reach hub/,
};
const logsNothing: Sabotage = {
  what: 'it logs nothing',
  broken: but('watchLog', { lines: 0 }),
  expect: 'inconclusive',
  says: /the log says nothing/,
};

/** Of the days' checkpoints, which are looked at again after the soak. */
const checkpointSabotages: Record<string, Sabotage[]> = {
  'checkpoint.day-1': [
    {
      what: 'no alert fires any more',
      broken: but('alerts', { firing: [] }),
      expect: 'fail',
      says: /alerts: .* does not fire/,
    },
    {
      what: 'an Alertmanager takes no alerts any more',
      broken: but('alertsAt', ({ at }) => ({
        upMs: 7_200_000,
        at: at.map((one) => ({ ...one, receivedMsAgo: 3_600_000 })),
      })),
      expect: 'fail',
      says: /alertmanagers: http:\/\/PC2:9093: EdgeHubWatchdog arrived 1h ago, and no more since/,
    },
  ],
  'checkpoint.day-2': [
    {
      what: 'a gateway takes no pushes any more',
      broken: but('pushMetric', { ok: false, status: 507 }, onPc2),
      expect: 'fail',
      says: /push to pushgateway-pc2: the push: answered 507/,
    },
  ],
  'checkpoint.day-3': [
    {
      what: 'the cluster has come apart',
      broken: but('natsCluster', { remotes: [] }, onPc2),
      expect: 'fail',
      says: /cluster: nats-pc2 has no route to nats-main/,
    },
  ],
  'checkpoint.day-4': [
    {
      what: 'a replica lags',
      broken: but('streamState', (is) => ({ replicas: is.replicas.map((replica) => ({ ...replica, lag: 5 })) })),
      expect: 'fail',
      says: /leaders: observability-metrics: nats-main, nats-pc2 lag/,
    },
  ],
};

export const pilotSabotages: Record<string, Sabotage[]> = {
  '2D.validated': [
    {
      what: 'a new file has a fault',
      broken: but('validateConfig', { ours: { ok: false, line: 12, message: 'expected a number' } }, ({ path }) =>
        path.includes('resource_manager'),
      ),
      expect: 'fail',
      says: /resource_manager: line 12: expected a number/,
    },
    {
      what: 'an agent refuses its new file',
      broken: but('validateConfig', { agents: { ok: false, output: 'unknown key hub_endpoints' } }, ({ path }) =>
        path.includes('resource_manager'),
      ),
      expect: 'fail',
      says: /resource_manager refuses it: unknown key hub_endpoints/,
    },
  ],
  '2D.scripts': [
    {
      what: 'a deployment would take a setting away',
      broken: but('previewDeploy', { lost: ['nats.user'] }, ({ program }) => program === 'resource_manager'),
      expect: 'fail',
      says: /resource_manager: would be gone, or changed by others: nats\.user/,
    },
  ],

  '2D.deploy.observability_hub.log-watch': [errorLogged],
  '2D.deploy.observability_hub.dual-hub': [dualHubOneGone],
  '2D.deploy.observability_hub.health': [
    degraded,
    {
      what: 'a function of it answers wrongly',
      broken: shows('/hubs/count', { value: 'none' }),
      expect: 'fail',
      says: /functions: hubs answers "none"/,
    },
    {
      what: 'it does not answer',
      broken: shows('/', { found: false, error: 'connection refused' }),
      expect: 'fail',
      says: /does not answer: connection refused/,
    },
  ],
  '2D.deploy.observability_hub.metrics': [stale],
  '2D.deploy.observability_hub.fallback': [tooLate],
  '2D.deploy.observability_hub.nats': [quiet],
  '2D.deploy.observability_hub.observation': [
    {
      what: 'the pilot is down for three samples',
      broken: downFor('observability_hub', 3),
      expect: 'fail',
      says: /observability_hub down in 3 samples in a row: http:\/\/PC2:8101\/health answered 503/,
    },
  ],

  '2D.rollback-rehearsal': [
    {
      what: 'the ledger knows nothing of the pilot',
      broken: { rollback: async () => [] },
      expect: 'fail',
      says: /nothing of this pilot to undo/,
    },
    {
      what: 'its file was changed and stays',
      broken: {
        rollback: async (_ask, usual) =>
          (await usual()).map((entry) => ({ ...entry, result: 'left', detail: 'it was changed since' })),
      },
      expect: 'fail',
      says: /left: it was changed since/,
    },
    {
      what: 'rolled back it still knows two hubs',
      broken: shows('/hubs/list', {
        value: [
          { role: 'primary', reachable: true },
          { role: 'fallback', reachable: true },
        ],
      }),
      expect: 'fail',
      says: /rolled back: observability_hub knows 2 hubs/,
    },
    {
      what: 'it does not come up again',
      broken: but('deployAgent', { state: 'FATAL', error: 'exited too quickly' }),
      expect: 'fail',
      says: /migrated again it is FATAL: exited too quickly/,
    },
    {
      what: 'it can not show which hub it uses',
      broken: shows('/hubs/active', { found: false, value: null, error: 'no answer' }),
      expect: 'fail',
      says: /uses no hub that it shows/,
    },
  ],

  '2D.deploy.resource_manager.log-watch': [logsNothing],
  '2D.deploy.resource_manager.dual-hub': [
    {
      what: 'EdgeHub is not its active hub',
      broken: shows('/hubs/active', { found: false, value: 'fallback' }),
      expect: 'fail',
      says: /the active hub is "fallback"/,
    },
  ],
  '2D.deploy.resource_manager.system-metrics': [
    {
      what: 'it gives no number',
      broken: shows('/load1', { value: 'n/a' }),
      expect: 'fail',
      says: /system-load answers "n\/a"/,
    },
  ],
  '2D.deploy.resource_manager.metrics': [noSample],
  '2D.deploy.resource_manager.fallback': [staysDown],
  '2D.deploy.resource_manager.health-visibility': [
    {
      what: 'MainPC does not see it',
      broken: but('shown', { found: false, error: 'no route to host' }, onMainPc),
      expect: 'fail',
      says: /not seen from MainPC: no route to host/,
    },
  ],
  '2D.deploy.resource_manager.observation': [
    { what: 'nothing is sampled on PC2', broken: blind, expect: 'inconclusive', says: /observed for 0ms of 2h/ },
  ],

  '2D.deploy.unified_utils_agent.log-watch': [errorLogged],
  '2D.deploy.unified_utils_agent.dual-hub': [dualHubOneGone],
  '2D.deploy.unified_utils_agent.utility': [
    {
      what: 'a function answers wrongly',
      broken: shows('/slug', { value: 'Hub Shift' }),
      expect: 'fail',
      says: /slug answers "Hub Shift"/,
    },
    {
      what: 'a function does not answer',
      broken: shows('/sha256', { found: false, value: undefined, error: 'answered 500' }),
      expect: 'fail',
      says: /hash: answered 500/,
    },
  ],
  '2D.deploy.unified_utils_agent.metrics': [stale],
  '2D.deploy.unified_utils_agent.fallback': [tooLate],
  '2D.deploy.unified_utils_agent.nats': [quiet],
  '2D.deploy.unified_utils_agent.observation': [
    {
      what: 'a container is restarted',
      broken: restarts('container edgehub'),
      expect: 'fail',
      says: /container edgehub was restarted/,
    },
  ],

  '2D.failover.stop': [tooLate],
  '2D.failover.return': [
    { what: 'the pilots stay on the fallback', broken: noReturn, expect: 'fail', says: /is not back on the primary/ },
  ],
  '2D.failover.no-loss': [
    {
      what: 'a batch is in neither hub',
      broken: but('readSequences', (is) => ({ sequences: minus(is.sequences, [[5, 5]]) })),
      expect: 'fail',
      says: /lost 1 of \d+: 5/,
    },
  ],
  '2D.visibility.hubs': [
    {
      what: 'CentralHub does not have the agents',
      broken: but('targets', { targets: [] }, inCentralHub),
      expect: 'fail',
      says: /observability_hub is not in centralhub: it scrapes nothing at PC2:8101/,
    },
    {
      what: 'CentralHub has another program under the name of an agent',
      broken: but(
        'targets',
        ({ targets }) => ({
          targets: targets.map((one) => (one.instance === 'PC2:8102' ? { ...one, address: 'other:8102' } : one)),
        }),
        inCentralHub,
      ),
      expect: 'fail',
      says: /^resource_manager is not in centralhub: it scrapes nothing at PC2:8102/,
    },
    {
      what: 'CentralHub gets no answer of an agent',
      broken: but(
        'targets',
        ({ targets }) => ({
          targets: targets.map((one) => ({
            ...one,
            instance: 'theirs',
            address: one.instance,
            ...(one.instance === 'PC2:8102' && { health: 'down', lastError: 'connection refused' }),
          })),
        }),
        inCentralHub,
      ),
      expect: 'fail',
      says: /^resource_manager is not in centralhub: its target agents theirs is down after 100ms: connection refused/,
    },
  ],
  '2D.visibility.nats': [quiet, unread],
  '2D.visibility.correlation': [
    {
      what: 'MainPC sees another state',
      broken: but('shown', { value: 'degraded' }, onMainPc),
      expect: 'fail',
      says: /MainPC: degraded, PC2: ok/,
    },
    {
      what: 'NATS says nothing of its state',
      broken: but('agentMessages', { newest: null }),
      expect: 'inconclusive',
      says: /seen only from MainPC, PC2/,
    },
  ],
  '2D.impact.response': [
    { what: 'CentralHub answers slowly', broken: slow, expect: 'fail', says: /centralhub p95 300 ms; at most 200 ms/ },
    {
      what: 'a pilot takes 120 ms where it took 5, and a bystander what it took',
      broken: slower,
      expect: 'fail',
      says: /resource_manager p95 \+115\.0 to \+115\.0 ms on 5 ms; at most 10 % or 50 ms more/,
    },
  ],
  '2D.impact.resources': [
    {
      what: 'PC2 is much busier than before',
      broken: busy,
      expect: 'fail',
      says: /PC2 CPU \+15\.0 to \+15\.0 %; at most 10 %/,
    },
  ],
  '2D.impact.network': [
    {
      what: 'the link of PC2 is nearly full',
      broken: flooded,
      expect: 'fail',
      says: /PC2 network \+79\.9 to \+79\.9 %; at most 10 %/,
    },
    {
      what: 'PC2 counts no traffic',
      broken: silent,
      expect: 'inconclusive',
      says: /PC2 shows no network traffic at all/,
    },
  ],

  '2D.soak': [
    {
      what: 'CentralHub is down again and again',
      broken: downFor('centralhub', 3),
      expect: 'fail',
      says: /centralhub down in 3 samples in a row/,
    },
    {
      what: 'a bystander is restarted again and again',
      broken: restarts('program pc2_sentinel'),
      expect: 'fail',
      says: /program pc2_sentinel was restarted/,
    },
  ],
  'week.redundancy': [
    {
      what: "CentralHub has the pilots' metrics from EdgeHub alone",
      broken: but('metricsInHubs', ({ found }) => ({
        found: found.map((one) => (one.hub === 'centralhub' ? { ...one, metrics: 0, lacks: 40 } : one)),
      })),
      expect: 'fail',
      says: /centralhub scrapes nothing of observability_hub/,
    },
    {
      what: 'EdgeHub lacks one metric of one pilot',
      broken: but('metricsInHubs', ({ found }) => ({
        found: found.map((one) =>
          one.hub === 'edgehub' && one.target === 'resource_manager'
            ? { ...one, metrics: 39, lacks: 1, first: ['system_load1'] }
            : one,
        ),
      })),
      expect: 'fail',
      says: /edgehub lacks 1 metrics of resource_manager: system_load1/,
    },
    {
      what: 'no hub answers',
      broken: but('metricsInHubs', { found: [], error: 'MainPC: connect ECONNREFUSED' }),
      expect: 'inconclusive',
      says: /ECONNREFUSED/,
    },
  ],
  'week.health': [
    {
      what: 'a component is not healthy',
      broken: but('awaitReady', { ok: false, status: 503 }, (ask) => ask.url === 'http://PC2:8223/healthz'),
      expect: 'fail',
      says: /http:\/\/PC2:8223\/healthz from MainPC: 503/,
    },
  ],
  'week.stability': [
    {
      what: 'a bystander has another process',
      broken: but('programStatus', { pid: 4711 }, ({ program }) => program === 'pc2_sentinel'),
      expect: 'fail',
      says: /pc2_sentinel had pid \d+, has 4711/,
    },
    {
      what: 'CentralHub was restarted',
      broken: but('inspectContainer', { startedAt: 'yesterday' }),
      expect: 'fail',
      says: /CentralHub was restarted at yesterday/,
    },
    {
      what: 'CentralHub is not there under its name',
      broken: but('inspectContainer', { exists: false, startedAt: '' }),
      expect: 'fail',
      says: /CentralHub's container is not found/,
    },
  ],
  ...checkpointSabotages,
  ...Object.fromEntries(
    Object.entries(checkpointSabotages).map(([row, ones]) => [row.replace('checkpoint', 'week'), ones]),
  ),
  'checkpoint.day-7': [
    {
      what: 'a pilot has given up',
      broken: but('programStatus', { state: 'FATAL', pid: null }, ({ program }) => program === 'unified_utils_agent'),
      expect: 'fail',
      says: /programs: unified_utils_agent is FATAL/,
    },
  ],
};
