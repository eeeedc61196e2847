// What is accepted is what was there when a person looked, in the run that they looked at.
import { type Client, ServiceError } from '@temporalio/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { accept } from '../../../client/week/accept.ts';
import { exitCodes } from '../../../client/failure.ts';
import { controlQueue } from '../../../plan/names.ts';
import { findingIn } from '../../../plan/week/finding.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { plan, record, seenOf, weekAfter } from '../fixtures.ts';

const row = '2A.deploy.healthy';
const state = weekAfter(['preflight']);
state.records[row] = record(row, { verdict: 'fail', summary: 'it answers 503' });
const ask = { by: 'ada', from: 'test', row, reason: 'known' };
const planFile = { plan, path: 'week1.yaml', text: '', digest: state.planDigest };

function clientWith(query: () => Promise<unknown>) {
  const executeUpdate = vi.fn(async (_update: unknown, _options: { args: unknown[] }) => 'taken');
  const memo = { glance: glance(seenOf(state)) };
  const handle = {
    describe: async () => ({ status: { name: 'RUNNING' }, memo, taskQueue: controlQueue }),
    query,
    executeUpdate,
  };
  const client = {
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    options: { namespace: 'default' },
    workflow: { getHandle: () => handle },
    workflowService: { describeTaskQueue: async () => ({ pollers: [] }) },
  } as unknown as Client;
  return { client, executeUpdate };
}

function printed(): () => string {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  return () => written.mock.calls.map(([text]) => String(text)).join('');
}

it('shows what is there, and says what that is and of which run', async () => {
  const said = printed();
  const { client, executeUpdate } = clientWith(async () => state);
  expect(await accept(client, planFile, ask)).toBe('taken');
  expect(said()).toBe(`accepts: ${row}: it answers 503\n`);
  expect(executeUpdate.mock.calls[0]![1].args).toEqual([
    { ...ask, run: state.run, planDigest: state.planDigest, found: findingIn(state.records[row]) },
  ]);
});

it('accepts nothing of another week, and nothing that it can not look at', async () => {
  printed();
  const there = clientWith(async () => state);
  await expect(accept(there.client, { ...planFile, digest: 'another' }, ask)).rejects.toThrow(
    /Refused: Run .* began with another text of the plan/,
  );
  await expect(accept(there.client, planFile, { ...ask, run: 'another' })).rejects.toThrow(/Refused: .*run another/);
  const late = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
  const away = clientWith(() => Promise.reject(new ServiceError('Query failed', { cause: late })));
  await expect(accept(away.client, planFile, ask)).rejects.toMatchObject({
    message: expect.stringMatching(/No control worker says what was found.*hubshift worker --control/s),
    exitCode: exitCodes.unreachable,
  });
  for (const { executeUpdate } of [there, away]) expect(executeUpdate).not.toHaveBeenCalled();
});
