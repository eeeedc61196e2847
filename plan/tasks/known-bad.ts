// For every judge of the week a sample that it must not pass, with the limits of the plan: fed to it before anything is trusted, and kept nowhere.
import { confidence, freeze } from '../evidence/gate.ts';
import { incident } from '../week/incident.ts';
import type { KpiInput } from '../evidence/kpi.ts';
import type {
  ClusterView,
  ContainerState,
  DirectoryState,
  HubStatus,
  Impact,
  MachineFacts,
  Published,
  ReadBack,
  StreamState,
} from '../machine-api/index.ts';
import { nothingMeasured, type Histogram, type Measured } from '../evidence/measured.ts';
import { pilotsOf, type Plan } from '../schema/plan.ts';
import type { Judgement, StepRecord } from '../week/record.ts';
import { initialState } from '../week/initial-state.ts';
import * as agent from './pilots/verdicts.ts';
import * as hub from './edgehub/verdicts.ts';
import * as machine from './shared/container.ts';
import * as messaging from './messaging/verdicts.ts';
import * as undo from './shared/undone.ts';
import { inconclusive, unless } from './shared/verdict.ts';

type Judges<Module, Not = never> = Record<Exclude<keyof Module, Not>, Judgement>;

/** What each judge says of its sample. */
export function judgedKnownBad(plan: Plan): Record<string, Judgement> {
  return {
    ...ofMachines(plan),
    ...ofHubs(plan),
    ...ofMessaging(plan),
    ...ofAgents(plan),
    ...ofUndos(plan),
    ...ofTheGate(plan),
  };
}

/** A judge that passes what is known to be bad is not to be trusted with what is not known. */
export function rejectsKnownBad(judged: Record<string, Judgement>): Judgement {
  const names = Object.keys(judged);
  if (names.length === 0) return inconclusive('no judge was tried');
  return unless(
    names
      .filter((name) => judged[name]!.verdict === 'pass')
      .map((name) => `${name} passes a sample that is known to be bad: ${judged[name]!.summary}`),
    `each of ${names.length} judges rejects a sample that is known to be bad`,
    { judges: names.length },
  );
}

const probe = { url: 'http://nowhere:1/', ok: false, latencyMs: 0 };
const unfound = { found: false, value: undefined, waitedMs: 0, error: 'refused' };
const noContainer: ContainerState = {
  exists: false,
  ours: false,
  running: false,
  status: '',
  image: '',
  specDigest: null,
  restartPolicy: '',
  ports: [],
  binds: [],
  command: [],
  startedAt: '',
  pid: 0,
  restarts: 0,
};
const noDirectory: DirectoryState = { path: '/', exists: false, owner: '', mode: '', freeBytes: 0, made: false };
const refused = { job: 'job', instance: 'nowhere:1', health: 'down', lastError: 'refused' };

function ofMachines(plan: Plan): Judges<typeof machine> {
  const facts = (name: string, clockOffsetMs: number): MachineFacts => ({
    machine: name,
    hostname: name,
    build: 'one',
    node: '',
    uid: 0,
    clockOffsetMs,
  });
  const failing: Impact = {
    at: 0,
    durationMs: 1,
    responseMs: { hub: { samples: 1, failed: 1, p50: 0, p95: 0, p99: 0 } },
    containers: {},
    programs: {},
    machine: { cpuPercent: 0, memoryPercent: 0, memoryBytes: 0, cores: 1, receivedBytesPerS: 0, sentBytesPerS: 0 },
  };
  return {
    machinesAgree: machine.machinesAgree(plan.limits.clockSkew)([
      facts('one', 0),
      facts('other', plan.limits.clockSkew + 1),
    ]),
    topologyIsKnown: machine.topologyIsKnown(plan, [])({ receiver: { ...probe, status: 404 }, outOfOrderWindow: null }),
    wayBackIsReady: machine.wayBackIsReady({ found: [{ machine: 'one', rights: [] }], levelThree: { none: 'none' } }),
    rightsAreThere: machine.rightsAreThere([
      { machine: 'one', rights: [{ what: 'Docker', ok: false, detail: 'denied' }] },
    ]),
    namesResolve: machine.namesResolve(plan.machines)([{ machine: 'one', names: [] }]),
    imagesResolved: machine.imagesResolved([{ machine: 'one', image: 'image', is: null }]),
    baselineIsWhole: machine.baselineIsWhole({ one: failing }),
    answered: machine.answered({ version: '', apiVersion: '' }),
    allAnswered: machine.allAnswered([{ version: '', apiVersion: '' }]),
    freeOrOurs: machine.freeOrOurs('container')({
      holders: [{ port: 1, free: false, process: 'another', pid: 1 }],
      state: noContainer,
    }),
    ownedBy: machine.ownedBy([{ path: '/', owner: '1:1' }])([{ ...noDirectory, exists: true, owner: '2:2' }]),
    storageIsSound: machine.storageIsSound('1:1', 1)(noDirectory),
    sameImage: machine.sameImage('sha256:1')({ image: 'image', id: 'sha256:2', digest: null, pulled: false }),
    asSpecified: machine.asSpecified({
      name: 'container',
      image: 'sha256:1',
      restart: 'always',
      ports: [],
      binds: [],
      command: [],
      extraHosts: {},
      stopGraceMs: 0,
    })({ deployed: { id: '', action: 'created', specDigest: '' }, state: noContainer }),
    runningAndReady: machine.runningAndReady({ state: noContainer, ready: probe }),
    reachableFromAll: machine.reachableFromAll([{ from: 'one', probe }]),
    configIsValid: machine.configIsValid([{ what: 'configuration', exitCode: 1, output: 'no' }]),
  };
}

