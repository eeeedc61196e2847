// What a week carries of the details of a rollback.
import { expect, test } from 'vitest';
import { bytesOf } from '../../../plan/week/bytes.ts';
import {
  detailKept,
  detailsKept,
  type Undone,
  type UndoResult,
  withoutOlderLeft,
  withoutRepeats,
  withShortDetails,
} from '../../../plan/week/undo.ts';

const entry = (number: number, result: UndoResult, detail?: string): Undone => ({
  entry: number,
  step: '2D.deploy.agent',
  kind: 'agent.restore',
  target: 'agent',
  result,
  ...(detail && { detail }),
  ms: 1,
});
const difference = 'x'.repeat(4_000);

test('a short detail stays as it is, a long one is cut', () => {
  const undone = [entry(1, 'left', 'changed since'), entry(2, 'undone'), entry(3, 'left', difference)];
  expect(withShortDetails(undone)).toEqual([...undone.slice(0, 2), entry(3, 'left', difference.slice(0, detailKept))]);
});

test('of hundreds that were left all entries stay, and the details that there is room for, the failures first', () => {
  const left = Array.from({ length: 900 }, (_, number) => entry(number, 'left', difference));
  const undone = withShortDetails([...left, entry(900, 'failed', difference)]);
  expect(undone.map((one) => one.entry)).toEqual([...left.map((one) => one.entry), 900]);
  expect(undone.at(-1)!.detail).toHaveLength(detailKept);
  expect(bytesOf(undone.map(({ detail }) => detail ?? ''))).toBeLessThan(detailsKept * 1.2);
  expect(bytesOf(withShortDetails(left, 4).map(({ detail }) => detail ?? ''))).toBeLessThan((detailsKept / 4) * 1.6);
});

test('what was undone, done again and is undone now is there once, and what failed or is the newest to be left stays', () => {
  const again = [entry(5, 'undone'), entry(3, 'already'), entry(1, 'already')];
  expect(withoutRepeats(again)).toEqual([entry(5, 'undone')]);
  expect(withoutRepeats([entry(3, 'already'), entry(1, 'already')])).toEqual([entry(3, 'already')]);
  expect(withoutRepeats([entry(5, 'left'), entry(3, 'failed'), entry(1, 'left')]).map((one) => one.entry)).toEqual([
    5, 3,
  ]);
  // Whatever it says, it ended before the change was made again; or a worker of before can't tell.
  expect(withoutRepeats([entry(5, 'undone'), entry(3, 'already', 'gone by hand')])).toEqual([entry(5, 'undone')]);
  const others = [entry(2, 'already'), { ...entry(1, 'already'), target: 'another' }];
  expect(withoutRepeats(others)).toEqual(others);
});

test('what an older attempt left is told, and why the file is otherwise; a look goes by what the newest left', () => {
  const told = [
    { ...entry(9, 'already') },
    { ...entry(5, 'left', 'changed since'), current: true as const },
    { ...entry(3, 'already', 'keeps what others made of it'), current: true as const },
    { ...entry(1, 'already'), current: true as const },
  ];
  const undone = withoutRepeats(told);
  expect(undone).toEqual([
    entry(9, 'already'),
    entry(5, 'left', 'changed since'),
    entry(3, 'already', 'keeps what others made of it'),
  ]);
  const onPC2 = undone.map((one) => ({ ...one, machine: 'PC2' }));
  // Of the other machine's ledger it is the newest.
  const elsewhere = { ...entry(4, 'left'), machine: 'MainPC' };
  expect(withoutOlderLeft([...onPC2, elsewhere])).toEqual([onPC2[0], onPC2[2], elsewhere]);
});
