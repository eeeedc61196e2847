// Task 2C, day 3: NATS servers in one cluster (2C.prepare.* to 2C.check.*). Streams and resilience follow in their own files.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { shortNames } from '../../../plan/names.ts';
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import { clusterOf } from '../../../plan/tasks/messaging/cluster.ts';
import { natsConfig } from '../../../plan/tasks/messaging/config.ts';
import type { NatsServer } from '../../../plan/tasks/messaging/schema.ts';
import { readOnlyBinds } from '../../../plan/tasks/read-only-binds.ts';
import {
  connects,
  crossed,
  jetstreamRuns,
  oneCluster,
  rejoined,
} from '../../../plan/tasks/messaging/verdicts/cluster.ts';
import { configDirectory } from '../../../plan/tasks/shared/config-directory.ts';
import {
  asSpecified,
  configIsValid,
  freeOrOurs,
  imagesResolved,
  ownedBy,
  reachableFromAll,
} from '../../../plan/tasks/shared/container.ts';
import { written } from '../../../plan/tasks/shared/files.ts';
import { monitorUrl, natsTarget, natsUrl } from '../../../plan/tasks/shared/nats.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { both, disturbance, restarted } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';
import { notAfter } from '../../windows.ts';
import type { On } from '../contract.ts';
import { everywhere, imageOn, placeOf, probeFromAll, whose } from '../shared/asks.ts';
import { machinesOf, pairsOf } from './machines.ts';

export async function deployServers(week: Week): Promise<void> {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const keys = shortNames(servers.map((server) => server.name));
  const change = (step: string) => ({ run: week.state.run, step });
  const where = machinesOf(servers);

  await week.step(
    '2C.prepare.ports',
    where,
    (on) => Promise.all(servers.map((server) => placeOf(on(server.machine), plan, server))),
    (found) =>
      every(
        Object.fromEntries(
          servers.map((server, index) => [
            server.name,
            freeOrOurs(server.name, whose(week, server.name))(found[index]!),
          ]),
        ),
        `${servers.flatMap((server) => Object.values(server.ports).map((port) => port.host)).join(', ')} free or our own`,
      ),
  );
  await week.step(
    '2C.prepare.image',
    where,
    (on) =>
      Promise.all(
        servers.map(async ({ machine, image }) => ({ machine, image, is: await on(machine).ensureImage({ image }) })),
      ),
    imagesResolved,
  );
  await week.step(
    '2C.prepare.directories',
    where,
    async (on) =>
      (
        await Promise.all(
          servers.map((server) =>
            on(server.machine).ensureDirectories({
              change: change('2C.prepare.directories'),
              base: server.base,
              directories: server.directories,
              adopt: adopts(plan, server.name),
            }),
          ),
        )
      ).flat(),
    ownedBy(servers.flatMap((server) => server.directories)),
  );
  await week.together(
    ...servers.map((server, index) => async () => {
      const step = `2C.config.${keys[index]}`;
      const { path, owner } = configDirectory(server);
      await week.on(server.machine).step(
        step,
        async (m) => {
          const { sha256 } = await m.writeFile({
            change: change(step),
            path: `${path}/${server.configFile}`,
            content: natsConfig(plan, server),
            owner,
          });
          return { sha256, onDisk: (await m.digestFile({ path: `${path}/${server.configFile}` })).sha256 };
        },
        written(`${server.configFile}: cluster ${plan.messaging.cluster}`, {
          file: server.configFile,
          client: server.ports.client.host,
          monitor: server.ports.monitor.host,
          cluster: server.ports.cluster.host,
        }),
      );
    }),
  );
  await week.step(
    '2C.config.valid',
    where,
    (on) => Promise.all(servers.map((server) => checkConfig(week, on(server.machine), server))),
    configIsValid,
  );
  await week.together(
    ...servers.map((server, index) => async () => {
      const spec = containerSpec(plan, server, imageOn(week, server.machine, server.image));
      const step = `2C.deploy.${keys[index]}`;
      await week.on(server.machine).step(
        step,
        async (m) => ({
          deployed: await m.deployContainer({
            change: change(step),
            spec,
            adopt: adopts(plan, server.name),
            notAfterMs: notAfter(week, step),
          }),
          state: await m.inspectContainer({ name: server.name }),
        }),
        asSpecified(spec),
      );
    }),
  );
}

