// A worker tells the running week that its ledger was closed here without it: that week, once, as soon as it can be reached.
import { setTimeout } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ledgerOf, type Ledger } from '../../activities/ledger/ledger.ts';
import { undo } from '../../activities/undo/undo.ts';
import { reportClosings } from '../../workers/ledger-closings.ts';
import { temporaryMachine } from '../activities/machine.ts';

vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof import('node:timers/promises')>();
  return { ...real, setTimeout: vi.fn(real.setTimeout) };
});

/** `before`: an older week of the plan, which only the list of them knows. */
type Weeks = Record<
  string,
  { run: string; status: 'RUNNING' | 'COMPLETED'; without?: string[]; before?: { run: string; without: string[] } }
>;

/** A server with these weeks, by workflow id; it remembers what it was asked and what the weeks were told. */
function serverWith(weeks: Weeks) {
  const server = { answers: true, asked: [] as string[], told: [] as unknown[], deadlines: [] as number[] };
  const connection = {
    withDeadline: (deadline: number, work: () => Promise<unknown>) => {
      server.deadlines.push(deadline);
      return work();
    },
  };
  const getHandle = (id: string) => ({
    describe: async () => {
      server.asked.push(id);
      if (!server.answers) throw new Error('nobody listens');
      const week = weeks[id];
      if (!week) throw new WorkflowNotFoundError('no such week', id, undefined);
      return { status: { name: week.status }, memo: { glance: { run: week.run, without: week.without } } };
    },
    signal: async ({ name }: { name: string }, payload: object) => void server.told.push({ id, name, ...payload }),
  });
  const list = async function* ({ query }: { query: string }) {
    const { run, without, before } = weeks[/^WorkflowId = "(.*)"$/.exec(query)![1]!]!;
    for (const glance of [{ run, without }, ...(before ? [before] : [])]) yield { memo: { glance } };
  };
  return { server, client: { connection, workflow: { getHandle, list } } as unknown as Client };
}

/** The herald's pauses of two seconds end here when the test says so: gives what has it look again. */
function pausesToEnd(): () => Promise<void> {
  const pause = vi.mocked(setTimeout);
  const real = pause.getMockImplementation() as typeof setTimeout;
  const ends: (() => void)[] = [];
  pause.mockImplementation((milliseconds = 0, value, options) => {
    const whole = real(milliseconds, value, options);
    if (milliseconds < 1_000) return whole;
    return Promise.race([whole, new Promise((end) => ends.push(() => end(value)))]);
  });
  onTestFinished(() => void pause.mockReset());
  return async () => {
    await expect.poll(() => ends.length, patiently).toBeGreaterThan(0);
    ends.shift()?.();
  };
}

/** Until it is aborted, or the test is over. */
function herald(ledger: Ledger, client: Client): { abort(): void; going: Promise<void> } {
  const ended = new AbortController();
  const going = reportClosings('PC2', ledger, client, ended.signal);
  onTestFinished(() => {
    ended.abort();
    return going;
  });
  return { abort: () => ended.abort(), going };
}

async function openLedger(): Promise<Ledger> {
  return ledgerOf(await temporaryMachine(), undo);
}

async function closedWithoutTheWeek(ledger: Ledger, run: string, plan: string): Promise<void> {
  await ledger.open(run, plan);
  await ledger.emergency(run, 'ada (ada@desk)');
}

/** The lines of the worker's log from now on. */
function warnings(): () => string[] {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  return () => written.mock.calls.map(([line]) => String(line));
}

/** More than one look of the herald. */
const patiently = { timeout: 20_000, interval: 20 };
const toldOf = (run: string, plan: string) => ({ id: `hubshift-${plan}`, name: 'ledgerClosed', run, machine: 'PC2' });

it('tells the running week of a run that was closed without it, once, and every such run', async () => {
  const lookAgain = pausesToEnd();
  const ledger = await openLedger();
  const { server, client } = serverWith({
    'hubshift-p': { run: 'p-1', status: 'RUNNING' },
    'hubshift-q': { run: 'q-1', status: 'RUNNING' },
  });
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  herald(ledger, client);
  await expect.poll(() => server.told, patiently).toEqual([toldOf('p-1', 'p')]);
  // Closed while the herald goes on: when it tells of this one, it has passed the first one again.
  await closedWithoutTheWeek(ledger, 'q-1', 'q');
  await lookAgain();
  await expect.poll(() => server.told, patiently).toEqual([toldOf('p-1', 'p'), toldOf('q-1', 'q')]);
  expect(server.asked).toEqual(['hubshift-p', 'hubshift-q']);
});

