// What a plan's limits come to on each machine, and that a machine which has less is named with its figures.
import { expect, it } from 'vitest';
import type { Capacity } from '../../../../plan/machine-api/containers.ts';
import { isMade, servicesOf } from '../../../../plan/schema/plan.ts';
import { limitsWanted, roomOn, type Wanted } from '../../../../plan/tasks/preflight/limits.ts';
import { limitsFit } from '../../../../plan/tasks/preflight/verdicts/limits.ts';
import { stepsOf } from '../../../../plan/tasks/steps.ts';
import { judge } from '../judged.ts';
import { weekPlan } from '../plan.ts';

function limited() {
  const plan = weekPlan();
  for (const service of plan.services) if (isMade(service)) service.resources = { cpus: 0.6, memory: 2 ** 29 };
  for (const server of servicesOf(plan, 'nats')) server.jetstream = { maxFileStore: 2 ** 31 };
  return plan;
}

it('adds up what the containers of each machine may use, and finds the directories of the stores', () => {
  expect(limitsWanted(limited())).toEqual([
    {
      machine: 'MainPC',
      cpus: 1.2,
      memoryBytes: 2 ** 30,
      stores: [{ service: 'nats-main', path: '/mainpc/nats/data', bytes: 2 ** 31 }],
    },
    {
      machine: 'PC2',
      cpus: 1.8,
      memoryBytes: 3 * 2 ** 29,
      stores: [{ service: 'nats-pc2', path: '/pc2/nats/data', bytes: 2 ** 31 }],
    },
  ]);
});

it("wants the floor of EdgeHub's disk of the machine that it is to be on, in every plan", () => {
  expect(roomOn(weekPlan(), 'PC2')).toEqual({ room: [{ path: '/pc2/observability/data', atLeast: 2 ** 30 }] });
  expect(roomOn(weekPlan(), 'MainPC')).toEqual({});
});

it('is a row of plans with limits alone', () => {
  const has = (plan = weekPlan()) => stepsOf(plan).some(({ id }) => id === 'preflight.limits');
  expect([has(), has(limited())]).toEqual([false, true]);
});

const one = (change: Partial<Wanted> = {}): Wanted[] => [
  { machine: 'A', cpus: 2, memoryBytes: 2 ** 30, stores: [], ...change },
];
const capacity: Capacity = {
  cpus: 2,
  memoryBytes: 2 ** 30,
  limitsCpus: true,
  limitsMemory: true,
  free: [
    { path: '/a', disk: '1', bytes: 100 },
    { path: '/b', disk: '1', bytes: 100 },
    { path: '/c', disk: '2', bytes: 100 },
  ],
};
const fits = (wanted: Wanted[], has: Partial<Capacity> | null = {}) =>
  limitsFit(wanted)([{ machine: 'A', has: has && { ...capacity, ...has } }]);
const store = (path: string, bytes: number) => ({ service: `nats${path}`, path, bytes });

judge({
  limitsFit: {
    passes: [
      fits(one()),
      fits(one({ stores: [store('/a', 60), store('/c', 60)] })),
      fits(one({ cpus: 0 }), { limitsCpus: false }),
    ],
    fails: [
      [fits(one({ cpus: 2.5 })), /^the containers of A are given 2.5 CPUs; it has 2$/],
      [fits(one(), { memoryBytes: 2 ** 29 }), /^the containers of A are given 1 GiB of memory; it has 512 MiB$/],
      [fits(one({ stores: [store('/a', 60), store('/b', 60)] })), /^nats\/a and nats\/b on A may store 120 B; 100 B/],
      [fits(one(), { limitsCpus: false }), /kernel of A does not let Docker limit CPUs/],
      [fits(one(), { limitsMemory: false }), /kernel of A does not let Docker limit memory/],
    ],
    noData: [
      [fits(one(), null), 'inconclusive'],
      [limitsFit(one())([]), 'inconclusive'],
      [limitsFit([])([]), 'inconclusive'],
      [fits(one({ stores: [store('/d', 1)] })), 'inconclusive'],
    ],
  },
});

it('names what does not fit on the last of many machines', () => {
  const machines = ['A', 'B', 'C', 'D'];
  const wanted = machines.map((machine) => ({ ...one()[0]!, machine, stores: [store('/a', 10)] }));
  const found = machines.map((machine) => ({ machine, has: { ...capacity, ...(machine === 'D' && { cpus: 1 }) } }));
  expect(limitsFit(wanted)(found)).toMatchObject({
    verdict: 'fail',
    summary: 'the containers of D are given 2 CPUs; it has 1',
  });
});
