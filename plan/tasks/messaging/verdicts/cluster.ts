// Verdicts of the NATS servers as a cluster: connections, views, JetStream, messages across.
import type { ClusterView, Connection } from '../../../machine-api/nats.ts';
import type { Evaluation } from '../../../week/record.ts';
import { fail, inconclusive, unless, unlessSeen } from '../../shared/verdict.ts';

export function connects(withinMs: number) {
  return (found: { server: string; connection: Connection }[]): Evaluation => {
    if (found.length === 0) return inconclusive('no server was tried');
    const why = ({ server, connection }: (typeof found)[number]) => `${server}: ${connection.error ?? 'no connection'}`;
    const refused = found.filter(({ connection }) => connection.refused);
    return unlessSeen(
      found
        .filter((one) => !refused.includes(one))
        .map((one) =>
          !one.connection.connected
            ? why(one)
            : one.connection.ms > withinMs && `${one.server} took ${one.connection.ms} ms; at most ${withinMs} ms`,
        ),
      refused.map(why),
      found.map(({ server, connection }) => `${server} in ${Math.round(connection.ms)} ms`).join(', '),
      Object.fromEntries(found.map(({ server, connection }) => [server, connection.name ?? null])),
    );
  };
}

/** Every server sees every other, by distinct names, in one cluster. */
export function oneCluster(cluster: string, servers: string[]) {
  return (views: ClusterView[]): Evaluation => {
    if (views.length < servers.length) return inconclusive(`${views.length} of ${servers.length} servers answered`);
    return unless(
      views.flatMap((view) => {
        if (view.error) return [`${view.server || 'a server'}: ${view.error}`];
        const missing = servers.filter((server) => server !== view.server && !view.remotes.includes(server));
        return [
          view.cluster !== cluster && `${view.server} is in cluster ${view.cluster || 'none'}`,
          missing.length > 0 && `${view.server} has no route to ${missing.join(', ')}`,
        ];
      }),
      `${servers.length} nodes in ${cluster}, formed within ${Math.max(...views.map((view) => view.waitedMs))} ms`,
      { nodes: servers, routes: views.map((view) => `${view.server}: ${view.remotes.join(' ')}`) },
    );
  };
}

export function jetstreamRuns(servers: string[]) {
  return (views: ClusterView[]): Evaluation => {
    if (views.length < servers.length) return inconclusive(`${views.length} of ${servers.length} servers answered`);
    const leaders = [...new Set(views.map((view) => view.metaLeader))];
    return unless(
      [
        ...views.filter((view) => !view.jetstream).map((view) => `JetStream is off on ${view.server}`),
        leaders.includes(null) && 'there is no meta leader',
        leaders.length > 1 && `the servers name different meta leaders: ${leaders.join(', ')}`,
        ...views
          .filter((view) => view.metaSize !== servers.length)
          .map((view) => `${view.server} counts ${view.metaSize} JetStream nodes`),
      ],
      `JetStream on ${servers.length} nodes, meta leader ${leaders[0]}`,
      { leader: leaders[0] ?? null, size: views[0]?.metaSize ?? 0 },
    );
  };
}

export function crossed(
  found: { from: string; to: string; sent: number; received: number; inOrder: boolean }[],
): Evaluation {
  if (found.length === 0 || found.some(({ sent }) => sent === 0)) return inconclusive('nothing was sent');
  return unless(
    found.flatMap(({ from, to, sent, received, inOrder }) => [
      received < sent && `${from} to ${to}: ${received} of ${sent} arrived`,
      !inOrder && `${from} to ${to}: out of order`,
    ]),
    found.map(({ from, to, received }) => `${from} to ${to}: ${received}`).join(', '),
    Object.fromEntries(found.map(({ from, to, received }) => [`${from}>${to}`, received])),
  );
}

/** Each server really restarted and found the others again. */
export function rejoined(cluster: string, servers: string[]) {
  return (found: { server: string; restarted: boolean; views: ClusterView[] }[]): Evaluation => {
    const stuck = found.filter(({ restarted }) => !restarted);
    if (stuck.length > 0) return fail(`${stuck.map(({ server }) => server).join(', ')} did not restart`);
    const last = found.at(-1);
    if (!last) return inconclusive('no server was restarted');
    const whole = oneCluster(cluster, servers)(last.views);
    return whole.verdict === 'pass'
      ? { ...whole, summary: `${found.length} servers restarted, each joined again; ${whole.summary}` }
      : whole;
  };
}
