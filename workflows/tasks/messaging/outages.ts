// A server that is stopped, and one that is cut off: what is sent before, meanwhile and after, read back on every server.
import { type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { waysTo } from '../../../plan/tasks/messaging/sides.ts';
import { servicePorts } from '../../../plan/tasks/services.ts';
import { monitorUrl, natsTarget } from '../../../plan/tasks/shared/nats.ts';
import { network } from '../../../plan/week/disturbances.ts';
import type { Held } from '../../../plan/tasks/messaging/verdicts/resilience.ts';
import { both, disturbance, type FaultWindow, withFault } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { clusterViews } from './cluster.ts';
import { pairsOf, sidesOf } from './machines.ts';
import { publisherOf, readBack } from './messages.ts';
import { streamsEverywhere } from './streams.ts';

/** Publishing begins this long before a fault and goes on this long after it. */
const around = 2_000;

/** A message is given up when the fault is lifted at the latest, and the cluster should have formed again. */
const patience = ({ faults, messaging }: Plan) => faults.limit + messaging.formWithin;

export async function nodeDown(week: Week, on: On) {
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
          server: natsTarget(plan, stay),
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
          week,
          on(goes.machine),
          { run: week.state.run, step },
          { kind: 'container-stop', container: goes.name, stopGraceMs: goes.stopGrace },
          begins,
          async () => {
            const probe = await on(stay.machine).probe({ url: `${monitorUrl(goes)}/varz`, timeoutMs: 2_000 });
            const alone = await on(stay.machine).natsAlone({
              server: natsTarget(plan, stay),
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
          held: heldIn(plan, window),
        };
      },
    );
    const reads = await readEverywhere(week, on, stream.name, [{ publisher, published }]);
    return { ...outage, published, reads };
  } finally {
    over();
  }
}

export async function partition(week: Week, on: On) {
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
              server: natsTarget(plan, server),
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
          week,
          on(goes.machine),
          { run: week.state.run, step },
          { kind: 'partition', addresses: others, ports: servicePorts(plan) },
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
                  server: natsTarget(plan, server),
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
          held: heldIn(plan, window),
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
      published,
      views: await clusterViews(on, plan),
      streams: await streamsEverywhere(on, plan),
      reads,
    };
  } finally {
    over();
  }
}

function heldIn({ faults, limits }: Plan, { injectedAt, liftedAt }: FaultWindow<unknown>): Held {
  const stallMs = writesStallMs(limits);
  return { injectedAt, liftedAt, limitMs: faults.limit, skewMs: limits.clockSkew, stallMs };
}

/** Where the leader is cut off, another is elected: 4 to 9 s, which is a constant of the server. */
export function writesStallMs({ failover }: Plan['limits']): number {
  return Math.max(failover.limit, 10_000);
}

/** Every publisher's messages, read back on every server. */
export async function readEverywhere<P>(
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
        read: await readBack(week, on, server, stream, publisher),
      })),
    ),
  );
}
