// With and without a worker, a week can be looked at; orders end with an answer, a reason, or the name of what is missing.
import {
  type Client,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { describe, expect, it, vi } from 'vitest';
import { exitCodes } from '../../../client/failure.ts';
import { look, wholeState } from '../../../client/week/look.ts';
import { order } from '../../../client/week/orders.ts';
import { controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { pause } from '../../../workflows/orders/messages.ts';
import { began, seenOf, weekAfter } from '../fixtures.ts';

const state = weekAfter(['preflight'], { phase: '2A' });
const memo = glance(seenOf(state));

interface Fake {
  execution?: string;
  query?: () => Promise<unknown>;
  result?: () => Promise<unknown>;
  describe?: () => Promise<unknown>;
  executeUpdate?: () => Promise<unknown>;
  queue?: string;
  workers?: string[];
}

function clientWith({ execution = 'RUNNING', queue = controlQueue, workers = [], ...handle }: Fake): Client {
  const whole = {
    workflowId: 'hubshift-x',
    describe: async () => ({ status: { name: execution }, memo: { glance: memo }, taskQueue: queue }),
    ...handle,
  };
  return {
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    options: { namespace: 'default' },
    workflow: { getHandle: () => whole },
    workflowService: {
      describeTaskQueue: async () => ({
        pollers: workers.map((identity) => ({ identity, lastAccessTime: { seconds: Date.now() / 1000 } })),
      }),
    },
  } as unknown as Client;
}

/** As the SDK throws what gRPC answers. */
function grpcError(code: number): ServiceError {
  return new ServiceError('Query failed', {
    cause: Object.assign(new Error(`code ${code}`), { code, details: `code ${code}`, metadata: {} }),
  });
}

const deadlineExceeded = 4;

describe('look', () => {
  it('asks the worker', async () => {
    const seen = await look(clientWith({ query: async () => seenOf(state) }), 'x');
    expect(seen).toMatchObject({ source: 'worker', ageMs: 0, execution: 'running', glance: memo });
    expect(seen.snapshot?.phase).toBe('2A');
  });

  it('says that an execution is not of a week, and how to be rid of it', async () => {
    const foreign = clientWith({ describe: async () => ({ status: { name: 'RUNNING' }, taskQueue: 'x' }) });
    await expect(look(foreign, 'x')).rejects.toThrow(
      /^The execution hubshift-x at Temporal was not started by hubshift.*temporal workflow terminate --workflow-id hubshift-x/,
    );
  });

  it('reads the memo, and its age, when no worker answers in time', async () => {
    vi.useFakeTimers({ now: began + 100_000 });
    const seen = await look(clientWith({ query: () => Promise.reject(grpcError(deadlineExceeded)) }), 'x').finally(() =>
      vi.useRealTimers(),
    );
    expect(seen).toEqual({
      source: 'memo',
      ageMs: 40_000,
      trouble: null,
      execution: 'running',
      queue: controlQueue,
      workers: [],
      snapshot: null,
      glance: memo,
    });
  });

  it.each([2, 3, 9])(
    "reads the memo and gives the server's words when the week can not be asked (gRPC %i)",
    async (code) => {
      expect(await look(clientWith({ query: () => Promise.reject(grpcError(code)) }), 'x')).toMatchObject({
        source: 'memo',
        trouble: `code ${code}`,
      });
    },
  );

  it('does not take a server that went away for a missing worker', async () => {
    await expect(look(clientWith({ query: () => Promise.reject(grpcError(14)) }), 'x')).rejects.toThrow(ServiceError);
  });

  it('does not mistake another error for a missing worker', async () => {
    await expect(look(clientWith({ query: () => Promise.reject(new Error('handler broke')) }), 'x')).rejects.toThrow(
      'handler broke',
    );
  });

  it('says how to begin when there is no such week', async () => {
    const client = clientWith({ describe: () => Promise.reject(new WorkflowNotFoundError('gone', 'x', undefined)) });
    await expect(look(client, 'x')).rejects.toMatchObject({
      exitCode: exitCodes.failed,
      message: expect.stringContaining('hubshift start'),
    });
  });
});

describe('wholeState', () => {
  const unanswered = { query: () => Promise.reject(grpcError(deadlineExceeded)) };

  it('takes the result of a completed week when no worker answers', async () => {
    expect(
      await wholeState(clientWith({ ...unanswered, execution: 'COMPLETED', result: async () => state }), 'x'),
    ).toBe(state);
  });

  it('is not there while the week runs and no worker answers', async () => {
    expect(await wholeState(clientWith(unanswered), 'x')).toBeUndefined();
  });
});

describe('order', () => {
  const give = (fake: Fake) =>
    order(clientWith(fake), { plan: 'x' }, pause, { by: 'Ada', from: 'ada@desk', reason: 'lunch' });

  it("gives the week's answer", async () => {
    expect(await give({ executeUpdate: async () => 'The week pauses.' })).toBe('The week pauses.');
  });

  it('gives the reason of a refusal', async () => {
    await expect(
      give({
        executeUpdate: () =>
          Promise.reject(new WorkflowUpdateFailedError('failed', new Error('The week is paused already.'))),
      }),
    ).rejects.toMatchObject({ exitCode: exitCodes.failed, message: 'Refused: The week is paused already.' });
  });

  it('names the control worker when nobody takes the order', async () => {
    await expect(
      give({ executeUpdate: () => Promise.reject(new WorkflowUpdateRPCTimeoutOrCancelledError('late')) }),
    ).rejects.toMatchObject({
      exitCode: exitCodes.unreachable,
      message: expect.stringContaining('hubshift worker --control'),
    });
  });

  it('names the queue of a build that nobody serves', async () => {
    const late = () => Promise.reject(new WorkflowUpdateRPCTimeoutOrCancelledError('late'));
    await expect(give({ queue: `${controlQueue}.abcdef012345`, executeUpdate: late })).rejects.toMatchObject({
      exitCode: exitCodes.unreachable,
      message: expect.stringMatching(/Nobody serves its queue hubshift\.control\.abcdef012345.*without --beside/),
    });
    const workers = ['control 7@MainPC build abcdef012345'];
    await expect(give({ queue: `${controlQueue}.abcdef012345`, workers, executeUpdate: late })).rejects.toThrow(
      'is served by control 7@MainPC build abcdef012345, which does not answer',
    );
  });

  it('says how a week that was cut off is taken up, or undone', async () => {
    const gone = () => Promise.reject(new WorkflowNotFoundError('done', 'x', undefined));
    await expect(give({ execution: 'TERMINATED', executeUpdate: gone })).rejects.toMatchObject({
      exitCode: exitCodes.failed,
      message: expect.stringMatching(
        `run ${memo.run} of the plan x was cut off .execution terminated.\\. Take it up again with hubshift start --continue ${memo.run}, .*hubshift rollback`,
      ),
    });
  });

  it('says that the week has ended', async () => {
    await expect(
      give({
        execution: 'COMPLETED',
        executeUpdate: () => Promise.reject(new WorkflowNotFoundError('done', 'x', undefined)),
      }),
    ).rejects.toMatchObject({
      exitCode: exitCodes.failed,
      message: expect.stringContaining(`run ${memo.run} of the plan x has ended`),
    });
  });
});
