// Level 3 where Temporal answers: the order where the week takes it, else this machine's ledger; and never the order to another week.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostOf } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { levelThree } from '../../../client/local-rollback/rollback.ts';
import { rollBack as rollBackAll } from '../../../client/week/roll-back.ts';
import type { PlanFile } from '../../../client/plan-file.ts';
import { controlQueue } from '../../../plan/names.ts';
import { incident } from '../../../plan/week/incident.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { Wait, WeekState } from '../../../plan/week/state.ts';
import { temporaryMachine } from '../../activities/machine.ts';
import { plan, planText, seenOf, weekAfter } from '../fixtures.ts';

/** What Temporal knows and how the week answers an order. */
interface Temporal {
  state: WeekState;
  execution: string;
  waits: Wait[];
  ordered(ask: unknown): Promise<string>;
}
let temporal: Temporal;
const asked: unknown[] = [];

vi.mock('@temporalio/client', async (original) => {
  const handle = {
    describe: async () => ({
      status: { name: temporal.execution },
      taskQueue: controlQueue,
      memo: { glance: glance(seenOf(temporal.state)) },
    }),
    query: async ({ name }: { name: string }) => {
      const state = structuredClone(temporal.state);
      return name === 'state' ? state : seenOf(state, { running: [], waits: temporal.waits });
    },
    executeUpdate: async (_: unknown, { args: [ask] }: { args: unknown[] }) => {
      asked.push(ask);
      return temporal.ordered(ask);
    },
  };
  class Client {
    options = { namespace: 'default' };
    connection = { withDeadline: async (_: number, work: () => unknown) => work() };
    workflow = {
      getHandle: () => handle,
      start: async (_: string, { args: [, first] }: { args: unknown[] }) => {
        asked.push(first);
        temporal.execution = 'RUNNING';
        await temporal.ordered(first);
      },
    };
  }
  const Connection = { connect: async () => ({ close: async () => undefined }) };
  return { ...(await original<typeof import('@temporalio/client')>()), Client, Connection };
});

const run = '20260723-100000-ab12';
const digest = 'ab'.repeat(32);
/** Somebody listens where Temporal is said to be. */
let server: Server;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
beforeEach(() => {
  asked.length = 0;
  temporal = { state: weekAfter([]), execution: 'RUNNING', waits: [], ordered: async () => 'Level 3 begins.' };
  vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/no/such.toml');
  return () => vi.unstubAllEnvs();
});

/** PC2 in temporary directories, with a file that the run wrote there, and the plan of it. */
async function changed(): Promise<{ planFile: PlanFile; wrote: string; close(): Promise<unknown> }> {
  const { path, state, supervisorConfig: supervisor } = await temporaryMachine();
  const machine = { name: 'PC2', address: '127.0.0.1', root: path('/'), docker: '/no/docker.sock', supervisor, state };
  const machines = plan.machines.map((one) => (one.name === machine.name ? machine : one));
  const ledger = ledgerOf(hostOf(machine), undo);
  const [wrote, content] = [path('/jobs.yml'), 'ours\n'];
  await ledger.open(run, plan.name);
  await ledger.change(
    { run, step: '2B.scrape.central' },
    'jobs',
    async () => ({ kind: 'file.restore', path: '/jobs.yml', backup: null, wroteSha256: sha256(content) }),
    () => writeFile(wrote, content),
  );
  return {
    planFile: { file: '/etc/hubshift/plan.yaml', text: planText, digest, plan: { ...plan, machines } },
    wrote,
    close: () => ledger.rollback({ run, scope: 'all' }),
  };
}

async function rollBack(planFile: PlanFile, ask: Partial<Parameters<typeof levelThree>[1]> = {}) {
  const said: string[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(said.push(String(text))));
  try {
    return { code: await levelThree(planFile, { machine: 'PC2', reason: 'smoke', ...ask }), text: said.join('') };
  } finally {
    out.mockRestore();
  }
}

