// Who measures what: each hub is asked a query and a write by another machine, and a week of an earlier build goes on as it began.
import { expect, it } from 'vitest';
import { measuresOf } from '../../../plan/tasks/measures.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { plan } from '../../client/fixtures.ts';

const timedBy = (of: Plan, machine: string) => measuresOf(of, machine, 'run').timed;

it('asks each hub from the machine before its own', () => {
  expect(timedBy(plan, 'MainPC')).toEqual({
    urls: { 'edgehub query': 'http://PC2:9100/api/v1/query?query=count(up)' },
    writes: { 'edgehub write': 'http://PC2:9100' },
  });
  expect(timedBy(plan, 'PC2')).toEqual({
    urls: { 'centralhub query': 'http://MainPC:9000/api/v1/query?query=count(up)' },
    writes: { 'centralhub write': 'http://MainPC:9000' },
  });
  expect(Object.values(measuresOf(plan, 'PC2', 'run').urls).filter(({ timed }) => timed)).toEqual([]);
});

it('has every hub asked once, however many machines there are', () => {
  for (const more of [0, 1, 2, 3]) {
    const others = Array.from({ length: more }, (_, index) => ({ ...plan.machines[0]!, name: `other-${index}` }));
    const of = { ...plan, machines: [...plan.machines, ...others] };
    const asked = of.machines.flatMap(({ name }) => Object.keys(timedBy(of, name)!.writes));
    expect(asked.sort()).toEqual(['centralhub write', 'edgehub write']);
  }
});

it('counts CentralHub among what costs, and the link', () => {
  expect(measuresOf(plan, 'MainPC', 'run')).toMatchObject({ link: true });
  expect(measuresOf(plan, 'MainPC', 'run').containers).toContain('centralhub');
});

it('goes on as it began in a week of an earlier build', () => {
  const { baseline: _none, ...watch } = plan.watch;
  const asked = measuresOf({ ...plan, watch } as Plan, 'MainPC', 'run');
  expect(asked).not.toHaveProperty('timed');
  expect(asked).not.toHaveProperty('link');
  expect(asked.containers).not.toContain('centralhub');
  expect(asked.urls['centralhub']).toMatchObject({ timed: true });
});
