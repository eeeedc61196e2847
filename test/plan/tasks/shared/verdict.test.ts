// The words of an evaluation.
import { expect, it } from 'vitest';
import {
  every,
  everyNamed,
  fail,
  inconclusive,
  pass,
  unless,
  unlessSeen,
} from '../../../../plan/tasks/shared/verdict.ts';
import { findingOf } from '../../../../plan/week/finding.ts';

it('passes unless there is an objection, and says all of them', () => {
  expect(unless([false, null, undefined, ''], 'well', { n: 1 })).toEqual(pass('well', { n: 1 }));
  expect(unless([false, 'one', undefined, 'two'], 'well', { n: 1 })).toEqual(fail('one; two', { n: 1 }));
});

it('is inconclusive where nothing objects but what nobody could see', () => {
  expect(unlessSeen([false], [], 'well', { n: 1 })).toEqual(pass('well', { n: 1 }));
  expect(unlessSeen([false], ['unseen', 'as well'], 'well', { n: 1 })).toEqual(
    inconclusive('unseen; as well', { n: 1, unseen: 2 }),
  );
  expect(unlessSeen(['broken'], ['unseen'], 'well', { n: 1 })).toEqual(fail('broken; unseen', { n: 1 }));
});

it.each([
  ['all pass', { a: pass('x'), b: pass('y') }, 'pass', 'well'],
  ['one fails', { a: inconclusive('unknown'), b: fail('broken'), c: pass('x') }, 'fail', 'a: unknown; b: broken'],
  ['one is inconclusive', { a: pass('x'), b: inconclusive('unknown') }, 'inconclusive', 'b: unknown'],
  ['there is none', {}, 'inconclusive', 'nothing was measured'],
])('is the worst of many when %s', (_what, evaluations, verdict, summary) => {
  expect(every(evaluations, 'well')).toMatchObject({ verdict, summary });
});

it('joins the evidence of what passed, and names what did not', () => {
  expect(every({ a: pass('x', { a: 1 }), b: pass('y', { b: 2 }) }, 'well', { c: 3 }).evidence).toEqual({
    a: 1,
    b: 2,
    c: 3,
  });
  expect(every({ a: pass('x', { a: 1 }), b: fail('y') }, 'well').evidence).toEqual({ failed: ['b'] });
});

it('names all that did not pass, beside the few of the line, for what is held against a finding of before', () => {
  const of = (names: string[]) => everyNamed(Object.fromEntries(names.map((name) => [name, fail('down')])), 'well');
  const [six, seven] = [of(['a', 'b', 'c', 'd', 'e', 'f']), of(['a', 'b', 'c', 'd', 'e', 'f', 'g'])];
  expect([six.summary, six.evidence]).toEqual([seven.summary, seven.evidence]);
  expect(seven.whole).toBe('a: down; b: down; c: down; d: down; e: down; f: down; g: down');
  expect(findingOf(six)).not.toBe(findingOf(seven));
  expect(findingOf(six)).toBe(findingOf(of(['a', 'b', 'c', 'd', 'e', 'f'])));
});

it('is the same finding whatever the figures beside it', () => {
  const of = (ms: number, names: string[]) => findingOf(fail('two are down', { ms, names }));
  expect(of(1, ['a', 'b'])).toBe(of(2, ['a', 'b']));
  expect(of(1, ['a', 'b'])).not.toBe(of(1, ['a', 'c']));
});