/** The worker of the machine undoes, and the week leaves its incident. */
function recovers(close: () => Promise<unknown>, result: 'recovered' | 'failed' = 'recovered'): void {
  temporal.ordered = async () => {
    await close();
    const trigger = { automatic: false, by: 'ada', from: 'ada@desk', reason: 'smoke' };
    const at = { startedAt: Date.now(), endedAt: Date.now() + 1 };
    temporal.state.incidents.push(incident(plan, 0, { level: 3, target: null, trigger, ...at, result, actions: [] }));
    return 'Level 3 begins.';
  };
}

it('is ordered of the week, for the run that was shown and the text of the plan, and followed until it is over', async () => {
  const { planFile, close } = await changed();
  recovers(close);
  const { code, text } = await rollBack(planFile, { as: 'ada' });
  expect(text).toMatch(new RegExp(`^run {7}${run}, running in preflight$`, 'm'));
  expect(asked).toMatchObject([{ level: 3, by: 'ada', reason: 'smoke', run, planDigest: digest }]);
  expect(text).toContain('incident-1: level 3, the whole week: recovered');
  expect(text).not.toContain('undone here');
  expect(code).toBe(0);
});

it('ends with 1 when the week could not recover', async () => {
  const { planFile, close } = await changed();
  recovers(close, 'failed');
  expect((await rollBack(planFile)).code).toBe(1);
});

it('needs no ledger here where the week takes it', async () => {
  const { planFile } = await changed();
  recovers(async () => undefined);
  const elsewhere = { ...planFile.plan, machines: plan.machines };
  expect((await rollBack({ ...planFile, plan: elsewhere }, { machine: undefined })).code).toBe(0);
});

it.each([
  [
    'the worker here does not begin',
    async () => 'Level 3 begins.',
    /The week took the order, but the worker of PC2 does not begin: undone here/,
  ],
  [
    'nobody takes the order',
    () => new Promise<string>(() => undefined),
    /Without the week \(no answer within 2 s\): undone here/,
  ],
])('is done here where %s', async (_, ordered, why) => {
  const { planFile, wrote } = await changed();
  temporal.ordered = ordered;
  const { code, text } = await rollBack(planFile);
  expect(text).toMatch(why);
  expect(existsSync(wrote)).toBe(false);
  expect(code).toBe(0);
});

it('is looked at here where the week waits for a worker, perhaps for ever', async () => {
  const { planFile, wrote, close } = await changed();
  temporal.ordered = async () => {
    await close();
    temporal.waits = [{ on: 'the worker of mainpc', step: 'rollback', since: Date.now() }];
    return 'Level 3 begins.';
  };
  const { code, text } = await rollBack(planFile);
  expect(text).toMatch(
    /The week waits for the worker of mainpc: undone here\.\n {2}already +file\.restore +\/jobs\.yml/,
  );
  expect(existsSync(wrote)).toBe(false);
  expect(code).toBe(0);
});

