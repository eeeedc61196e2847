// No secret leaves a machine with an activity: by its result, its error, or its heartbeats.
import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { expect, it, vi } from 'vitest';
import { previousHeartbeat, reportProgress } from '../../activities/context/heartbeat.ts';
import { interceptorsOf } from '../../workers/machine.ts';

function run<T>(activity: () => Promise<T>, beats: unknown[] = []): Promise<T> {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const environment = new MockActivityEnvironment({}, { interceptors: interceptorsOf({ machine: 'PC2' }).activity });
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  return environment.run(activity);
}

const failure = (error: unknown) => run(() => Promise.reject(error)).catch((caught: unknown) => caught);

it('hides those of a result in every text of it, and leaves all else as it was', async () => {
  const found = {
    first: ['ERROR login password=hunter2', 'ERROR none'],
    command: ['hub', '--token', 'hunter2', '--port', '1'],
    targets: { 'token-service': { up: 3, firstError: 'GET http://bob:hunter2@PC2 answered 500' } },
    sha256: 'abcdef',
    none: null,
    missing: undefined,
  };
  const shown = await run(async () => found);
  expect(JSON.stringify(shown)).not.toContain('hunter2');
  expect(shown).toMatchObject({
    first: [expect.stringMatching(/^ERROR login password=\[secret#/), 'ERROR none'],
    command: ['hub', '--token', expect.stringMatching(/^\[secret#/), '--port', '1'],
    targets: { 'token-service': { up: 3 } },
    sha256: 'abcdef',
    none: null,
  });
});

it('hides those of an error, its causes, details and stack, and leaves what it is', async () => {
  const cause = new Error('connect to nats://bob:hunter2@PC2');
  const error = ApplicationFailure.create({
    message: 'refused {"password":"hunter2"}',
    type: 'FileMissing',
    nonRetryable: true,
    details: ['passphrase: hunter2'],
    cause,
  });
  const shown = (await failure(error)) as ApplicationFailure;
  expect(shown).toBe(error);
  expect(shown).toMatchObject({ type: 'FileMissing', nonRetryable: true });
  expect([shown.message, shown.stack, JSON.stringify(shown.details), cause.message, cause.stack].join()).not.toContain(
    'hunter2',
  );
  expect(shown.message).toMatch(/^refused \{"password":"\[secret#[0-9a-f]{8}\]"\}$/);
  expect(await failure(new CancelledFailure('over'))).toBeInstanceOf(CancelledFailure);
  expect(await failure('token: hunter2')).not.toContain('hunter2');
  const ring = new Error('a');
  ring.cause = ring;
  expect(await failure(ring)).toBe(ring);
});

it('leaves the names of things as they are, which are compared, and those that it was asked about also in texts', async () => {
  const found = {
    image: 'vault-token:latest',
    binds: ['/pc2/secret=a:/secret'],
    holders: [{ port: 1, container: 'token' }],
    program: 'auth:token_00',
    said: 'vault-token: no answer. token_00: gone',
  };
  const asked = { name: 'token_00', spec: { image: 'ops/vault-token:latest', command: ['--token', 'hunter2'] } };
  const activity = async (_: unknown, fails = false) => {
    if (fails) throw new Error(found.said);
    return found;
  };
  const environment = new MockActivityEnvironment({}, { interceptors: interceptorsOf({ machine: 'PC2' }).activity });
  expect(await environment.run(activity, asked)).toEqual(found);
  await expect(environment.run(activity, asked, true)).rejects.toThrow(found.said);
  // An address is looked at all the same.
  expect(await environment.run(async () => ({ image: 'https://bob:hunter2@PC2/x' }))).toEqual({
    image: expect.stringMatching(/^https:\/\/bob:\[secret#\w+\]@PC2\/x$/),
  });
});

it('hides those of a heartbeat, from which the next attempt goes on', async () => {
  const beats: unknown[] = [];
  await run(async () => reportProgress({ offset: 7, first: ['ERROR token=hunter2'] }), beats);
  expect(beats).toEqual([{ offset: 7, first: [expect.stringMatching(/^ERROR token=\[secret#/)] }]);
  expect(previousHeartbeat()).toBeUndefined();
});
