// A pilot that must run at the preflight: what comes up just now is waited for, and what does not come up is said as it is.
import { expect, it, vi } from 'vitest';
import type * as polling from '../../../activities/context/polling.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';

const asked = vi.hoisted(() => ({ states: [] as string[], withinMs: 0 }));

vi.mock('../../../activities/programs/programs.ts', () => ({
  programStatus: async (_: unknown, program: string) => {
    const state = asked.states.length > 1 ? asked.states.shift()! : asked.states[0]!;
    return { program, state, pid: state === 'UNKNOWN' ? null : 7, uptimeS: null };
  },
}));
vi.mock('../../../activities/context/polling.ts', async (original) => {
  const { until } = await original<typeof polling>();
  const soon: typeof until = (withinMs, measure, enough) => {
    asked.withinMs = withinMs;
    return until(100, measure, enough, 10);
  };
  return { until: soon };
});

async function runs(...states: string[]) {
  asked.states = states;
  const host = await temporaryMachine();
  const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
  const rights = await checkRights(host, ledgerOf(host, undo), { ...nothing, running: ['toy'] });
  return rights.find(({ what }) => what === 'toy runs');
}

it.each([
  ['runs', ['RUNNING']],
  ['has just been started', ['STARTING', 'STARTING', 'RUNNING']],
  ['comes up at its second try', ['BACKOFF', 'STARTING', 'RUNNING']],
])('one that %s is fine', async (_, states) => {
  expect(await runs(...states)).toEqual({ what: 'toy runs', ok: true, detail: 'RUNNING, pid 7' });
  expect(asked.withinMs).toBeLessThanOrEqual(10_000);
});

it.each(['STARTING', 'BACKOFF'])('one that stays %s is told so, and not that somebody stopped it', async (state) => {
  const said = await runs(state);
  expect(said).toMatchObject({
    ok: false,
    detail: expect.stringMatching(new RegExp(`^toy on PC2 is still ${state}: .*startsecs`)),
  });
  expect(said?.detail).not.toMatch(/is not it/);
});

it.each([['STOPPED'], ['FATAL'], ['STARTING', 'FATAL']])('one that is %s is to be started', async (...states) => {
  expect(await runs(...states)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(new RegExp(`is ${states.at(-1)}, so what answers at its port.*start it`)),
  });
});

it('of one that nobody knows its own right says all', async () => {
  expect(await runs('UNKNOWN')).toMatchObject({ ok: true, detail: expect.stringContaining('program toy') });
});
