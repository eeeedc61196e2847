// Who serves a queue, and with which build: what Temporal lists of workers.
import { expect, it } from 'vitest';
import { buildOf, heard, lastAsked, workerIdentity } from '../../plan/worker-identity.ts';

it('says the build, as its queue does', () => {
  const identity = workerIdentity('control', 7, 'MainPC', 'abcdef0123456789'.repeat(4));
  expect(identity).toBe('control 7@MainPC build abcdef012345');
  expect(buildOf(identity)).toBe('abcdef012345');
});

it('knows no build of a worker that did not say it', () => {
  expect(buildOf('control 16903@MainPC')).toBeUndefined();
});

it('counts who asked for tasks in the last 75 seconds', () => {
  const now = 1_000_000_000;
  const at = (secondsAgo: number, identity: string) => ({
    identity,
    lastAccessTime: { seconds: now / 1000 - secondsAgo },
  });
  expect(heard([at(60, 'there'), at(80, 'gone'), { identity: 'never' }], now)).toEqual(['there']);
  expect(heard(null, now)).toEqual([]);
});

it('knows when the last one asked', () => {
  const at = (seconds: number) => ({ lastAccessTime: { seconds } });
  expect(lastAsked([at(5), at(7), {}])).toBe(7_000);
  expect(lastAsked(null)).toBe(0);
});
