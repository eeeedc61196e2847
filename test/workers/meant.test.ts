// A machine's worker refuses what is meant for the machine of another plan, before the activity begins.
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { interceptorsOf } from '../../workers/machine.ts';

const own = { machine: 'PC2', address: '10.0.0.2', site: 'berlin' };

function run(...args: unknown[]) {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  const environment = new MockActivityEnvironment(
    { activityType: 'deployContainer' },
    { interceptors: interceptorsOf(own).activity },
  );
  const activity = vi.fn(async (ask: unknown) => ask);
  return { activity, over: environment.run(activity as (...given: unknown[]) => Promise<unknown>, ...args) };
}

it('does what is meant for it, and what a week of before asks', async () => {
  expect(await run('ask', undefined, own).over).toBe('ask');
  expect(await run('ask').over).toBe('ask');
});

it('refuses what is meant for another, and says what to do', async () => {
  const { activity, over } = run('ask', undefined, { ...own, site: 'paris' });
  await expect(over).rejects.toMatchObject({
    type: 'ForeignMachine',
    nonRetryable: true,
    message: expect.stringMatching(
      /^deployContainer was not done: this worker is that of PC2 at 10\.0\.0\.2 of site berlin, and .* of site paris is meant/,
    ),
  });
  expect(activity).not.toHaveBeenCalled();
});
