// After a rollback of task 2C: how each of its undo rows is looked at.
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { streamsGone } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { aliveUrl } from '../../../plan/tasks/services.ts';
import { natsUrl } from '../../../plan/tasks/shared/nats.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import type { AfterUndo, On, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { containersAreGone, directoriesAreGone } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone, byHttp, healthy } = after;
  const machine = everywhere(week.plan);
  const servers = servicesOf(plan, 'nats');
  const left = undone.filter(({ kind, result }) => kind === 'stream.delete' && result === 'left');
  const others = plan.messaging.streams
    .map(({ name }) => name)
    .filter((name) => adopts(plan, name) || left.some(({ target }) => target === name));
  return {
    '2C.undo.containers': { machine, look: containersAreGone(after, servers) },
    '2C.undo.directories': { machine, look: directoriesAreGone(undone, servers) },
    '2C.undo.http-fallback': { machine, look: byHttp },
    '2C.undo.agents': { machine, look: healthy },
    '2C.streams.undo': { machine, look: async (on) => streamsGone(await streamsLeft(on, plan), others) },
    '2C.streams.undo-http': {
      machine,
      look: (on) =>
        Promise.all([byHttp(on), healthy(on)]).then(([health, agents]) =>
          every({ health, agents }, 'health crosses by HTTP, agents are well'),
        ),
    },
  };
}

async function streamsLeft(on: On, plan: Plan) {
  const servers = servicesOf(plan, 'nats');
  const runs = await Promise.all(
    servers.map(
      async (server) =>
        (await on(server.machine).inspectContainer({ name: server.name })).running &&
        (await on(server.machine).probe({ url: aliveUrl(server), timeoutMs: 2_000 })).ok,
    ),
  );
  return Promise.all(
    plan.messaging.streams.map(async ({ name: stream, replicas }) => ({
      stream,
      servers: await Promise.all(
        servers.map(async (server, index) => {
          if (!runs[index]) return { server: server.name, runs: false, there: false };
          const { leader } = await on(server.machine).streamState({
            server: natsUrl(server),
            stream,
            replicas,
            withinMs: 1_000,
          });
          return { server: server.name, runs: true, there: leader !== null };
        }),
      ),
    })),
  );
}
