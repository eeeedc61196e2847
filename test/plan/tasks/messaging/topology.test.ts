// What a topology survives, who is lost in its tests, and who is tried with whom.
import { expect, it } from 'vitest';
import { servicesOf } from '../../../../plan/schema/plan.ts';
import { directions, pairs } from '../../../../plan/tasks/messaging/rows.ts';
import { sides, waysTo } from '../../../../plan/tasks/messaging/sides.ts';
import { survives } from '../../../../plan/tasks/messaging/survival.ts';
import { weekPlan } from '../plan.ts';

/** The packaged plan with an arbiter on a third machine, its servers in this order. */
function arbiter(...order: number[]) {
  const plan = weekPlan();
  const [main, pc2] = servicesOf(plan, 'nats');
  const three = [main!, pc2!, { ...main!, name: 'nats-arbiter', machine: 'third' }];
  plan.services = [...plan.services.filter(({ kind }) => kind !== 'nats'), ...order.map((index) => three[index]!)];
  return plan;
}

it.each([
  [2, [2, 2], 0],
  [3, [3, 3], 1],
  // One of two replicas is no majority, whoever votes beside them.
  [3, [3, 2], 0],
  [3, [1], 0],
  [5, [3], 1],
  [5, [5], 2],
])('%i voters and streams of %j replicas survive the loss of %i', (voters, replicas, lost) => {
  expect(survives(voters, replicas)).toBe(lost);
});

it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])(
  "the server on EdgeHub's machine is lost, and CentralHub's stays, in whatever order they are: %j",
  (order) => {
    const { stay, goes } = sides(arbiter(...order));
    expect([stay.name, goes.name]).toEqual(['nats-main', 'nats-pc2']);
  },
);

it('of the packaged plan it is the last, and the first stays', () => {
  const plan = weekPlan();
  const servers = servicesOf(plan, 'nats');
  expect(sides(plan)).toEqual({ stay: servers[0], goes: servers.at(-1) });
});

it('a server is cut off when it is so from each of the others, both ways', () => {
  const plan = arbiter(0, 1, 2);
  const ways = waysTo(sides(plan).goes, pairs(servicesOf(plan, 'nats')));
  expect(ways.map((way) => way.map(({ name }) => name).join(' '))).toEqual([
    'nats-main nats-pc2',
    'nats-pc2 nats-main',
    'nats-pc2 nats-arbiter',
    'nats-arbiter nats-pc2',
  ]);
});

it('of two beside EdgeHub one stays', () => {
  const plan = weekPlan();
  for (const server of servicesOf(plan, 'nats')) server.machine = 'PC2';
  const { stay, goes } = sides(plan);
  expect(stay.name).not.toBe(goes.name);
});

it('every server is tried with every other; two are so by going around', () => {
  expect(pairs(['a', 'b', 'c']).map((pair) => pair.join(''))).toEqual(['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
  expect(pairs(['a', 'b'])).toEqual(directions(['a', 'b']));
});