function ofHubs({ limits }: Plan): Judges<typeof hub, 'whoIsUnwell'> {
  const status: HubStatus = {
    version: '',
    retention: '15d',
    jobs: [],
    outOfOrderWindow: null,
    scrapeInterval: '',
    reloadSuccessful: false,
    oldestSampleMs: null,
  };
  const impact = (times: number): Impact => ({
    at: 0,
    durationMs: 1,
    responseMs: { hub: { samples: 1, failed: 0, p50: 0, p95: limits.hubResponse.limit * times, p99: 0 } },
    containers: { hub: { cpuPercent: 100 * times, memoryBytes: times } },
    programs: { agent: { cpuPercent: 0, memoryBytes: 0 } },
    machine: { cpuPercent: 0, memoryPercent: 0, memoryBytes: 1, cores: 1, receivedBytesPerS: 1, sentBytesPerS: 1 },
  });
  return {
    written: hub.written('file')({ sha256: 'one', onDisk: 'other' }),
    retentionIs: hub.retentionIs(300_000, '5m')(status),
    configLoaded: hub.configLoaded(['job'])({ status, log: { lines: 1, matches: 1, first: ['error'] } }),
    scraping: hub.scraping(
      ['job'],
      1_000,
    )({ targets: { targets: [refused], waitedMs: 0 }, stored: { series: [], waitedMs: 0 } }),
    remoteWriteWorks: hub.remoteWriteWorks(1_000)({ found: { series: [], waitedMs: 0 }, before: [], after: [], at: 0 }),
    alertFires: hub.alertFires('Watchdog')({ rules: ['Watchdog'], firing: [], waitedMs: 0 }),
    // One of ten samples is gone.
    keptItsSamples: hub.keptItsSamples({
      before: { sequences: [[1, 10]], samples: 10 },
      after: {
        sequences: [
          [1, 4],
          [6, 10],
        ],
        samples: 9,
      },
      startedBefore: 'one',
      startedAfter: 'other',
      ready: { ok: true, waitedMs: 0 },
    }),
    noWorse: hub.noWorse([])({ targets: [refused], agents: [{ name: 'agent', ok: true }] }),
    reloaded: hub.reloaded([
      {
        hub: 'hub',
        jobs: ['job'],
        restartPolicy: 'always',
        reload: { how: 'http', successful: true, jobs: [], waitedMs: 0 },
      },
    ]),
    jobsAreUp: hub.jobsAreUp([{ hub: 'hub', jobs: ['job'], targets: [refused] }]),
    pushed: hub.pushed(1)({ probe: { ok: true, status: 200 }, read: { value: 2 } }),
    visible: hub.visible([{ hub: 'hub', metric: 'metric', value: 1, series: [] }]),
    survived: hub.survived([{ gateway: 'gateway', value: 1, after: null, restarted: true }]),
    impactWithin: hub.impactWithin({
      hubResponseMs: limits.hubResponse.limit,
      overheadPercent: limits.overheadPercent.limit,
    })({ before: { one: impact(0) }, after: { one: impact(2) } }),
  };
}

