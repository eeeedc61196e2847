// Task 2C, day 4: a stopped node, a partition, restarts, and latency (2C.resilience.*, 2C.latency). Acknowledged messages are a set; none may be missing.
import { patched } from '@temporalio/workflow';
import { type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { waysTo } from '../../../plan/tasks/messaging/sides.ts';
import { survives } from '../../../plan/tasks/messaging/survival.ts';
import {
  agrees,
  fastEnough,
  goesOn,
  partitioned,
  reformed,
} from '../../../plan/tasks/messaging/verdicts/resilience.ts';
import { complete } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { servicePorts } from '../../../plan/tasks/services.ts';
import { monitorUrl, natsUrl } from '../../../plan/tasks/shared/nats.ts';
import { network } from '../../../plan/week/disturbances.ts';
import { both, disturbance, during, ifAllowed, withFault } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { lossOf } from '../shared/loss.ts';
import { clusterViews, restartEach } from './cluster.ts';
import { machinesOf, pairsOf, sidesOf } from './machines.ts';
import { publisherOf, publishSome } from './messages.ts';
import { streamsEverywhere } from './streams.ts';

/** Where the leader is cut off, another is elected: 4 to 9 s, which is a constant of the server. */
const electionMs = 10_000;
/** Publishing begins this long before a fault and goes on this long after it. */
const around = 2_000;

/** A message is given up when the fault is lifted at the latest, and the cluster should have formed again. */
const patience = ({ faults, messaging }: Plan) => faults.limit + messaging.formWithin;

export async function resilience(week: Week): Promise<void> {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const names = servers.map((server) => server.name);
  const where = machinesOf(servers);
  const { cluster, formWithin } = plan.messaging;
  const votersLeft = servers.length - 1 >= Math.floor(servers.length / 2) + 1;
  // The stream that is written to must have a majority too. In a history of before, the voters alone count, and writes beside a partition do not.
  const judgesWrites = votersLeft && patched('writes-of-the-quorum-are-judged');
  const quorumLeft = judgesWrites ? survives(servers.length, [plan.messaging.streams[0]!.replicas]) > 0 : votersLeft;

  await ifAllowed(
    week,
    'nats-stop',
    ['2C.resilience.node-down', '2C.resilience.reform', '2C.resilience.replay'],
    where,
    (on) => nodeDown(week, on),
    (found) => ({
      '2C.resilience.node-down': goesOn(
        quorumLeft,
        plan.limits.failover.limit,
      )({ ...found, faultMs: judgesWrites ? found.faultMs : undefined }),
      '2C.resilience.reform': reformed(cluster, names, formWithin)(found),
      '2C.resilience.replay': complete(found.reads, 'any', lossOf()),
    }),
  );
  await ifAllowed(
    week,
    'partition',
    ['2C.resilience.partition-local', '2C.resilience.partition-heal', '2C.resilience.split-brain'],
    where,
    (on) => partition(week, on),
    (found) => ({
      '2C.resilience.partition-local': partitioned(
        found.sides,
        found.cut,
        found.dropped,
        judgesWrites && quorumLeft
          ? { ...found.quorum, limitMs: Math.max(plan.limits.failover.limit, electionMs) }
          : undefined,
      ),
      '2C.resilience.partition-heal': complete(found.reads, 'any', lossOf()),
      '2C.resilience.split-brain': agrees(found),
    }),
  );
  await week.step(
    '2C.resilience.restart',
    where,
    (on) => acrossRestarts(week, on),
    (found) => complete(found, 'any', lossOf()),
  );
  await week.step(
    '2C.latency',
    where,
    (on) => latencies(week, on),
    fastEnough(plan.limits.messageLatency.limit, plan.limits.messageLatency.target, plan.messaging.latencySamples),
  );
}

async function nodeDown(week: Week, on: On) {
  const { plan } = week;
  const { stay, goes } = sidesOf(plan);
  const { begins, over } = disturbance(week, goes.name, clusterOf(plan).target);
  try {
    const [stream] = plan.messaging.streams as [(typeof plan.messaging.streams)[0]];
    const step = '2C.resilience.node-down';
    const publisher = publisherOf(week, step);
    const subject = stream.publishes[0]!;
    const [published, outage] = await both(
      () =>
        on(stay.machine).publish({
          server: natsUrl(stay),
          subject,
          run: week.state.run,
          publisher,
          durationMs: plan.faults.window + 4 * around,
          intervalMs: 50,
          retryForMs: patience(plan),
        }),
      async () => {
        await week.sleep(around, step, goes.machine);
        const window = await withFault(
          on(goes.machine),
          { run: week.state.run, step },
          { kind: 'container-stop', container: goes.name, stopGraceMs: goes.stopGrace },
          plan.faults.limit,
          begins,
          async () => {
            const probe = await on(stay.machine).probe({ url: `${monitorUrl(goes)}/varz`, timeoutMs: 2_000 });
            const alone = await on(stay.machine).natsAlone({
              server: natsUrl(stay),
              stream: stream.name,
              subject,
              withinMs: Math.min(10_000, plan.faults.window),
            });
            await week.sleep(plan.faults.window, step, goes.machine);
            return { down: !probe.ok, alone };
          },
        );
        const views = await clusterViews(on, plan);
        return {
          ...window.found,
          views,
          tookMs: Date.now() - window.liftedAt,
          faultMs: window.liftedAt - window.injectedAt,
        };
      },
    );
    const reads = await readEverywhere(week, on, stream.name, [{ publisher, published }]);
    return { ...outage, published, reads };
  } finally {
    over();
  }
}

async function partition(week: Week, on: On) {
  const { plan } = week;
  const { stay, goes } = sidesOf(plan);
  const { begins, over } = disturbance(week, network, clusterOf(plan).target);
  try {
    const [stream] = plan.messaging.streams as [(typeof plan.messaging.streams)[0]];
    const step = '2C.resilience.partition-local';
    const subject = stream.publishes[0]!;
    const addressOf = (name: string) => plan.machines.find((machine) => machine.name === name)!.address;
    const others = plan.machines.filter((machine) => machine.name !== goes.machine).map((machine) => machine.address);
    const across = waysTo(goes, pairsOf(servicesOf(plan, 'nats')));
    const publishers = [stay, goes].map((server) => ({
      server,
      publisher: publisherOf(week, step, `-${server.name}`),
    }));
    const [published, cutOff] = await both(
      () =>
        Promise.all(
          publishers.map(({ server, publisher }) =>
            on(server.machine).publish({
              server: natsUrl(server),
              subject,
              run: week.state.run,
              publisher,
              durationMs: plan.faults.window + 4 * around,
              intervalMs: 100,
              retryForMs: patience(plan),
            }),
          ),
        ),
      async () => {
        await week.sleep(around, step, goes.machine);
        const window = await withFault(
          on(goes.machine),
          { run: week.state.run, step },
          { kind: 'partition', addresses: others, ports: servicePorts(plan) },
          plan.faults.limit,
          begins,
          async () => {
            const cut = await Promise.all(
              across.map(([from, to]) =>
                on(from.machine).probeTcp({
                  targets: [{ address: addressOf(to.machine), port: to.ports.cluster.host }],
                  timeoutMs: 1_500,
                }),
              ),
            );
            await week.sleep(plan.faults.window, step, goes.machine);
            const sides = await Promise.all(
              [stay, goes].map(async (server) => ({
                server: server.name,
                alone: await on(server.machine).natsAlone({
                  server: natsUrl(server),
                  stream: stream.name,
                  subject,
                  withinMs: 10_000,
                }),
              })),
            );
            return {
              cut: cut.flatMap((probes, index) =>
                probes.map((probe) => ({ from: across[index]![0].machine, connected: probe.connected })),
              ),
              sides,
            };
          },
        );
        return {
          ...window.found,
          dropped: window.dropped,
          faultMs: window.liftedAt - window.injectedAt,
          views: await clusterViews(on, plan),
        };
      },
    );
    const reads = await readEverywhere(
      week,
      on,
      stream.name,
      publishers.map(({ publisher }, index) => ({ publisher, published: published[index]! })),
    );
    const quorum = { server: stay.name, published: published[0]!, faultMs: cutOff.faultMs };
    return {
      ...cutOff,
      quorum,
      views: await clusterViews(on, plan),
      streams: await streamsEverywhere(on, plan),
      reads,
    };
  } finally {
    over();
  }
}

/** Every publisher's messages, read back on every server. */
async function readEverywhere<P>(
  week: Week,
  on: On,
  stream: string,
  publishers: { publisher: string; published: P }[],
) {
  const servers = servicesOf(week.plan, 'nats');
  return Promise.all(
    servers.flatMap((server) =>
      publishers.map(async ({ publisher, published }) => ({
        what: `${publisher} on ${server.name}`,
        published,
        read: await on(server.machine).readStream({
          server: natsUrl(server),
          stream,
          run: week.state.run,
          publisher,
          withinMs: 60_000,
        }),
      })),
    ),
  );
}

async function acrossRestarts(week: Week, on: On) {
  const { plan } = week;
  const { stay } = sidesOf(plan);
  const publishers = await Promise.all(
    plan.messaging.streams.map(async (stream) => {
      const publisher = publisherOf(week, '2C.resilience.restart', `-${stream.name}`);
      return { stream, publisher, published: await publishSome(week, on, publisher, stream.publishes[0]!, stay) };
    }),
  );
  // Formed again it may still choose leaders for its streams.
  const { begins, over } = disturbance(week, clusterOf(plan).target);
  begins();
  try {
    await restartEach(week, on);
    return (
      await Promise.all(publishers.map(({ stream, ...one }) => readEverywhere(week, on, stream.name, [one])))
    ).flat();
  } finally {
    over();
  }
}

/** Request and answer between each server and the next, timed on one clock and halved. */
async function latencies(week: Week, on: On) {
  const { latencySamples } = week.plan.messaging;
  const found = [];
  for (const [from, to] of pairsOf(servicesOf(week.plan, 'nats'))) {
    const subject = `hubshift.echo.${from.name}.${to.name}`.replaceAll(/[^a-z0-9.-]/gi, '-');
    const measured = await during(
      () => on(to.machine).natsEcho({ server: natsUrl(to), subject, durationMs: 120_000 }),
      () =>
        on(from.machine).natsLatency({ server: natsUrl(from), subject, samples: latencySamples, withinMs: 100_000 }),
    );
    found.push({ ...measured, from: from.name, to: to.name });
  }
  return found;
}
