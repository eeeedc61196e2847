// What streams may store stands in the servers' limits: each replica on another server, as the cluster places them.
import { expect, it } from 'vitest';
import type { Plan } from '../../../../plan/schema/plan.ts';
import { servicesOf } from '../../../../plan/schema/plan.ts';
import { references } from '../../../../plan/tasks/messaging/references.ts';
import { streamSpec } from '../../../../plan/tasks/messaging/stream-spec.ts';
import { weekPlan } from '../plan.ts';

const GiB = 2 ** 30;

/** The paths that a plan is refused for, with these stores of its servers, and streams of [replicas, maxBytes]. */
function refused(stores: (number | undefined)[], streams: [replicas: number, maxBytes?: number][]): string[] {
  const plan = weekPlan();
  const [server] = servicesOf(plan, 'nats');
  const [stream] = plan.messaging.streams;
  const topology = stores.length === 2 ? 'pair' : 'arbiter';
  const of: Plan = {
    ...plan,
    services: stores.map((maxFileStore, index) => ({
      ...server!,
      name: `nats-${index}`,
      ...(maxFileStore !== undefined && { jetstream: { maxFileStore } }),
    })),
    messaging: {
      ...plan.messaging,
      topology,
      streams: streams.map(([replicas, maxBytes], index) => ({
        ...stream!,
        name: `s${index}`,
        replicas,
        ...(maxBytes !== undefined && { maxBytes }),
      })),
    },
  };
  const found: string[] = [];
  references(of, (path) => found.push(path.join('.')));
  return found;
}

it.each([
  ['all that a server without a limit of its own has, 2 GiB', [undefined, undefined], [[2, 2 * GiB]], []],
  [
    'more than that in the second stream',
    [undefined, undefined],
    [
      [2, GiB],
      [2, GiB + 1],
    ],
    ['messaging.streams.1.maxBytes'],
  ],
  ['more than the smaller server has', [4 * GiB, GiB], [[2, 2 * GiB]], ['messaging.streams.0.maxBytes']],
  ['one replica, on the larger server', [4 * GiB, GiB], [[1, 2 * GiB]], []],
  [
    'three streams of one replica over three servers',
    [GiB, GiB, GiB],
    [
      [1, GiB],
      [1, GiB],
      [1, GiB],
    ],
    [],
  ],
  [
    'and a fourth',
    [GiB, GiB, GiB],
    [
      [1, GiB],
      [1, GiB],
      [1, GiB],
      [1, 1],
    ],
    ['messaging.streams.3.maxBytes'],
  ],
  ['streams without a limit', [GiB, GiB], [[2], [2], [2]], []],
] as [string, (number | undefined)[], [number, number?][], string[]][])('%s', (_what, stores, streams, paths) => {
  expect(refused(stores, streams)).toEqual(paths);
});

it('is part of what a server is asked for where the plan says it, and only there', () => {
  const [stream] = weekPlan().messaging.streams;
  expect(streamSpec(stream!)).not.toHaveProperty('maxBytes');
  expect(streamSpec({ ...stream!, maxBytes: 5 })).toMatchObject({ maxBytes: 5 });
});

it('leaves memory for the server itself beside what it stores there', () => {
  const plan = weekPlan();
  const servers = servicesOf(plan, 'nats');
  servers[0]!.resources = { memory: 2 ** 26 };
  servers[0]!.jetstream = { maxMemoryStore: 2 ** 26 };
  servers[1]!.resources = { memory: 2 ** 27 };
  servers[1]!.jetstream = { maxMemoryStore: 2 ** 26 };
  const found: [string, string][] = [];
  references(plan, (path, wanted) => found.push([path.join('.'), wanted]));
  const index = plan.services.indexOf(servers[0]!);
  expect(found).toEqual([[`services.${index}.jetstream.maxMemoryStore`, expect.stringMatching(/^less than .*64 MiB/)]]);
});
