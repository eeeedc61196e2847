// Paths of a machine, and limits that end waiting.
import { MockActivityEnvironment } from '@temporalio/testing';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { at, pause, progress, latestProgress, until, within } from '../../../activities/context/at.ts';

const machine = { name: 'PC2', address: '127.0.0.1', docker: '/d', supervisor: '/s', state: '/st' };

it('puts paths under the root and takes them off again', () => {
  const here = at({ ...machine, root: '/lab/pc2/' });
  expect(here.host('/pc2/data')).toBe('/lab/pc2/pc2/data');
  expect(here.planned('/lab/pc2/pc2/data')).toBe('/pc2/data');
  expect(here.planned('/lab/pc22/data')).toBe('/lab/pc22/data');
  expect(at({ ...machine, root: '/' }).host('/pc2/data')).toBe('/pc2/data');
});

it('reaches what is its own by address, and leaves other names alone', () => {
  const here = at({ ...machine, name: 'MainPC', address: '10.77.0.1', root: '/' });
  expect(here.own('http://MainPC:9000/-/ready')).toBe('http://10.77.0.1:9000/-/ready');
  expect(here.own('http://PC2:9100')).toBe('http://PC2:9100');
  expect(at({ ...machine, name: 'MainPC', address: 'fd00::1', root: '/' }).own('http://MainPC:9000')).toBe(
    'http://[fd00::1]:9000',
  );
});

describe('within', () => {
  it('fires though nobody but the waiter holds it and garbage is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const collecting = setInterval(collect, 20);
    try {
      await Promise.race([
        once(within(150), 'abort'),
        pause(3_000).then(() => Promise.reject(new Error('it never fired'))),
      ]);
    } finally {
      clearInterval(collecting);
    }
  });

  it('says that it was the time', () => {
    const signal = within(1);
    return once(signal, 'abort').then(() => expect(signal.reason).toMatchObject({ name: 'TimeoutError' }));
  });

  it('fires with the cancellation of the activity, and at once when that has come already', async () => {
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(() => once(within(60_000), 'abort'));
    environment.cancel();
    await waiting;
    expect(await environment.run(async () => within(60_000).aborted)).toBe(true);
  });
});

describe('until', () => {
  it('gives the last measurement, and whether it was enough', async () => {
    let count = 0;
    const measure = async () => (count += 1);
    expect(await until(1_000, measure, (value) => value === 3, 5)).toMatchObject({ value: 3, done: true });
    expect(await until(20, measure, () => false, 5)).toMatchObject({ done: false });
  });
});

describe('progress', () => {
  it('is kept for the heartbeats to come, and begins with what the attempt before reported', async () => {
    const environment = new MockActivityEnvironment({ heartbeatDetails: { offset: 1 } });
    expect(latestProgress(environment.context)).toEqual({ offset: 1 });
    await environment.run(async () => progress({ offset: 2 }));
    expect(latestProgress(environment.context)).toEqual({ offset: 2 });
  });

  it('is nothing outside of an activity', () => {
    expect(() => progress({ offset: 1 })).not.toThrow();
  });
});
