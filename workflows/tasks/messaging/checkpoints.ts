// The checkpoints of task 2C: that the cluster holds, and its streams.
import { servicesOf } from '../../../plan/schema/plan.ts';
import { crossed, jetstreamRuns, oneCluster } from '../../../plan/tasks/messaging/verdicts/cluster.ts';
import { agrees } from '../../../plan/tasks/messaging/verdicts/resilience.ts';
import { complete, replicated } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { lossOf } from '../shared/loss.ts';
import { clusterViews, crossings } from './cluster.ts';
import { sidesOf } from './machines.ts';
import { sendAndRead } from './messages.ts';
import { streamsEverywhere } from './streams.ts';

const agreementLooks = 5;

export async function clusterHolds(week: Week, on: On) {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const names = servers.map((server) => server.name);
  const views = await clusterViews(on, plan);
  return every(
    {
      cluster: oneCluster(plan.messaging.cluster, names)(views),
      jetstream: jetstreamRuns(names)(views),
      messaging: crossed(await crossings(on, plan, week.state.run)),
    },
    `${names.length} nodes in one cluster, messages cross`,
  );
}

export async function streamsHold(week: Week, on: On, row: string) {
  const { plan } = week;
  const streams = await streamsEverywhere(on, plan);
  const { stay, goes } = sidesOf(plan);
  const sent = [];
  for (const stream of plan.messaging.streams)
    sent.push(await sendAndRead(week, on, row, stream, stay, goes, `-${stream.name}`));
  const messages = complete(sent, 'any', lossOf());
  // What was lost is a loss here too; in a history of before it was a failure like another.
  const lost = week.findingsStay ? messages.evidence['lost'] : undefined;
  return every(
    {
      replicas: replicated(Object.fromEntries(plan.messaging.streams.map((stream) => [stream.name, stream.replicas])))(
        streams.map(({ state }) => state),
      ),
      messages,
      leaders: await agreement(week, on, row),
    },
    `${plan.messaging.streams.length} streams replicated, messages cross and are stored`,
    lost === undefined ? {} : { lost },
  );
}

/** The pilots publish meanwhile, so the servers are asked until they are caught at the same message. */
async function agreement(week: Week, on: On, row: string) {
  for (let look = 1; ; look += 1) {
    const evaluated = agrees({
      views: await clusterViews(on, week.plan),
      streams: await streamsEverywhere(on, week.plan),
    });
    if (evaluated.verdict === 'pass' || look === agreementLooks) return evaluated;
    await week.sleep(1_000, row, everywhere(week.plan));
  }
}
