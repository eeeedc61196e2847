// Task 2C, day 4: a stopped node, a partition, restarts, and latency (2C.resilience.*, 2C.latency). Acknowledged messages are a set; none may be missing.
import { patched } from '@temporalio/workflow';
import { servicesOf } from '../../../plan/schema/plan.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { survives } from '../../../plan/tasks/messaging/survival.ts';
import {
  agrees,
  duringFault,
  fastEnough,
  goesOn,
  type Held,
  partitioned,
  reformed,
} from '../../../plan/tasks/messaging/verdicts/resilience.ts';
import type { Published } from '../../../plan/machine-api/nats.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { complete } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { natsTarget } from '../../../plan/tasks/shared/nats.ts';
import { disturbance, during, ifAllowed } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { lossOf } from '../shared/loss.ts';
import { restartEach } from './cluster.ts';
import { machinesOf, pairsOf, sidesOf } from './machines.ts';
import { publisherOf, publishSome } from './messages.ts';
import { nodeDown, partition, readEverywhere, writesStallMs } from './outages.ts';

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

  // In a history of before whatever was found counted, whenever that was.
  const within = (seen: Evaluation, held: Held, ...published: Published[]) =>
    week.findingsStay ? duringFault(seen, held, published) : seen;
  await ifAllowed(
    week,
    'nats-stop',
    ['2C.resilience.node-down', '2C.resilience.reform', '2C.resilience.replay'],
    where,
    (on) => nodeDown(week, on),
    (found) => ({
      '2C.resilience.node-down': within(
        goesOn(quorumLeft, plan.limits.failover.limit)({ ...found, faultMs: judgesWrites ? found.faultMs : undefined }),
        found.held,
        found.published,
      ),
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
      '2C.resilience.partition-local': within(
        partitioned(
          found.sides,
          found.cut,
          found.dropped,
          judgesWrites && quorumLeft ? { ...found.quorum, limitMs: writesStallMs(plan.limits) } : undefined,
        ),
        found.held,
        ...found.published,
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
      () => on(to.machine).natsEcho({ server: natsTarget(week.plan, to), subject, durationMs: 120_000 }),
      () =>
        on(from.machine).natsLatency({
          server: natsTarget(week.plan, from),
          subject,
          samples: latencySamples,
          withinMs: 100_000,
        }),
    );
    found.push({ ...measured, from: from.name, to: to.name });
  }
  return found;
}
