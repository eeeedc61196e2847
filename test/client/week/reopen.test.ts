// A run that was cut off goes on from where it had come furthest, or from what the control worker has kept of it; one that has ended does not.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, ServiceError } from '@temporalio/client';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { exitCodes, Failure } from '../../../client/failure.ts';
import { reopen, stateOfCut } from '../../../client/week/reopen.ts';
import { controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { began, plan, seenOf, weekAfter } from '../fixtures.ts';

const state = weekAfter(['preflight', '2A'], { phase: '2B' });
const { run } = state;
let reports: string;

beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'hubshift-reports-'));
  vi.stubEnv('HUBSHIFT_REPORTS', reports);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(reports, { recursive: true });
  });
});

function kept(of: Partial<WeekState> | string = state): string {
  const file = join(reports, `${run}.state.json`);
  writeFileSync(file, typeof of === 'string' ? of : JSON.stringify(of));
  utimesSync(file, began / 1_000, began / 1_000);
  return file;
}

interface Execution {
  status: string;
  of?: WeekState;
  /** What the query gives; none where nobody answers. */
  answer?: WeekState;
}

/** A server that knows these executions, the newest first; what is started on it is in `started`. */
function serverWith(...executions: Execution[]): { client: Client; started: unknown[][] } {
  const started: unknown[][] = [];
  const described = executions.map(({ status, of = state }, index) => ({
    runId: String(index),
    status: { name: status },
    memo: { glance: glance(seenOf(of)) },
    taskQueue: controlQueue,
  }));
  const getHandle = (workflowId: string, runId = '0') => ({
    workflowId,
    describe: async () => described[Number(runId)],
    query: async () => {
      const { answer } = executions[Number(runId)]!;
      if (answer) return answer;
      const cause = Object.assign(new Error(), { code: 4, details: 'deadline', metadata: {} });
      throw new ServiceError('Query failed', { cause });
    },
  });
  const client = {
    connection: { withDeadline: (_: number, work: () => unknown) => work() },
    workflow: {
      getHandle,
      list: async function* () {
        yield* described;
      },
      start: async (_: string, { args }: { args: unknown[] }) => void started.push(args),
    },
  } as unknown as Client;
  return { client, started };
}

const refusal = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`it was not refused: ${JSON.stringify(error)}`);
  return error;
};

describe('a run that was cut off', () => {
  it('goes on from the execution that had come furthest', async () => {
    const earlier = weekAfter(['preflight'], { phase: '2A' });
    const { client } = serverWith({ status: 'TERMINATED', answer: earlier }, { status: 'TERMINATED', answer: state });
    expect(await stateOfCut(client, plan.name, run)).toEqual({ state });
  });

  it('goes on from the execution that knows of a rollback, although one from before has more records', async () => {
    const after = {
      ...weekAfter(['preflight'], { phase: '2A' }),
      rollback: { scope: { task: '2A' as const }, reason: '', startedAt: began },
    };
    const { client } = serverWith({ status: 'TERMINATED', answer: after }, { status: 'TERMINATED', answer: state });
    expect(await stateOfCut(client, plan.name, run)).toEqual({ state: after });
  });

  it('goes on from what was kept of it when Temporal knows less, restored from an older backup', async () => {
    const file = kept();
    const { client } = serverWith({ status: 'TERMINATED', answer: weekAfter(['preflight'], { phase: '2A' }) });
    expect(await stateOfCut(client, plan.name, run)).toMatchObject({ state: { phase: '2B' }, kept: { file } });
  });

  it.each([
    ['nobody answers', [{ status: 'TERMINATED' }]],
    ['Temporal knows nothing of it any more', []],
    ['only another run is known', [{ status: 'COMPLETED', of: { ...state, run: 'another', status: 'completed' } }]],
  ] as const)('goes on from what was kept of it when %s', async (_, executions) => {
    const file = kept();
    const { client } = serverWith(...executions);
    expect(await stateOfCut(client, plan.name, run)).toEqual({
      state: JSON.parse(JSON.stringify(state)),
      kept: expect.objectContaining({ file, at: began }),
    });
  });

  it('goes on from what Temporal gives when what was kept knows no more', async () => {
    kept({ ...state, status: 'paused' });
    const { client } = serverWith({ status: 'TERMINATED', answer: state });
    expect(await stateOfCut(client, plan.name, run)).toEqual({ state });
  });

  it.each([
    [
      'can not be asked',
      [{ status: 'TERMINATED' }],
      exitCodes.unreachable,
      /^1 executions .*can't be asked: start the/,
    ],
    ['is not known', [], exitCodes.failed, /^Temporal knows no execution of run/],
  ] as const)('that %s and was not kept: says where it would be, and the way back', async (_, found, code, said) => {
    const { client } = serverWith(...found);
    const { message, exitCode } = await refusal(stateOfCut(client, plan.name, run));
    expect(message).toMatch(said);
    expect(message).toContain(join(reports, `${run}.state.json`));
    expect(message).toContain('HUBSHIFT_REPORTS');
    expect(message).toContain(`hubshift rollback --emergency --run ${run}`);
    expect(exitCode).toBe(code);
  });

  it.each([
    ['half a file', '{"run":'],
    ['of another run', { ...state, run: 'another' }],
    ['of another plan', { ...state, plan: { ...plan, name: 'another' } }],
    ['no state at all', { run } as Partial<WeekState>],
  ])('does not go on from %s', async (_, text) => {
    const file = kept(text);
    const { message } = await refusal(stateOfCut(serverWith().client, plan.name, run));
    expect(message).toContain(file);
  });

  it('is rolled back from what was kept of it when nobody answers', async () => {
    kept();
    const { client, started } = serverWith({ status: 'TERMINATED' });
    const rollback = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'enough' } as const;
    expect(await reopen(client, plan.name, rollback)).toBe(run);
    expect(started).toEqual([[JSON.parse(JSON.stringify(state)), rollback]]);
  });
});

describe('a run that has ended', () => {
  const ended = { ...state, status: 'completed' } as const;

  it('is not begun again, although it had been cut off before', async () => {
    kept();
    const { client } = serverWith(
      { status: 'COMPLETED', of: ended, answer: ended },
      { status: 'TERMINATED', answer: state },
    );
    expect((await refusal(stateOfCut(client, plan.name, run))).message).toMatch(/has ended \(completed\)/);
  });

  it('is not begun again when only its kept state tells', async () => {
    kept(ended);
    expect((await refusal(stateOfCut(serverWith().client, plan.name, run))).message).toMatch(/has ended \(completed\)/);
  });

  it('is not taken up again for a part, which could not be done again', async () => {
    const { client, started } = serverWith({ status: 'COMPLETED', of: ended, answer: ended });
    const part = { kind: 'rollback', by: 'ada', scope: { task: '2D' }, reason: 'a mistake' } as const;
    expect((await refusal(reopen(client, plan.name, part))).message).toMatch(
      /^Refused: The week has ended \(completed\): a part of it is not undone any more/,
    );
    expect(started).toEqual([]);
    await reopen(client, plan.name, { ...part, scope: 'all' });
    expect(started).toHaveLength(1);
  });
});