describe('without a machine that does not come back', () => {
  const without = [
    { machine: 'MainPC', why: 'left out by ada: smoke', since: 0, open: ['2A.deploy.container'], of: 1 },
  ];
  const inPart = () => Object.assign(temporal.state, { status: 'rolled back in part', phase: 'end', without });
  const silent: Wait = { on: 'the worker of mainpc', step: 'rollback', since: 0 };

  it('the order says so, and the week is followed to its end past the wait for that machine', async () => {
    const { planFile, close } = await changed();
    recovers(close, 'failed');
    const { ordered } = temporal;
    temporal.ordered = async (ask) => {
      temporal.waits = [silent];
      inPart();
      return ordered(ask);
    };
    const { code, text } = await rollBack(planFile, { without: ['MainPC'] });
    expect(asked).toMatchObject([{ level: 3, without: ['MainPC'], run, planDigest: digest }]);
    expect(text).toMatch(
      /^incident-1: level 3, the whole week: failed[^]*^The week is rolled back, but for MainPC\.\nMainPC \(left out by ada: smoke\): open there: 2A\.deploy\.container\. When it is back, there: hubshift rollback --emergency --machine MainPC --run /m,
    );
    expect(text).not.toContain('undone here');
    expect(code).toBe(1);
  });

  it('a run that is taken up again hears it too; when the machine is back the command of the week takes it up', async () => {
    const { planFile, close } = await changed();
    temporal.execution = 'COMPLETED';
    inPart();
    recovers(close);
    expect((await rollBack(planFile, { without: ['MainPC'] })).text).toContain('is taken up again to be rolled back');
    expect(asked).toMatchObject([{ kind: 'rollback', scope: 'all', without: ['MainPC'], emergency: {} }]);
    temporal.execution = 'COMPLETED';
    temporal.state.incidents = [];
    asked.length = 0;
    expect((await rollBack(planFile, { run })).text).toContain('level 3, the whole week: recovered');
    expect(asked).toMatchObject([{ kind: 'rollback', scope: 'all' }]);
    expect(asked[0]).not.toHaveProperty('without', expect.anything());
  });

  it('given on it the week alone carries it out, and nothing is undone here though its worker does not begin', async () => {
    const { planFile, wrote } = await changed();
    recovers(async () => undefined, 'failed');
    const { code, text } = await rollBack(planFile, { without: ['PC2'] });
    expect(asked).toMatchObject([{ without: ['PC2'] }]);
    expect(text).not.toContain('undone here');
    expect(existsSync(wrote)).toBe(true);
    expect(code).toBe(1);
  });

  it('a week that waits for yet another is left to itself, and what that ends with is said', async () => {
    const { planFile, wrote, close } = await changed();
    temporal.ordered = async () => {
      await close();
      temporal.waits = [silent, { ...silent, on: 'the worker of pc3', command: 'hubshift worker' }];
      return 'Level 3 begins.';
    };
    expect((await rollBack(planFile, { without: ['MainPC'] })).text).toMatch(
      /The week waits for the worker of pc3 \(which ends with: hubshift worker\): undone here\.\n--without MainPC has no meaning here/,
    );
    expect((await rollBack(planFile)).text).toContain('The week waits for the worker of mainpc: undone here.');
    expect(existsSync(wrote)).toBe(false);
  });
});

it('is ordered of a week that has ended, and still tells people of it', async () => {
  const { planFile, close } = await changed();
  temporal.state.status = 'completed';
  recovers(close);
  await expect(rollBack(planFile)).rejects.toThrow(`To undo it all the same: --run ${run}`);
  expect((await rollBack(planFile, { run })).code).toBe(0);
  expect(asked).toMatchObject([{ level: 3, run }]);
});

