// After a rollback of task 2C: how each of its undo rows is looked at.
import { shortNames } from '../../../plan/names.ts';
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { streamsGone } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { aliveTarget } from '../../../plan/tasks/services.ts';
import { natsTarget } from '../../../plan/tasks/shared/nats.ts';
import { every } from '../../../plan/tasks/shared/verdict.ts';
import { consumerOf } from '../../../plan/week/undo.ts';
import type { AfterUndo, On, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { containersAreGone, directoriesAreGone } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone, byHttp, healthy } = after;
  const machine = everywhere(week.plan);
  const servers = servicesOf(plan, 'nats');
  return {
    '2C.undo.containers': { machine, look: containersAreGone(after, servers) },
    '2C.undo.directories': { machine, look: directoriesAreGone(undone, servers) },
    '2C.undo.http-fallback': { machine, look: byHttp },
    '2C.undo.agents': { machine, look: healthy },
    '2C.streams.undo': { machine, look: async (on) => streamsGone(await streamsLeft(on, after)) },
    '2C.streams.undo-http': {
      machine,
      look: (on) =>
        Promise.all([byHttp(on), healthy(on)]).then(([health, agents]) =>
          every({ health, agents }, `${health.summary}; agents are well`),
        ),
    },
  };
}

async function streamsLeft(on: On, after: AfterUndo) {
  const { plan } = after;
  const servers = servicesOf(plan, 'nats');
  const runs = await Promise.all(
    servers.map(
      async (server) =>
        (await on(server.machine).inspectContainer({ name: server.name })).running &&
        (await on(server.machine).probe({ url: aliveTarget(server), timeoutMs: 2_000 })).ok,
    ),
  );
  return Promise.all(
    plan.messaging.streams.map(async ({ name: stream, replicas }) => {
      const found = await Promise.all(
        servers.map(async (server, index) => {
          if (!runs[index]) return { server: server.name, runs: false, there: false };
          const { leader, run, consumers } = await on(server.machine).streamState({
            server: natsTarget(plan, server),
            stream,
            replicas,
            withinMs: 1_000,
          });
          return { server: server.name, runs: true, there: leader !== null, run, consumers };
        }),
      );
      const there = found.find((one) => one.there);
      const consumers = found.flatMap((one) => one.consumers ?? []).filter((durable) => isOurs(after, stream, durable));
      return { stream, servers: found, theirs: there && whyItStays(after, stream, there.run), consumers };
    }),
  );
}

/** The ledger knows it, and has not left it as somebody else's. */
function isOurs({ undone }: AfterUndo, stream: string, durable: string): boolean {
  return undone.some(
    ({ kind, target, result }) =>
      kind === 'consumer.delete' && target === consumerOf(stream, durable) && result !== 'left',
  );
}

/** Undefined for a stream of this run. */
function whyItStays(after: AfterUndo, stream: string, run: string | null | undefined): string | undefined {
  const { week, undone, changed, ofThisRun } = after;
  const { plan, state } = week;
  if (undone.some(({ kind, target, result }) => kind === 'stream.delete' && target === stream && result === 'left'))
    return 'left';
  if (ofThisRun && run === state.run) return undefined;
  if (adopts(plan, stream)) return 'adopted';
  if (ofThisRun && run) return `made by run ${run}`;
  return changed({ kind: 'stream.delete', target: stream, machine: makerOf(plan) }, stepOf(plan, stream))
    ? undefined
    : 'not made by this run';
}

/** The machine of the server that is asked to make streams, and the step in which one is made. */
const makerOf = (plan: Plan) => servicesOf(plan, 'nats')[0]!.machine;

function stepOf({ messaging: { streams } }: Plan, stream: string): string {
  const names = streams.map(({ name }) => name);
  return `2C.streams.${shortNames(names)[names.indexOf(stream)]}`;
}