function ofMessaging({ limits }: Plan): Judges<typeof messaging> & Record<'complete.unexpected', Judgement> {
  const view = (server: string, change: Partial<ClusterView> = {}): ClusterView => ({
    server,
    cluster: 'cluster',
    remotes: [],
    jetstream: true,
    metaLeader: server,
    metaSize: 1,
    waitedMs: 0,
    ...change,
  });
  const apart = [view('one'), view('other')];
  const state: StreamState = {
    stream: 'stream',
    messages: 1,
    lastSequence: 1,
    leader: null,
    replicas: [
      { name: 'one', current: true, lag: 0 },
      { name: 'other', current: false, lag: 1 },
    ],
    subjects: {},
    consumers: [],
    waitedMs: 0,
  };
  const published: Published = {
    attempted: [[1, 10]],
    acknowledged: [[1, 10]],
    streams: ['other'],
    duplicates: 0,
    longestStallMs: 1,
    retries: 0,
    firstAt: 0,
    lastAt: 1,
  };
  // One of ten acknowledged messages is gone.
  const read: ReadBack = {
    sequences: [
      [1, 4],
      [6, 10],
    ],
    messages: 9,
    duplicates: 0,
    outOfOrder: 0,
  };
  const [servers, latency] = [['one', 'other'], limits.messageLatency];
  return {
    connects: messaging.connects(1_000)([
      { server: 'nats://nowhere', connection: { connected: false, ms: 1, error: 'refused' } },
    ]),
    oneCluster: messaging.oneCluster('cluster', servers)(apart),
    jetstreamRuns: messaging.jetstreamRuns(servers)(apart),
    crossed: messaging.crossed([{ from: 'one', to: 'other', sent: 10, received: 9, inOrder: true }]),
    rejoined: messaging.rejoined('cluster', servers)([{ server: 'one', restarted: true, views: apart }]),
    streamIs: messaging.streamIs('stream')({ made: { created: false, differs: ['maxAge'] }, state }),
    replicated: messaging.replicated({ stream: 2 })([state]),
    routed: messaging.routed([{ subject: 'subject', stream: 'stream', published, stored: { stream: 0, other: 1 } }]),
    consumersAre: messaging.consumersAre({ stream: ['consumer'] })([state]),
    complete: messaging.complete([{ what: 'messages', published, read }], 'any'),
    // All ten are there, and one more that nobody sent.
    'complete.unexpected': messaging.complete(
      [{ what: 'messages', published, read: { ...read, sequences: [[1, 11]], messages: 11 } }],
      'any',
    ),
    acknowledgesAll: messaging.acknowledgesAll([{ what: 'messages', published, read: { ...read, pendingAcks: 1 } }]),
    goesOn: messaging.goesOn(
      true,
      1_000,
    )({ down: true, alone: { core: true, directGet: true }, published: { ...published, longestStallMs: 1_001 } }),
    reformed: messaging.reformed('cluster', servers, 1_000)({ views: apart, tookMs: 0 }),
    // A partition that dropped nothing was none.
    partitioned: messaging.partitioned(
      [{ server: 'one', alone: { core: true, directGet: true } }],
      [
        { from: 'one', connected: false },
        { from: 'other', connected: false },
      ],
      0,
    ),
    agrees: messaging.agrees({ views: apart, streams: [{ server: 'one', state }] }),
    fastEnough: messaging.fastEnough(
      latency.limit,
      latency.target,
      1,
    )([
      {
        from: 'one',
        to: 'other',
        samples: 1,
        failed: 0,
        p50: 0,
        p95: 0,
        p99: latency.limit + 1,
        max: latency.limit + 1,
      },
    ]),
  };
}

