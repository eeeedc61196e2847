// `npm test` can't be green when something broke, or when nothing ran.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { add, exitCode, lastLine, nothing, tally } from './tally.ts';

const report = (numPassedTests: number, numFailedTests = 0, numPendingTests = 0) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests: 0,
  testResults: [],
});

test('parts add up to one line', () => {
  const total = [tally(true, report(5)), tally(false, report(3, 2)), tally(true, report(1, 0, 4))].reduce(add, nothing);
  expect(lastLine(total)).toBe('9 passed, 2 failed, 4 skipped');
  expect(lastLine(tally(true, report(5)))).toBe('5 passed, 0 failed');
  expect(exitCode(total)).toBe(1);
  expect(exitCode(tally(true, report(5)))).toBe(0);
});

test('what failed is named, and why: each test, or the file whose hook or import did, or the whole part', () => {
  const assertion = (fullName: string, status: string, ...failureMessages: string[]) => ({
    fullName,
    status,
    failureMessages,
  });
  const testResults = [
    {
      name: 'a.test.ts',
      status: 'failed',
      assertionResults: [
        assertion('one', 'passed'),
        assertion('two', 'failed', 'Error: three is not two\n    at two.ts:7'),
      ],
    },
    { name: resolve('b.test.ts'), status: 'failed', message: '', assertionResults: [assertion('three', 'passed')] },
    { name: 'd.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    { name: 'c.test.ts', status: 'passed', assertionResults: [assertion('four', 'passed')] },
  ];
  expect(tally(false, { ...report(3, 1), testResults }).names).toEqual([
    'a.test.ts > two\n    Error: three is not two',
    'b.test.ts',
    'd.test.ts\n    no such module',
  ]);
  expect(tally(false, undefined).names).toEqual(['as a whole']);
  expect(tally(true, report(5)).names).toEqual([]);
});

test.each([
  ['a part that found no test', tally(true, report(0))],
  ['a part of which all is skipped', tally(true, report(0, 0, 7))],
  ['a part that fell over without a report', tally(false, undefined)],
  ['a hook or an import that failed beside tests that passed', tally(false, report(12))],
])('%s is a failure', (_, part) => {
  expect(part.failed).toBe(1);
  expect(exitCode(add(tally(true, report(5)), part))).toBe(1);
});

test('nothing at all is a failure', () => expect(exitCode(nothing)).toBe(1));
