// Machines that answer as healthy ones would: for workflow tests. What a test wants otherwise it overrides, verb by verb.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { parse } from 'yaml';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { BuildActivities } from '../../activities/control/build.ts';
import type { NotifyActivities } from '../../activities/control/notify.ts';
import type { ReportActivities } from '../../activities/control/reports.ts';
import { type ConfigFile, runningConfig } from '../../activities/prometheus/hub-status.ts';
import { changeOf, type LevelThree } from '../../plan/evidence/frozen.ts';
import { targetNames } from '../../plan/evidence/target-names.ts';
import { rangesOf, union } from '../../plan/evidence/sequence-sets.ts';
import type { PreparedDeployment } from '../../plan/machine-api/agents.ts';
import type { ContainerSpec } from '../../plan/machine-api/containers.ts';
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Entered } from '../../plan/machine-api/ledger.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import { portsAt, portText } from '../../plan/machine-api/ports.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { agentTarget } from '../../plan/schema/endpoints.ts';
import { type Plan, serviceOf, servicesOf } from '../../plan/schema/plan.ts';
import { edgeConfig } from '../../plan/tasks/edgehub/config.ts';
import type { EdgeHub } from '../../plan/tasks/edgehub/schema.ts';
import { watchdogAlert } from '../../plan/tasks/edgehub/alerts.ts';
import { scrapeJobs } from '../../plan/tasks/pushgateways/scrape-jobs.ts';
import { componentsOf } from '../../plan/tasks/services.ts';
import { hubUrl } from '../../plan/tasks/shared/hubs.ts';
import { monitorUrl, natsTarget } from '../../plan/tasks/shared/nats.ts';
import { configDirectory, configPath } from '../../plan/tasks/shared/config-directory.ts';
import type { Notice, Sent } from '../../plan/week/notice.ts';
import type { Shed } from '../../plan/week/older.ts';
import type { Scope } from '../../plan/week/undo.ts';
import { quiet } from './quiet.ts';

type Verb = keyof MachineActivities;

const build = 'abcdef0123456789';
export const fast = { encoded: '', count: 100, p50: 1, p95: 2, p99: 3, max: 4 };
type Override = (ask: any, usual: (ask?: any) => Promise<any>, machine: string) => unknown;

export interface Hanging {
  asked: number;
  ended: number;
}

export class FakeMachines {
  /** What the control worker was asked to tell, and how a channel answers: as if it took everything, unless a test says otherwise. */
  readonly told: { channel: string; notice: Notice }[] = [];
  readonly answers = new Map<string, (notice: Notice) => Pick<Sent, 'result' | 'detail'>>();
  readonly reports: string[] = [];
  readonly older: Shed[] = [];
  /** The agents of whom the report has what is going to be done. */
  readonly prepared: string[] = [];
  /** Gives the level 3 that is on record. */
  levelThree = (): LevelThree | null => ({
    run: 'earlier',
    at: Date.now(),
    ms: 4_100,
    tookBack: this.plan.machines.map(({ name }) => changeOf({ machine: name, ...this.change })),
  });
  readonly channels: BuildActivities & NotifyActivities & ReportActivities = {
    controlBuild: async () => ({ build }),
    writeReport: async ({ state: { run } }) => {
      this.reports.push(run);
      return [`/reports/${run}.html`];
    },
    findLevelThree: async () => this.levelThree(),
    keepPrepared: async ({ prepared }) => void this.prepared.push(...prepared.map(({ agent }) => agent)),
    keepOlder: async ({ run, shed }) => {
      this.older.push(shed);
      return `/reports/${run}.older.jsonl`;
    },
    channelsOff: async () => [],
    notify: async ({ channel: { name }, notice }) => {
      this.told.push({ channel: name, notice });
      return this.answers.get(name)?.(notice) ?? { result: 'sent', detail: 'answered 200' };
    },
  };
  readonly calls: { machine: string; verb: Verb; ask: any; at: number }[] = [];
  private readonly overrides = new Map<Verb, Override>();
  private readonly specs = new Map<string, ContainerSpec>();
  private readonly startedAt = new Map<string, string>();
  private readonly files = new Map<string, string>();
  private readonly contents = new Map<string, string>();
  private readonly published = new Map<string, number>();
  private closed = new Set<string>();
  /** Runs that a GO has kept. */
  readonly kept = new Set<string>();
  /** Containers, directories and agents that a rollback took back. */
  private readonly removed = new Set<string>();
  private readonly edited = new Set<string>();
  /** In the preflight nothing is made yet. */
  private isMade = true;
  private starts = 0;

  constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly plan: Plan,
    private readonly week: () => { handle: WorkflowHandle; queues: ReadonlySet<string> },
  ) {}

  /** Activities that hang, or wait for their turn to give another answer than the usual. All of them heartbeat. */
  readonly hanging = new Set<string>();
  /** Those of them that hang until they are cancelled or let go: meanwhile no time is skipped. */
  readonly stuck = new Set<string>();
  private turns: Promise<void> = Promise.resolve();

  /** Replaces a verb's answer; `usual` gives the healthy one. Any other answer is given when nothing else is under way (quiet.ts). */
  override(verb: Verb, answer: Override): void {
    this.overrides.set(verb, answer);
  }

  restore(verb: Verb): void {
    this.overrides.delete(verb);
  }

  /** A verb hangs, heartbeating, until it is cancelled; other asks of it are answered as usual. */
  hang(verb: Verb, which: (ask: any, machine: string) => boolean = () => true): Hanging {
    const hanging: Hanging = { asked: 0, ended: 0 };
    this.override(verb, async (ask, usual, machine) => {
      if (!which(ask, machine)) return usual();
      hanging.asked += 1;
      try {
        return await this.untilCancelled();
      } finally {
        hanging.ended += 1;
      }
    });
    return hanging;
  }

  /** A verb waits, and answers as usual once it is let go. */
  hold(verb: Verb): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    this.override(verb, async (_ask, usual) => {
      await this.standStill(released);
      return usual();
    });
    return release;
  }

  asked(verb: Verb): { machine: string; ask: any }[] {
    return this.calls.filter((call) => call.verb === verb);
  }

  /** In the ledgers, until anything is taken back. */
  private entered: (Entered & { machine: string })[] = [];

  private enter(machine: string, verb: Verb, ask: any): void {
    const step: string | undefined = ask?.change?.step;
    if (step === undefined || verb === 'injectFault') return;
    const entry = this.entered.length + 1;
    this.entered.push({ machine, entry, step, kind: 'file.restore', target: verb, live: true });
  }

  /** A machine's activities, for a worker on its queue. */
  on(machine: string): MachineActivities {
    const healthy = this.healthy(machine);
    return Object.fromEntries(
      (Object.keys(healthy) as Verb[]).map((verb) => [
        verb,
        async (ask: any) => {
          this.calls.push({ machine, verb, ask, at: Date.now() });
          const context = Context.current();
          const { activityId } = context.info;
          const heartbeat = setInterval(() => context.heartbeat(), 100);
          let sound: unknown;
          let again = false;
          const usual = async (other = ask) => (sound = await (healthy[verb] as (ask: any) => Promise<any>)(other));
          try {
            const answer = await (this.overrides.get(verb) ?? usual)(ask, usual, machine);
            if (answer !== sound) await this.turn(context);
            this.enter(machine, verb, ask);
            return answer;
          } catch (error) {
            await this.turn(context);
            again = !context.cancellationSignal.aborted && !(error instanceof ApplicationFailure && error.nonRetryable);
            throw error;
          } finally {
            clearInterval(heartbeat);
            // What is to be retried is waited for by nobody either.
            if (!again) this.hanging.delete(activityId);
            this.stuck.delete(activityId);
          }
        },
      ]),
    ) as unknown as MachineActivities;
  }

  /** Hangs until it is cancelled, then throws. */
  untilCancelled(): Promise<never> {
    return this.standStill(Context.current().cancelled);
  }

  private async standStill<T>(until: Promise<T>): Promise<T> {
    const { activityId } = Context.current().info;
    this.hanging.add(activityId);
    this.stuck.add(activityId);
    return until;
  }

  /** One after the other, each when all that the others led to is done; one that is cancelled already at once. */
  private async turn({ info, cancellationSignal }: Context): Promise<void> {
    if (cancellationSignal.aborted) return;
    this.hanging.add(info.activityId);
    const { handle, queues } = this.week();
    const mine = this.turns.then(() =>
      quiet(handle, () => this.env.currentTimeMs(), { hanging: this.hanging, queues }),
    );
    this.turns = mine.catch(() => undefined);
    await mine;
  }

  private healthy(machine: string): MachineActivities {
    const { plan } = this;
    const now = () => this.env.currentTimeMs();
    const edge = serviceOf(plan, 'edge-hub');
    const nats = servicesOf(plan, 'nats');
    const probe = (url: string) => ({ url, ok: true, status: 200, latencyMs: 2 });
    const views = (monitor: string) => {
      const server = nats.find((one) => monitorUrl(one) === monitor) ?? nats[0]!;
      return {
        server: server.name,
        cluster: plan.messaging.cluster,
        remotes: nats.filter((one) => one !== server).map((one) => one.name),
        jetstream: true,
        metaLeader: nats[0]!.name,
        metaSize: nats.length,
        waitedMs: 100,
      };
    };
    const write = (path: string, content: string) => {
      const sha256 = digest(content);
      const changed = this.files.get(`${machine}${path}`) !== sha256;
      this.files.set(`${machine}${path}`, sha256);
      this.contents.set(`${machine}${path}`, content);
      return { path, sha256, changed };
    };
    const change = (run: string) => {
      if (this.closed.has(run)) throw takesNoMore(run, 'LedgerClosed');
      if (this.kept.has(run)) throw takesNoMore(run, 'LedgerKept');
    };
    const healthyUsage = { cpuPercent: 1, memoryBytes: 1e7 };
    const batches = (value: number) => Array.from({ length: 20 }, () => value);
    return {
      describeMachine: async () => ({
        machine,
        hostname: machine,
        build,
        node: 'v20',
        uid: 0,
        clockOffsetMs: 3,
        planned: plan.machines.find(({ name }) => name === machine),
      }),
      checkRights: async () => {
        this.isMade = false;
        return [{ what: 'Docker socket', ok: true, detail: '' }];
      },
      resolveNames: async ({ names, hosts }) =>
        names.map((name) => ({ name, here: hosts[name]!, all: [hosts[name]!], inContainer: true })),
      portHolders: async ({ ports }) => ports.map((port) => ({ port, free: true })),
      probe: async ({ url }) =>
        this.isStopped(urlOf(url))
          ? { url: urlOf(url), ok: false, latencyMs: 1, error: 'connection refused' }
          : probe(urlOf(url)),
      awaitReady: async ({ url }) => ({ ...probe(urlOf(url)), waitedMs: 10 }),
      measureImpact: async ({ durationMs, urls, writes = {}, containers, programs }) => ({
        at: await now(),
        durationMs,
        responseMs: Object.fromEntries(
          Object.keys({ ...urls, ...writes }).map((name) => [name, { samples: 50, failed: 0, p50: 2, p95: 5, p99: 8 }]),
        ),
        batches: {
          responseMs: Object.fromEntries(Object.keys({ ...urls, ...writes }).map((name) => [name, batches(5)])),
          cpuPercent: batches(3),
          memoryPercent: batches(4),
          networkPercent: batches(0.1),
        },
        containers: Object.fromEntries(containers.map((name) => [name, healthyUsage])),
        programs: Object.fromEntries(programs.map((name) => [name, healthyUsage])),
        machine: {
          cpuPercent: 10,
          memoryPercent: 20,
          memoryBytes: 1e9,
          cores: 2,
          receivedBytesPerS: 1000,
          sentBytesPerS: 1000,
        },
      }),
      measure: async ({ soFar, urls, outside = {}, clusters = {}, timed, untilMs, messages }) => {
        const at = await now();
        const up = (names: string[]) => Object.fromEntries(names.map((name) => [name, { since: at, down: [] }]));
        return {
          ...soFar,
          samples: soFar.samples + 1,
          seen: union(soFar.seen, [[at, untilMs]]),
          targets: { ...up([...Object.keys(urls), ...Object.keys(clusters)]), ...soFar.targets },
          outside: soFar.outside ?? [{ names: Object.keys(outside), since: at, down: [] }],
          messages: Object.fromEntries(
            Object.keys(messages.to).map((to) => [
              to,
              { sent: [[1, 100]], answered: [[1, 100]], unheard: [], lostAt: [], latency: fast },
            ]),
          ),
          responses: Object.fromEntries(Object.keys({ ...timed?.urls, ...timed?.writes }).map((name) => [name, fast])),
          cpu: { count: 10, mean: 1.5, m2: 0.1 },
          memory: { count: 10, mean: 2, m2: 0.1 },
          network: { count: 10, mean: 0.1, m2: 0.1 },
        };
      },
      probeTcp: async ({ targets }) =>
        targets.map(({ address, port }) => ({ target: `${address}:${port}`, connected: false })),

      dockerVersion: async () => ({ version: '27.0.0', apiVersion: '1.46', os: 'linux' }),
      ensureImage: async ({ image }) => ({ image, id: imageId(image), digest: null, pulled: false }),
      resolveImage: async ({ image }) => ({ image, id: imageId(image), digest: null, pulled: false }),
      deployContainer: async ({ change: { run }, spec }) => {
        change(run);
        this.specs.set(spec.name, spec);
        this.removed.delete(spec.name);
        this.start(spec.name);
        return { id: 'f00dfeedf00dfeed', action: 'created', specDigest: digest(JSON.stringify(spec)) };
      },
      inspectContainer: async ({ name }) => {
        const spec = this.specs.get(name);
        const exists = !this.removed.has(name);
        return {
          exists,
          ours: spec !== undefined,
          running: exists,
          status: 'running',
          image: spec?.image ?? '',
          specDigest: spec ? digest(JSON.stringify(spec)) : null,
          // CentralHub's is its owner's.
          restartPolicy: name === serviceOf(plan, 'central-hub').name ? 'unless-stopped' : 'always',
          published: spec ? portsAt(spec.ports, spec.listen) : [],
          ports: spec?.ports.map(portText) ?? [],
          binds: spec?.binds.map((bind) => `${bind.host}:${bind.container}`) ?? [],
          command: spec?.command ?? [],
          startedAt: this.startedAt.get(name) ?? 'before',
          pid: 42,
          restarts: 0,
          limits: spec?.limits ?? {},
        };
      },
      capacity: async ({ directories }) => ({
        cpus: 8,
        memoryBytes: 16 * 2 ** 30,
        limitsCpus: true,
        limitsMemory: true,
        free: directories.map((path) => ({ path, disk: '1', bytes: 1e11 })),
      }),
      restartContainer: async ({ name }) => ({ stoppedMs: 100, startedAt: this.start(name) }),
      containerLog: async () => ({ lines: 20, matches: 0, first: [] }),
      runOnce: async ({ image, command }) => {
        const isNats = servicesOf(this.plan, 'nats').some((server) => imageId(server.image) === image);
        const version = isNats ? 'nats-server: v2.15.2' : 'prometheus, version 3.0.0 (branch: HEAD)';
        return { exitCode: 0, output: command.includes('--version') ? `${version}\n` : 'SUCCESS' };
      },

      ensureDirectories: async ({ change: { run }, directories }) => {
        change(run);
        for (const { base } of componentsOf(plan))
          if (directories.some(({ path }) => path.startsWith(base))) this.removed.delete(base);
        return directories.map(({ path, owner }) => ({
          path,
          exists: true,
          owner,
          mode: '755',
          freeBytes: 1e11,
          made: true,
        }));
      },
      directoryState: async ({ path }) => ({
        path,
        exists: !this.removed.has(path),
        owner: '65534:65534',
        mode: '755',
        freeBytes: 1e11,
        made: true,
      }),
      writeFile: async ({ change: { run }, path, content }) => {
        change(run);
        return write(path, content);
      },
      editFile: async ({ change: { run }, path, edit }) => {
        change(run);
        this.edited.add(`${machine}${path}`);
        return write(path, JSON.stringify(edit));
      },
      digestFile: async ({ path }) => ({
        exists: true,
        sha256: this.files.get(`${machine}${path}`) ?? digest(path),
        bytes: 100,
      }),

      reloadHub: async ({ jobs }) => ({ how: 'http', successful: true, jobs, waitedMs: 50 }),
      query: async ({ query }) => ({
        series: [
          {
            labels: { hub: 'edgehub' },
            value: query.includes('timestamp')
              ? (await now()) / 1000 - 1
              : Number(/==\s*([\d.]+)/.exec(query)?.[1] ?? 0),
            at: (await now()) / 1000,
          },
        ],
        waitedMs: 100,
      }),
      metricsInHubs: async ({ hubs, targets }) => ({
        found: Object.keys(targets).flatMap((target) =>
          Object.keys(hubs).map((hub) => ({ target, hub, metrics: 40, lacks: 0, first: [] })),
        ),
        waitedMs: 100,
      }),
      targets: async ({ jobs }) => ({
        targets: (jobs.length > 0 ? jobs : ['agents']).flatMap((job) =>
          plan.agents.map(({ machine, port }) => ({
            job,
            instance: `${machine}:${port}`,
            health: 'up',
            lastError: '',
          })),
        ),
        waitedMs: 100,
      }),
      alerts: async () => ({ rules: [watchdogAlert], firing: [watchdogAlert], waitedMs: 100 }),
      alertsAt: async ({ alertmanagers, labels }) => ({
        sendsTo: alertmanagers.map((url) => `${url}/api/v2/alerts`),
        upMs: 30_000,
        at: alertmanagers.map((url) => ({ url, receivedMsAgo: this.alertsSay(labels) ? 1_000 : null })),
        waitedMs: 100,
      }),
      hubStatus: async ({ hub, whole }) => ({
        ...(whole ? { running: runningConfig(this.configOf(edge)) } : {}),
        version: '3.0.0',
        retention: '5m',
        jobs: [
          'agents',
          ...scrapeJobs(plan, urlOf(hub) === hubUrl(edge) ? edge.name : serviceOf(plan, 'central-hub').name)
            .map((job) => job.job_name)
            .filter((job) => this.isMade && !this.removed.has(job)),
        ],
        outOfOrderWindow: '10m',
        scrapeInterval: (this.isMade ? this.configOf(edge).global?.scrape_interval : undefined) ?? '15s',
        reloadSuccessful: true,
        oldestSampleMs: (await now()) - 60_000,
      }),
      metricsPages: async ({ pages }) =>
        Object.fromEntries(
          Object.entries(pages).map(([name, page]) => [
            name,
            { url: urlOf(page), status: 200, contentType: 'text/plain; version=0.0.4', samples: 40 },
          ]),
        ),
      probeReceiver: async ({ hub }) => probe(urlOf(hub)),
      // No batch went to both hubs: CentralHub has none without the label of those that EdgeHub passes on.
      readSequences: async ({ selector }) =>
        selector.includes('=""') ? { sequences: [], samples: 0 } : { sequences: [[1, 1000]], samples: 1000 },
      pushMetric: async ({ gateway }) => probe(urlOf(gateway)),
      readPushed: async ({ metric }) => ({
        value: servicesOf(plan, 'pushgateway').find((gateway) => gateway.test.metric === metric)?.test.value ?? null,
      }),
      deletePushed: async ({ gateway }) => probe(urlOf(gateway)),

      natsConnect: async ({ server }) => ({
        connected: true,
        ms: 3,
        name: nats.find((one) => urlOf(natsTarget(plan, one)) === urlOf(server))?.name,
        cluster: plan.messaging.cluster,
        jetstream: true,
      }),
      natsCluster: async ({ monitor }) => views(monitor),
      natsListen: async ({ count }) => ({ received: count, inOrder: true }),
      natsSend: async ({ count }) => ({ sent: count }),
      ensureStream: async ({ change: { run } }) => {
        change(run);
        return { created: true, differs: [] };
      },
      ensureConsumer: async ({ change: by }) => {
        if (by) change(by.run);
        return { created: true };
      },
      streamState: async ({ stream, replicas }) => {
        const spec = plan.messaging.streams.find((one) => one.name === stream);
        return {
          stream,
          messages: 10,
          lastSequence: 10,
          leader: nats[0]!.name,
          replicas: nats.slice(0, replicas).map(({ name }) => ({ name, current: true, lag: 0 })),
          subjects: Object.fromEntries((spec?.publishes ?? []).map((subject) => [subject, 1])),
          consumers: spec?.consumers ?? [],
          waitedMs: 10,
        };
      },
      publish: async ({ publisher, count, durationMs, intervalMs, subject }) => {
        const sent = count ?? Math.max(1, Math.floor((durationMs ?? 0) / Math.max(1, intervalMs)));
        this.published.set(publisher, sent);
        return {
          attempted: [[1, sent]],
          acknowledged: [[1, sent]],
          streams: plan.messaging.streams.filter((one) => one.publishes.includes(subject)).map((one) => one.name),
          duplicates: 0,
          longestStallMs: 10,
          retries: 0,
          firstAt: await now(),
          lastAt: await now(),
        };
      },
      readStream: async ({ publisher }) => ({
        sequences: [[1, this.published.get(publisher) ?? 0]],
        messages: this.published.get(publisher) ?? 0,
        duplicates: 0,
        outOfOrder: 0,
      }),
      consume: async ({ count }) => ({
        sequences: [[1, count]],
        messages: count,
        duplicates: 0,
        outOfOrder: 0,
        pendingAcks: 0,
      }),
      natsEcho: () => this.untilCancelled(),
      natsLatency: async ({ samples }) => ({ samples, failed: 0, p50: 1, p95: 2, p99: 3, max: 4 }),
      natsAlone: async () => ({ core: true, directGet: true }),
      agentMessages: async ({ agent, atLeast }) => ({ messages: atLeast, newest: { agent, status: 'ok' } }),

      programStatus: async ({ program }) => ({
        program,
        state: 'RUNNING',
        pid: 1000 + plan.agents.findIndex((agent) => agent.program === program),
        uptimeS: 100,
        boot: `the first of ${machine}`,
      }),
      shown: async ({ url, pointer }) => ({ found: true, value: this.shownBy(urlOf(url), pointer), waitedMs: 5 }),
      backupConfig: async ({ change: { run }, config }) => {
        change(run);
        return {
          backup: `${config}.backup`,
          sha256: this.files.get(`${machine}${config}`) ?? digest(config),
          kept: false,
        };
      },
      writeNewConfig: async ({ change: { run }, config, edit }) => {
        change(run);
        return {
          ...write(`${config}.new`, JSON.stringify(edit)),
          changedKeys: ['hub_endpoints', 'failover_config', 'nats', 'environment'],
          commentsKept: true,
        };
      },
      validateConfig: async ({ text }) =>
        text?.includes('three')
          ? {
              ours: {
                ok: false,
                line: text.split('\n').findIndex((line) => line.includes('three')) + 1,
                message: 'expected a number',
              },
              agents: null,
            }
          : { ours: { ok: true, message: 'ok' }, agents: { ok: true, output: 'ok' } },
      previewDeploy: async ({ deployment }) => ({
        difference: '+hub_endpoints',
        added: 12,
        removed: 0,
        state: 'RUNNING',
        ...(deployment && { prepared: preparedOf(machine, deployment.agent.name) }),
      }),
      preparedDeployment: async ({ agent }) => preparedOf(machine, agent),
      deployAgent: async ({ change: { run }, agent }) => {
        change(run);
        this.removed.delete(agent.name);
        return { pid: 77, state: 'RUNNING', downMs: 800, sha256: 'a'.repeat(64), action: 'swapped' };
      },
      watchLog: async () => ({ lines: 100, matches: 0, first: [], offset: 100, bytes: 1000, watchedMs: 0 }),
      logOffset: async () => ({ offset: 0 }),
      logLine: async () => ({
        line: '2026-11-20T10:00:00.000Z INFO working active=primary',
        entries: { all: 12, stated: 12 },
      }),
      observe: async (ask): Promise<Observation> => {
        // Sampled ahead of the clock: the workflow's own timer lets the time pass.
        const fromMs = await now();
        const toMs = Math.max(fromMs, ask.untilMs);
        const samples = Math.ceil((toMs - fromMs) / ask.intervalMs) + 1;
        const names = targetNames(ask);
        return {
          fromMs,
          toMs,
          samples,
          longestGapMs: ask.intervalMs,
          targets: Object.fromEntries(names.map((name) => [name, { up: samples, down: 0, longestDown: 0 }])),
          restarted: [],
        };
      },
      readAcks: async () => {
        const window = this.faults.at(-1)!;
        return {
          runs: [
            {
              hub: 'primary',
              fromMs: window.from - 5000,
              toMs: window.from - 200,
              sequences: rangesOf([1, 2, 3]),
              count: 3,
            },
            {
              hub: 'fallback',
              fromMs: window.from + 600,
              toMs: window.to + 2000,
              sequences: rangesOf([4, 5, 6]),
              count: 3,
            },
            { hub: 'primary', fromMs: window.to + 3000, toMs: window.to + 6000, sequences: rangesOf([7, 8]), count: 2 },
          ],
        };
      },
      awaitHub: async ({ hub }) => ({ reached: true, waitedMs: 500, hub }),

      injectFault: async ({ change: { run }, fault }) => {
        change(run);
        this.faults.push({ from: await now(), to: Infinity, target: 'container' in fault ? fault.container : '' });
        return { at: await now() };
      },
      liftFault: async () => {
        const open = this.faults.findLast((fault) => fault.to === Infinity);
        if (open) open.to = await now();
        return { at: open?.to ?? (await now()), dropped: 25 };
      },

      // What a test has overridden is asked by itself, as it would be of a machine that could not answer.
      looks: async ({ asks }) =>
        Promise.all(
          asks.map(async ({ verb, ask }) => {
            if (this.overrides.has(verb)) return null;
            this.calls.push({ machine, verb, ask, at: Date.now() });
            return { answer: await (this.healthy(machine)[verb] as (ask: unknown) => Promise<unknown>)(ask) };
          }),
        ),
      openLedger: async () => {
        this.isMade = true;
        return { entries: 0 };
      },
      newestEntries: async ({ atMost }) => this.entered.filter((one) => one.machine === machine).slice(-atMost),
      leaveEntries: async () => undefined,
      closing: async ({ run }) =>
        this.closed.has(run) ? { by: 'the week', at: await now(), undoneAt: await now() } : null,
      keepLedger: async ({ run }) => {
        this.kept.add(run);
        return { entries: 12 };
      },
      rollback: async ({ run, scope, dryRun }) => {
        if (dryRun !== true) this.takeBack(scope);
        if (scope === 'all' && !dryRun) this.closed.add(run);
        return [{ entry: 1, ...this.change, result: 'undone', ms: 5 }];
      },
    };
  }

  /** The one in every ledger. */
  private get change() {
    return {
      step: '2A.deploy.container',
      kind: 'container.remove' as const,
      target: serviceOf(this.plan, 'edge-hub').name,
    };
  }

  private takeBack(scope: Scope): void {
    this.entered = [];
    const taskOf = { 'edge-hub': '2A', pushgateway: '2B', nats: '2C' } as const;
    const covers = (task: string) => scope === 'all' || ('task' in scope && scope.task === task);
    for (const component of componentsOf(this.plan))
      if (covers(taskOf[component.kind])) this.removed.add(component.name).add(component.base);
    for (const { name, wave } of this.plan.agents)
      if (wave !== undefined && (covers('2D') || (scope !== 'all' && 'agent' in scope && scope.agent === name)))
        this.removed.add(name);
    if (covers('2B')) for (const file of this.edited) this.files.delete(file);
  }

  private readonly faults: { from: number; to: number; target: string }[] = [];

  /** What was written for a hub. */
  private configOf(hub: EdgeHub): ConfigFile {
    return parse(this.contents.get(`${hub.machine}${configPath(hub)}`) ?? edgeConfig(this.plan)) as ConfigFile;
  }

  /** Beside what the hub says of itself. */
  private alertsSay(labels: Record<string, string>): boolean {
    const edge = serviceOf(this.plan, 'edge-hub');
    const rules = this.contents.get(`${edge.machine}${configDirectory(edge).path}/${edge.rulesFile}`) ?? '';
    return Object.entries(labels).every(
      ([label, value]) => edge.externalLabels[label] === value || rules.includes(value),
    );
  }

  private isStopped(url: string): boolean {
    const open = this.faults.findLast((fault) => fault.to === Infinity);
    return (
      open !== undefined &&
      servicesOf(this.plan, 'nats').some((server) => server.name === open.target && url.startsWith(monitorUrl(server)))
    );
  }

  private start(container: string): string {
    this.starts += 1;
    this.startedAt.set(container, `start ${this.starts}`);
    return `start ${this.starts}`;
  }

  private shownBy(url: string, pointer: string): unknown {
    const { activeHub, hubs } = this.plan.migration.contract;
    const agent = this.plan.agents.find((one) => url.startsWith(urlOf(agentTarget(one, '/'))));
    const functions = Object.fromEntries((agent?.functions ?? []).map((one) => [one.path + one.pointer, one]));
    const restored = agent !== undefined && (!this.isMade || this.removed.has(agent.name));
    if (pointer === activeHub?.pointer) return restored ? activeHub.central : activeHub.primary;
    if (pointer === hubs?.pointer)
      return restored
        ? [{ role: 'central', reachable: true }]
        : [
            { role: 'primary', reachable: true },
            { role: 'fallback', reachable: true },
          ];
    if (pointer.endsWith('/receivedAt')) return '9999-12-31T23:59:59.000Z';
    if (pointer === '/status') return 'ok';
    if (pointer === '/sha256') return 'a'.repeat(64);
    if (pointer === '/slug') return 'hub-shift';
    if (Object.keys(functions).length > 0 && pointer !== '/') return '12.5';
    return { status: 'ok', agent: agent?.name };
  }
}

/** Not a real digest: only equal for what is equal. */
export function preparedOf(machine: string, agent: string): PreparedDeployment {
  return {
    agent,
    machine,
    at: 0,
    from: digest('before'),
    to: 'a'.repeat(64),
    commands: ['supervisorctl stop'],
    difference: '+hub_endpoints',
    check: null,
  };
}

function imageId(image: string): string {
  return `sha256:${digest(image)}`;
}

function digest(text: string): string {
  let hash = 5381;
  for (const character of text) hash = (hash * 33 + character.charCodeAt(0)) % 0xffffffff;
  return hash.toString(16).padStart(8, '0').repeat(8);
}

function takesNoMore(run: string, type: 'LedgerClosed' | 'LedgerKept'): Error {
  return ApplicationFailure.nonRetryable(`the ledger takes no more changes of ${run}`, type);
}