function ofAgents(plan: Plan): Judges<typeof agent, 'failoverTimes'> {
  const { limits, watch, migration } = plan;
  const valid = { ours: { ok: true, message: '' }, agents: null };
  const over = (ms: number): agent.FailoverSeen => ({
    agent: 'agent',
    acks: {
      runs: [
        { hub: 'primary', fromMs: 0, toMs: 1, sequences: [[1, 5]], count: 5 },
        { hub: 'fallback', fromMs: 1 + ms, toMs: 2 + ms, sequences: [[6, 10]], count: 5 },
      ],
    },
    stoppedAt: 1,
    startedAt: 3 + ms,
    read: [
      [1, 4],
      [6, 10],
    ],
    inBoth: [],
  });
  const slow = [over(limits.failover.limit)];
  return {
    contractIsKnown: agent.contractIsKnown(plan)([
      {
        agent: 'agent',
        pilot: true,
        health: false,
        log: false,
        activeHub: false,
        acks: false,
        nats: false,
        check: false,
      },
    ]),
    backedUp: agent.backedUp([{ agent: 'agent', sha256: 'one', original: 'other', backup: '/' }]),
    rejectsBroken: agent.rejectsBroken(1)({ good: valid, broken: valid }),
    newConfigIs: agent.newConfigIs(['nats'])({
      path: '/',
      sha256: '',
      changed: true,
      changedKeys: ['port'],
      commentsKept: false,
    }),
    validates: agent.validates([{ agent: 'agent', is: { ours: { ok: false, line: 1, message: 'no' }, agents: null } }]),
    showsChanges: agent.showsChanges([
      { agent: 'agent', preview: { difference: '', added: 1, removed: 1, state: 'RUNNING' } },
    ]),
    deployed: agent.deployed({ pid: 0, state: 'FATAL', downMs: 0, sha256: '', action: 'swapped' }),
    logIsClean: agent.logIsClean(watch.log)({ lines: 1, matches: 1, first: ['ERROR'], watchedMs: watch.log }),
    dualHub: agent.dualHub({ active: unfound, hubs: { found: true, value: [], waitedMs: 0 } }),
    healthy: agent.healthy('agent')(unfound),
    fresh: agent.fresh(migration.freshWithin)({
      series: [{ labels: {}, value: 0, at: migration.freshWithin / 1_000 + 1 }],
    }),
    works: agent.works({ what: '^yes$' })([{ name: 'what', is: { found: true, value: 'no', waitedMs: 0 } }]),
    arrives: agent.arrives(1)([{ server: 'one', is: { messages: 0, newest: null } }]),
    seenFrom: agent.seenFrom([{ from: 'one', is: unfound }]),
    failsOver: agent.failsOver(limits.failover.limit, limits.failover.target)(slow),
    returns: agent.returns(slow),
    losesNothing: agent.losesNothing(slow),
    heldUp: agent.heldUp(
      1,
      watch.tolerate,
    )({
      creditMs: 1,
      longestGapMs: 0,
      restarts: 0,
      targets: { hub: { up: 1, down: watch.tolerate + 1, longestDown: watch.tolerate + 1 } },
      restarted: [],
    }),
    correlates: agent.correlates([
      {
        agent: 'agent',
        seen: [
          { from: 'one', status: 'ok' },
          { from: 'other', status: 'failing' },
        ],
      },
    ]),
    undisturbed: agent.undisturbed({
      before: { programs: { agent: 1 }, centralStartedAt: '' },
      after: { programs: { agent: 2 }, centralStartedAt: '' },
    }),
    inBothHubs: agent.inBothHubs([{ agent: 'agent', hub: 'one', series: [{ labels: {}, value: 1, at: 1 }] }]),
    programsRun: agent.programsRun([{ agent: 'agent', program: 'agent', state: 'FATAL', pid: null, uptimeS: null }]),
  };
}