it.each<[what: string, close: (ledger: Ledger) => Promise<unknown>, weeks: Weeks]>([
  [
    'that the week itself closed',
    (ledger) => ledger.rollback({ run: 'p-1', scope: 'all' }),
    { 'hubshift-p': { run: 'p-1', status: 'RUNNING' } },
  ],
  ['that is open', async () => undefined, { 'hubshift-p': { run: 'p-1', status: 'RUNNING' } }],
  ['that was kept', (ledger) => ledger.keep('p-1'), { 'hubshift-p': { run: 'p-1', status: 'RUNNING' } }],
  [
    'after which the plan has another run',
    (ledger) => ledger.emergency('p-1', 'ada'),
    { 'hubshift-p': { run: 'p-2', status: 'RUNNING' } },
  ],
  [
    'whose week has ended',
    (ledger) => ledger.emergency('p-1', 'ada'),
    { 'hubshift-p': { run: 'p-1', status: 'COMPLETED' } },
  ],
  ['whose week Temporal does not know', (ledger) => ledger.emergency('p-1', 'ada'), {}],
])('tells nobody of a run %s, which is no trouble', async (_what, close, weeks) => {
  const warned = warnings();
  const ledger = await openLedger();
  await ledger.open('p-1', 'p');
  await close(ledger);
  // Told after the other was passed over: the herald does work.
  await closedWithoutTheWeek(ledger, 'q-1', 'q');
  const { server, client } = serverWith({ ...weeks, 'hubshift-q': { run: 'q-1', status: 'RUNNING' } });
  herald(ledger, client);
  await expect.poll(() => server.told, patiently).not.toEqual([]);
  expect(server.told).toEqual([toldOf('q-1', 'q')]);
  expect(warned()).toEqual([]);
});

it('tries again when the server does not answer, and tells then', async () => {
  const lookAgain = pausesToEnd();
  const warned = warnings();
  const ledger = await openLedger();
  const { server, client } = serverWith({ 'hubshift-p': { run: 'p-1', status: 'RUNNING' } });
  server.answers = false;
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  herald(ledger, client);
  await expect
    .poll(warned, patiently)
    .toEqual([expect.stringMatching(/ WARN the week p-1 can not be told yet.*nobody listens/)]);
  expect(server.told).toEqual([]);
  server.answers = true;
  await lookAgain();
  await expect.poll(() => server.told, patiently).toEqual([toldOf('p-1', 'p')]);
  expect(server.asked.length).toBeGreaterThan(1);
  // Without a deadline, a server that takes the request and says nothing would hold it for ever.
  expect(server.deadlines).toEqual(server.asked.map(() => expect.any(Number)));
});

it('ends when it is aborted between two looks, and looks no more', async () => {
  const ledger = await openLedger();
  const { server, client } = serverWith({ 'hubshift-p': { run: 'p-1', status: 'RUNNING' } });
  const looks = vi.spyOn(ledger, 'runs');
  const { abort, going } = herald(ledger, client);
  await expect.poll(() => looks.mock.settledResults[0]?.type, patiently).toBe('fulfilled');
  abort();
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  await going;
  expect(server.asked).toEqual([]);
});

it('does not look at all when it was aborted before', async () => {
  const ledger = await openLedger();
  const { server, client } = serverWith({ 'hubshift-p': { run: 'p-1', status: 'RUNNING' } });
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  await reportClosings('PC2', ledger, client, AbortSignal.abort());
  expect(server.asked).toEqual([]);
});

it('ends in the middle of a look when it is aborted there, and tells no other week', async () => {
  const ledger = await openLedger();
  const { server, client } = serverWith({
    'hubshift-p': { run: 'p-1', status: 'RUNNING' },
    'hubshift-q': { run: 'q-1', status: 'RUNNING' },
  });
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  await closedWithoutTheWeek(ledger, 'q-1', 'q');
  const ended = new AbortController();
  const closing = ledger.closing.bind(ledger);
  vi.spyOn(ledger, 'closing').mockImplementation((run) => {
    ended.abort();
    return closing(run);
  });
  await reportClosings('PC2', ledger, client, ended.signal);
  expect(server.told).toHaveLength(1);
});

it.each<[what: string, weeks: Weeks, closes: boolean]>([
  [
    'its week has ended without this machine',
    { 'hubshift-p': { run: 'p-1', status: 'COMPLETED', without: ['PC2'] } },
    true,
  ],
  [
    'its week has ended so, and another has begun',
    { 'hubshift-p': { run: 'p-2', status: 'RUNNING', before: { run: 'p-1', without: ['PC2'] } } },
    true,
  ],
  [
    'its week has ended without another machine',
    { 'hubshift-p': { run: 'p-1', status: 'COMPLETED', without: ['MainPC'] } },
    false,
  ],
  ['its week runs', { 'hubshift-p': { run: 'p-1', status: 'RUNNING' } }, false],
])('of a run that is open, %s: whether its ledger is closed', async (_what, weeks, closes) => {
  warnings();
  const lookAgain = pausesToEnd();
  const ledger = await openLedger();
  await ledger.open('p-1', 'p');
  const { server, client } = serverWith(weeks);
  herald(ledger, client);
  await expect.poll(() => server.asked.length, patiently).toBeGreaterThan(0);
  await lookAgain();
  await expect
    .poll(() => ledger.closing('p-1').then((closing) => closing?.by), patiently)
    .toBe(closes ? 'the week' : undefined);
  expect(
    await ledger.open('p-1', 'p').then(
      () => true,
      () => false,
    ),
  ).toBe(!closes);
});

