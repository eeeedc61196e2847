// Ledger entries that could not be taken back are in the undo row that speaks for them.
import { expect, test } from 'vitest';
import { withFailed } from '../../../../plan/tasks/shared/failed-entries.ts';
import { fail, inconclusive, pass } from '../../../../plan/tasks/shared/verdict.ts';
import { rowOfEntry, undoable, undoRows } from '../../../../plan/tasks/steps.ts';
import { findingOf } from '../../../../plan/week/finding.ts';
import type { Undo } from '../../../../plan/week/undo.ts';

const entry = (number: number, target = 'edgehub') => ({
  machine: 'PC2',
  entry: number,
  step: '2A.deploy.container',
  kind: 'container.remove' as const,
  target,
  result: 'failed' as const,
  detail: `Docker hangs, process ${number}`,
  ms: 1,
});

test('each kind of each task has one, which is looked at when the task is undone', () => {
  const kinds: Record<Undo['kind'], true> = {
    'directory.remove': true,
    'container.remove': true,
    'container.restore': true,
    'file.restore': true,
    'agent.restore': true,
    'environment.restore': true,
    'stream.delete': true,
    'consumer.delete': true,
    'fault.lift': true,
  };
  for (const task of undoable) {
    const rows = undoRows([task]).map(({ id }) => id);
    for (const kind of Object.keys(kinds) as Undo['kind'][])
      expect(rows).toContain(rowOfEntry({ step: `${task}.some.step`, kind }));
  }
  expect(rowOfEntry({ step: '2D.deploy.a', kind: 'agent.restore' })).toBe('2D.undo.stop');
  expect(rowOfEntry({ step: '2B.scrape.central', kind: 'file.restore' })).toBe('2B.undo.configs');
  expect(rowOfEntry({ step: 'rollback', kind: 'fault.lift' })).toBeUndefined();
});

test('the row fails whatever it saw, and names them beside that', () => {
  expect(withFailed(pass('edgehub gone'), [])).toEqual(pass('edgehub gone'));
  for (const found of [pass('edgehub gone'), inconclusive('PC2 was not looked at')])
    expect(withFailed(found, [entry(7)])).toMatchObject({
      verdict: 'fail',
      summary: 'not undone: PC2: 7 container.remove edgehub',
    });
  expect(withFailed(fail('edgehub is still there'), [entry(7)]).summary).toBe(
    'not undone: PC2: 7 container.remove edgehub; edgehub is still there',
  );
});

test('what is accepted is exactly these entries, also those that the line has no room for', () => {
  const finding = (numbers: number[], found = pass('gone')) =>
    findingOf(
      withFailed(
        found,
        numbers.map((number) => entry(number)),
      ),
    );
  const six = [1, 2, 3, 4, 5, 6];
  expect(
    withFailed(
      pass('gone'),
      six.map((number) => entry(number)),
    ).summary,
  ).toMatch(/ and 2 more$/);
  expect(finding([...six].reverse())).toBe(finding(six));
  expect(finding([1, 2, 3, 4, 5, 7])).not.toBe(finding(six));
  expect(finding([1])).not.toBe(finding([2]));
  expect(finding([1], fail('edgehub is still there'))).not.toBe(finding([1]));
});