describe('given in the instant in which the week ends', () => {
  const closed = () => new WorkflowNotFoundError('workflow execution already completed', 'hubshift-x', undefined);
  const goesWrong = () =>
    new WorkflowUpdateFailedError(
      'failed',
      ApplicationFailure.create({ type: 'AcceptedUpdateCompletedWorkflow', message: 'completed before the update' }),
    );
  /** The first order meets an execution that has just ended so; what comes next is carried out as `then` says. */
  const endsAs = (status: WeekState['status'], error: Error, then: () => void) => {
    temporal.ordered = async () => {
      Object.assign(temporal.state, { status, phase: 'end' });
      temporal.execution = 'COMPLETED';
      then();
      throw error;
    };
  };

  it.each([
    ['refused, as it has ended', closed],
    ['lost, as it ended before it answered', goesWrong],
  ])('after a GO, and %s, the run is taken up again', async (_, error) => {
    const { planFile, close } = await changed();
    endsAs('completed', error(), () => recovers(close));
    const { code, text } = await rollBack(planFile);
    expect(text).toContain('is taken up again to be rolled back');
    expect(asked).toMatchObject([
      { level: 3, run },
      { kind: 'rollback', scope: 'all', emergency: {} },
    ]);
    expect(code).toBe(0);
  });

  it('it is done here where nothing takes it up', async () => {
    const { planFile, wrote } = await changed();
    endsAs('completed', closed(), () => {
      temporal.ordered = () => new Promise<string>(() => undefined);
    });
    const { code, text } = await rollBack(planFile);
    expect(text).toMatch(/Without the week \(no answer within 6 s\): undone here/);
    expect(existsSync(wrote)).toBe(false);
    expect(code).toBe(0);
  }, 20_000);

  it('by a rollback of somebody else, it is looked at here', async () => {
    const { planFile, close } = await changed();
    await close();
    endsAs('rolled back', closed(), () => undefined);
    const { code, text } = await rollBack(planFile);
    expect(text).toMatch(/has ended \(rolled back\).*: undone here\.\n {2}already/);
    expect(code).toBe(0);
  });

  it('nothing of another run that has begun meanwhile is taken up', async () => {
    const { planFile, wrote } = await changed();
    endsAs('completed', closed(), () => (temporal.state.run = 'another'));
    await rollBack(planFile);
    expect(asked).toHaveLength(1);
    expect(existsSync(wrote)).toBe(false);
  });

  it('a rollback that is no emergency is taken up again, too', async () => {
    const { planFile, close } = await changed();
    endsAs('completed', closed(), () => {
      temporal.ordered = async () => {
        await close();
        temporal.execution = 'COMPLETED';
        temporal.state.status = 'rolled back';
        return '';
      };
    });
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const ask = { by: 'ada', from: 'ada@desk', scope: 'all' as const, reason: 'smoke', run, yes: true };
    expect(await rollBackAll(new Client() as never, planFile, ask)).toBe(0);
    expect(asked).toMatchObject([{ scope: 'all' }, { kind: 'rollback', scope: 'all' }]);
  });
});

it('is done here where the week has ended as rolled back, and the ledger has changes all the same', async () => {
  const { planFile, wrote } = await changed();
  temporal = { ...temporal, execution: 'COMPLETED', state: weekAfter([], { status: 'rolled back' }) };
  const { text } = await rollBack(planFile);
  expect(text).toMatch(/Without the week \(.*rolled back\): undone here/);
  expect(asked).toEqual([]);
  expect(existsSync(wrote)).toBe(false);
});

it('is refused, and nothing is undone, where the week began with another text of the plan; --run names it all the same', async () => {
  const { planFile, wrote, close } = await changed();
  const edited = { ...planFile, digest: 'cd'.repeat(32) };
  await expect(rollBack(edited)).rejects.toThrow(new RegExp(`^Refused: .*another text of the plan.*--run ${run}`));
  expect(asked).toEqual([]);
  expect(existsSync(wrote)).toBe(true);
  recovers(close);
  expect((await rollBack(edited, { run })).code).toBe(0);
  expect(asked).toMatchObject([{ run }]);
  expect(asked[0]).not.toHaveProperty('planDigest');
});

it('is refused, and nothing is undone, where the week refuses it', async () => {
  const { planFile, wrote } = await changed();
  const refusal = new WorkflowUpdateFailedError('failed', new Error('This order is for another run.'));
  temporal.ordered = async () => Promise.reject(refusal);
  await expect(rollBack(planFile)).rejects.toThrow('Refused: This order is for another run.');
  expect(existsSync(wrote)).toBe(true);
});

it('says where it can be done when nothing takes the order here', async () => {
  const { planFile } = await changed();
  temporal = { ...temporal, execution: 'COMPLETED', state: weekAfter([], { status: 'rolled back' }) };
  await expect(
    rollBack({ ...planFile, plan: { ...planFile.plan, machines: plan.machines } }, { machine: undefined }),
  ).rejects.toThrow(
    /^Not ordered: .*rolled back\. .*none of MainPC \(10\.77\.0\.1\), PC2 \(10\.77\.0\.2\).*as root: hubshift rollback --emergency/,
  );
});