function ofUndos({ emergency }: Plan): Judges<typeof undo> {
  const entry = (
    kind: undo.Results[number]['kind'],
    target: string,
    result: undo.Results[number]['result'] = 'undone',
  ) => ({ entry: 1, step: '', machine: 'one', kind, target, result, ms: 0 });
  const dual = {
    active: { found: true, value: 'primary', waitedMs: 0 },
    hubs: {
      found: true,
      value: [
        { role: 'primary', reachable: true },
        { role: 'fallback', reachable: true },
      ],
      waitedMs: 0,
    },
  };
  return {
    containersGone: undo.containersGone([])([
      { name: 'container', machine: 'one', is: { ...noContainer, exists: true } },
    ]),
    directoriesGone: undo.directoriesGone([entry('directory.remove', '/')])([
      { ...noDirectory, exists: true, machine: 'one' },
    ]),
    filesAreBack: undo.filesAreBack([])([{ machine: 'one', path: '/', original: 'one', now: 'other' }]),
    jobsGone: undo.jobsGone(['job'])([
      {
        hub: 'hub',
        status: {
          version: '',
          retention: '',
          jobs: ['job'],
          outOfOrderWindow: null,
          scrapeInterval: '',
          reloadSuccessful: true,
          oldestSampleMs: null,
        },
      },
    ]),
    scrapesAgents: undo.scrapesAgents([refused.instance])([{ hub: 'hub', targets: [refused] }]),
    centralOnly: undo.centralOnly('central')([{ agent: 'agent', active: unfound, hubs: dual.hubs }]),
    postsToPeers: undo.postsToPeers(1)([{ agent: 'agent', peer: 'peer', seen: 0 }]),
    streamsGone: undo.streamsGone([{ stream: 'stream', servers: [{ server: 'one', runs: true, there: true }] }]),
    pilotsRestored: undo.pilotsRestored([entry('agent.restore', 'agent', 'failed')]),
    runAgain: undo.runAgain([{ agent: 'agent', program: 'agent', state: 'FATAL', pid: null, uptimeS: null }]),
    rehearsed: undo.rehearsed(emergency.level2)({
      undone: [entry('agent.restore', 'agent')],
      central: { verdict: 'pass', summary: '', evidence: {} },
      again: { pid: 1, state: 'RUNNING', downMs: 0, sha256: '', action: 'swapped' },
      hubs: dual,
      rollbackMs: emergency.level2,
      verifyMs: 1,
      migrateMs: 0,
    }),
  };
}

/** The KPIs, and what the evidence says of the same week. */
function ofTheGate(plan: Plan): Record<string, Judgement> {
  const week = {
    ...initialState({ plan, planDigest: '', run: '', startedBy: '', startedAt: 0, rehearsal: null }),
    ...badWeek(plan),
  };
  week.incidents = [
    incident(plan, [], {
      level: 3,
      target: null,
      trigger: { automatic: true, by: '', from: '', reason: '' },
      startedAt: 0,
      endedAt: 1,
      result: 'failed',
      actions: [],
    }),
  ];
  const { kpis, go, noGo } = freeze(week, { executable: [], levelThree: { none: 'none' } }, 1);
  return { ...kpis, ...go, 'nogo.criteria': noGo, 'go.confidence': confidence([0], plan.gate.confidenceAbovePercent) };
}

/** A week in which everything was down from its first moment on, slow, lost and expensive. */
function badWeek(plan: Plan): KpiInput {
  const end = 10_000 * plan.watch.sampleInterval;
  const slow = (limit: number): Histogram => ({
    encoded: '',
    count: 1_000,
    p50: limit,
    p95: limit,
    p99: limit,
    max: limit,
  });
  const measured = (name: string): Measured => ({
    ...nothingMeasured(),
    samples: 10_000,
    seen: [[1, end]],
    targets: Object.fromEntries(
      [...plan.services, ...pilotsOf(plan)]
        .filter((one) => one.machine === name)
        .map((one) => [one.name, { since: 1, down: [[1, end]] }]),
    ),
    responses: { hub: slow(plan.limits.hubResponse.limit) },
    messages: {
      other: {
        sent: [[1, 100]],
        answered: [[1, 50]],
        unheard: [],
        lostAt: Array.from({ length: 50 }, (_, index) => end - index),
        latency: slow(plan.limits.messageLatency.limit),
      },
    },
    cpu: { count: 100, mean: 2 * plan.limits.overheadPercent.limit, m2: 1 },
    memory: { count: 100, mean: 0, m2: 0 },
    network: { count: 100, mean: 0, m2: 0 },
  });
  const record = (id: string, evidence: StepRecord['evidence']): StepRecord => ({
    id,
    machine: '',
    verdict: 'fail',
    summary: '',
    evidence,
    startedAt: 0,
    endedAt: 0,
    attempts: 1,
  });
  const records = {
    '2D.failover.stop': record('2D.failover.stop', { slowestMs: plan.limits.failover.limit, failovers: 1 }),
    '2D.failover.no-loss': record('2D.failover.no-loss', {}),
  };
  const machines = plan.machines.map(({ name }) => name);
  return {
    plan,
    records,
    history: [],
    measured: Object.fromEntries(machines.map((name) => [name, measured(name)])),
    before: Object.fromEntries(machines.map((name) => [name, { cpu: 0, memory: 0 }])),
  };
}