async function checkConfig(week: Week, m: MachineActivities, server: NatsServer) {
  const { path, mount } = configDirectory(server);
  const checked = await m.runOnce({
    image: imageOn(week, server.machine, server.image),
    entrypoint: [],
    command: ['-t', '-c', `${mount}/${server.configFile}`],
    binds: [{ host: path, container: mount, readOnly: true }, ...readOnlyBinds(week.plan, server)],
    timeoutMs: 30_000,
  });
  return { what: server.configFile, ...checked };
}

export async function checkCluster(week: Week): Promise<void> {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const names = servers.map((server) => server.name);
  const where = machinesOf(servers);
  const { cluster, connectWithin } = plan.messaging;

  await week.step('2C.check.connection', where, (on) => connectAll(on, plan), connects(connectWithin));
  await week.step('2C.check.cluster', where, (on) => clusterViews(on, plan), oneCluster(cluster, names));
  await week.together(
    () => week.step('2C.check.messaging', where, (on) => crossings(on, plan, week.state.run), crossed),
    () => week.step('2C.check.jetstream', where, (on) => clusterViews(on, plan), jetstreamRuns(names)),
    () =>
      week.step(
        '2C.check.monitoring',
        everywhere(plan),
        (on) => probeFromAll(on, plan, ...servers.map((server) => `${monitorUrl(server)}/varz`)),
        reachableFromAll,
      ),
  );
  await week.step('2C.check.restart', where, (on) => restartEach(week, on), rejoined(cluster, names));
}

async function connectAll(on: On, plan: Plan) {
  return Promise.all(
    servicesOf(plan, 'nats').map(async (server) => ({
      server: natsUrl(plan, server),
      connection: await on(server.machine).natsConnect({
        server: natsTarget(plan, server),
        withinMs: plan.messaging.connectWithin,
      }),
    })),
  );
}

/** Every server's own view, each asked until it sees the whole cluster. */
export async function clusterViews(on: On, plan: Plan) {
  const servers = servicesOf(plan, 'nats');
  return Promise.all(
    servers.map((server) =>
      on(server.machine).natsCluster({
        monitor: monitorUrl(server),
        nodes: servers.length,
        withinMs: plan.messaging.formWithin,
      }),
    ),
  );
}

/** Core messages from each server to each other; published on the one machine, received on the other. */
export async function crossings(on: On, plan: Plan, run: string) {
  const count = 20;
  return Promise.all(
    pairsOf(servicesOf(plan, 'nats')).map(async ([from, to]) => {
      const subject = `hubshift.test.${from.name}.${to.name}`.replaceAll(/[^a-z0-9.-]/gi, '-');
      const nonce = `${run} ${from.name}`;
      // The sender repeats its messages for as long as the listener may need to get ready.
      const [heard, sent] = await both(
        () => on(to.machine).natsListen({ server: natsTarget(plan, to), subject, nonce, count, withinMs: 20_000 }),
        () => on(from.machine).natsSend({ server: natsTarget(plan, from), subject, nonce, count, durationMs: 6_000 }),
      );
      return {
        from: from.name,
        to: to.name,
        sent: Math.min(count, sent.sent),
        received: heard.received,
        inOrder: heard.inOrder,
      };
    }),
  );
}

/** One after the other, each awaited in the cluster before the next. */
export async function restartEach(week: Week, on: On) {
  const { plan, state } = week;
  const found = [];
  for (const server of servicesOf(plan, 'nats')) {
    const m = on(server.machine);
    const { name } = server;
    const { begins, over } = disturbance(week, name, clusterOf(plan).target);
    try {
      const before = await m.inspectContainer({ name });
      await restarted(m, server, state.run, begins);
      const views = await clusterViews(on, plan);
      found.push({
        server: name,
        restarted: (await m.inspectContainer({ name })).startedAt !== before.startedAt,
        views,
      });
    } finally {
      over();
    }
  }
  return found;
}