const wentWithoutPC2 = (run: string): Weeks => ({ 'hubshift-p': { run, status: 'COMPLETED', without: ['PC2'] } });
const command = (run: string) => `command="hubshift rollback --emergency --run ${run}"`;
const saying = (lines: string[], what: string) => lines.filter((line) => line.includes(what)).length;

/** With a change that can't be taken back: it stands. */
async function ledgerWithChange(run: string): Promise<Ledger> {
  const ledger = ledgerOf(await temporaryMachine(), async () => ({ result: 'failed', detail: 'it died' }));
  await ledger.open(run, 'p');
  await ledger.change(
    { run, step: '2A.deploy.container' },
    'edgehub',
    async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: '', stopGraceMs: 0 }),
    async () => undefined,
  );
  return ledger;
}

it.each<[what: string, run: string, end: (ledger: Ledger, run: string) => Promise<unknown>]>([
  ['open', 'p-open', async () => undefined],
  ['kept by a GO', 'p-kept', (ledger, run) => ledger.keep(run)],
  ['closed in the middle of its undo', 'p-died', (ledger, run) => ledger.rollback({ run, scope: 'all' })],
])(
  'closes the ledger of a run that was %s and ended without this machine, and says the command',
  async (_what, run, end) => {
    const warned = warnings();
    const ledger = await ledgerWithChange(run);
    await end(ledger, run);
    const { client } = serverWith(wentWithoutPC2(run));
    herald(ledger, client);
    await expect.poll(() => saying(warned(), command(run)), { timeout: 5_000 }).toBe(1);
    expect(await ledger.runs()).toMatchObject([{ run, state: 'closed' }]);
    // Another week does not begin over it.
    await expect(ledger.open('p-next', 'p')).rejects.toThrow(`still has 1 changes of run ${run}`);
  },
);

it('says no command where nothing stands', async () => {
  const warned = warnings();
  const ledger = await openLedger();
  await ledger.open('p-empty', 'p');
  const { abort, going } = herald(ledger, serverWith(wentWithoutPC2('p-empty')).client);
  await expect.poll(() => ledger.closing('p-empty').then((closing) => closing?.by), patiently).toBe('the week');
  abort();
  await going;
  expect(warned()).toEqual([]);
});

it('says that it can not close the ledger, and closes it when it can', async () => {
  const warned = warnings();
  const lookAgain = pausesToEnd();
  const ledger = await ledgerWithChange('p-full');
  const full = vi.spyOn(ledger, 'close').mockRejectedValue(new Error('ENOSPC: no space left on device'));
  herald(ledger, serverWith(wentWithoutPC2('p-full')).client);
  await expect.poll(() => saying(warned(), 'ENOSPC'), { timeout: 5_000 }).toBe(1);
  full.mockRestore();
  await lookAgain();
  await expect.poll(() => saying(warned(), command('p-full')), { timeout: 5_000 }).toBe(1);
  expect((await ledger.closing('p-full'))?.by).toBe('the week');
});

it('goes through the list of weeks once for a kept run of long ago, not at every look', async () => {
  const lookAgain = pausesToEnd();
  const ledger = await ledgerWithChange('p-1');
  await ledger.keep('p-1');
  const { server, client } = serverWith({
    'hubshift-p': { run: 'p-2', status: 'RUNNING', before: { run: 'p-1', without: [] } },
  });
  const lists = vi.spyOn(client.workflow, 'list');
  herald(ledger, client);
  for (const looks of [1, 2, 3]) {
    await expect.poll(() => server.asked.length, { timeout: 2_000 }).toBe(looks);
    await lookAgain();
  }
  expect(lists).toHaveBeenCalledTimes(1);
});

it('says why it can not read the ledger, once for each reason, and goes on when it can', async () => {
  const warned = warnings();
  const lookAgain = pausesToEnd();
  const ledger = await openLedger();
  await closedWithoutTheWeek(ledger, 'p-1', 'p');
  const broken = vi.spyOn(ledger, 'runs');
  const because = (reason: string) => broken.mockRejectedValue(new Error(reason));
  const looks = (times: number) => expect.poll(() => broken.mock.calls.length, patiently).toBeGreaterThanOrEqual(times);
  because('a ledger of version 3');
  const { server, client } = serverWith({ 'hubshift-p': { run: 'p-1', status: 'RUNNING' } });
  herald(ledger, client);
  for (const times of [1, 2, 3]) {
    await looks(times);
    if (times === 2) because('EIO: i/o error');
    await lookAgain();
  }
  await looks(4);
  expect(saying(warned(), 'a ledger of version 3')).toBe(1);
  expect(saying(warned(), 'EIO: i/o error')).toBe(1);
  broken.mockRestore();
  await lookAgain();
  await expect.poll(() => server.told, patiently).toEqual([toldOf('p-1', 'p')]);
});
