// What a rollback went without: what the week knows to stand there, and the words for it.
import { describe, expect, it } from 'vitest';
import { statusText } from '../../../plan/week/state.ts';
import { openCharacters, openNamed, openOn, planWithout, todo } from '../../../plan/week/without.ts';
import { good } from '../evidence/good-week.ts';

/** The records of a week in which these steps have changed something on these machines. */
function changed(machines: Record<string, string>, more: Parameters<typeof good>[0] = {}) {
  const { records } = good();
  const [any] = Object.values(records);
  return good({
    records: Object.fromEntries(Object.entries(machines).map(([id, machine]) => [id, { ...any!, id, machine }])),
    ...more,
  });
}

describe('what is open on a machine', () => {
  it('are the steps with a record there, whatever their verdict, and no checks', () => {
    const state = changed({ '2A.deploy.container': 'PC2', '2A.deploy.healthy': 'PC2', '2B.scrape.central': 'MainPC' });
    expect(openOn(state, 'PC2')).toEqual({ open: ['2A.deploy.container'], of: 1 });
  });

  it('are those of several machines, and those that were under way', () => {
    const state = changed({ '2C.prepare.image': 'MainPC, PC2' }, { facts: { 'begun 2A.deploy.container': 1 } });
    expect(openOn(state, 'PC2').open).toEqual(['2A.deploy.container', '2C.prepare.image']);
  });

  it('are entries that a rollback before could not undo', () => {
    const entry = { entry: 7, step: '2C.deploy.pc2', kind: 'container.remove', target: 'nats-pc2', ms: 1 } as const;
    const state = changed(
      {},
      {
        undone: [
          { ...entry, result: 'failed', machine: 'PC2' },
          { ...entry, result: 'failed', machine: 'MainPC' },
        ],
      },
    );
    expect(openOn(state, 'PC2')).toEqual({ open: ['container.remove nats-pc2 of 2C.deploy.pc2'], of: 1 });
  });

  it('are, where its rollback failed as a whole, the steps of before that nothing is known to have undone', () => {
    const machines = { '2A.deploy.container': 'PC2', '2C.deploy.pc2': 'PC2', '2B.scrape.central': 'MainPC' };
    const history = Object.values(changed(machines).records);
    const whole = { entry: 0, step: 'rollback', kind: 'fault.lift', target: 'PC2', machine: 'PC2', ms: 1 } as const;
    const entry = { ...whole, entry: 7, step: '2C.deploy.pc2', kind: 'container.remove', target: 'nats-pc2' } as const;
    const undone = [{ ...entry, result: 'undone' as const }];
    expect(openOn(changed({}, { history, undone }), 'PC2')).toEqual({ open: [], of: 0 });
    const failed = changed({}, { history, undone: [...undone, { ...whole, result: 'failed' }] });
    expect(openOn(failed, 'PC2')).toEqual({ open: ['2A.deploy.container'], of: 1 });
    expect(openOn(failed, 'MainPC')).toEqual({ open: [], of: 0 });
  });

  it('is what the rollback before it knew, where that went without it too', () => {
    const without = [{ machine: 'PC2', why: 'it burns', since: 0, open: ['2A.deploy.container'], of: 3 }];
    expect(openOn(changed({}, { without }), 'PC2')).toEqual({ open: ['2A.deploy.container'], of: 3 });
  });

  it('is named as far as a week can carry it, and counted', () => {
    const entry = {
      step: '2D.backup',
      kind: 'file.restore',
      target: 'x'.repeat(200),
      result: 'failed',
      machine: 'PC2',
      ms: 1,
    } as const;
    const undone = Array.from({ length: 30 }, (_, index) => ({ ...entry, entry: index + 1 }));
    const { open, of } = openOn(changed({}, { undone }), 'PC2');
    expect([open.length, of]).toEqual([openNamed, 30]);
    expect(open[0]!.length).toBe(openCharacters);
  });
});

it('says what is to be done there, with the command that undoes it, with the week or without', () => {
  expect(
    todo('run-1', { machine: 'PC2', why: 'left out by ada: it burns', since: 0, open: ['2A.deploy.container'], of: 3 }),
  ).toBe(
    'PC2 (left out by ada: it burns): open there: 2A.deploy.container and 2 more. When it is back, there: hubshift rollback --emergency --machine PC2 --run run-1; then hubshift rollback, where that could not ask the week',
  );
});

it('never calls it plainly rolled back', () => {
  expect(statusText('rolled back in part', ['PC2'])).toBe('rolled back, but for PC2');
  expect(statusText('rolled back')).toBe('rolled back');
});

it('leaves a plan as it is that nothing is taken from, and takes a machine with all that is on it', () => {
  const { plan } = good();
  expect(planWithout(plan, [])).toBe(plan);
  const there = planWithout(plan, ['PC2']);
  expect(there.machines.map(({ name }) => name)).toEqual(['MainPC']);
  expect([...there.services, ...there.agents].filter(({ machine }) => machine === 'PC2')).toEqual([]);
});
