// A program that was taken out of supervisord to be taken up anew, and that supervisord did not take back at once.
import { expect, it, vi } from 'vitest';
import { hasStopped, startStopped, wasStoppedByUs, whileStopped } from '../../../activities/programs/while-stopped.ts';
import { takeUp } from '../../../activities/supervisor/group.ts';
import { temporaryMachine } from '../machine.ts';

/** Of its one program: whether it knows it, and how it is; whether its files have it, whether they can be read, and whether it adds anything. */
const supervisord = vi.hoisted(() => ({ knows: true, state: 'RUNNING', inFiles: true, reads: true, adds: true }));

vi.mock('../../../activities/supervisor/rpc.ts', () => {
  class Fault extends Error {}
  const known = () => {
    if (!supervisord.knows) throw new Fault('BAD_NAME: toy');
  };
  const become = (state: string) => {
    known();
    supervisord.state = state;
    return true;
  };
  const does: Record<string, () => unknown> = {
    getProcessInfo: () => {
      known();
      const pid = supervisord.state === 'RUNNING' ? 7 : 0;
      return { group: 'toy', name: 'toy', statename: supervisord.state, pid, start: 1, stop: 1, now: 9 };
    },
    getAllConfigInfo: () => [],
    stopProcess: () => become('STOPPED'),
    startProcess: () => become('RUNNING'),
    reloadConfig: () => {
      if (!supervisord.reads) throw new Fault('CANT_REREAD: of toy');
      return [[supervisord.inFiles && !supervisord.knows ? ['toy'] : [], [], []]];
    },
    removeProcessGroup: () => {
      known();
      supervisord.knows = false;
      return true;
    },
    addProcessGroup: () => {
      if (!supervisord.adds) throw new Fault('FAILED: no more file descriptors');
      Object.assign(supervisord, { knows: true, state: 'STOPPED' });
      return true;
    },
  };
  return { Fault, call: async (_host: unknown, _limitMs: number, method: string) => does[method]!() };
});

async function takenAway(changes: Partial<typeof supervisord>) {
  Object.assign(supervisord, { knows: true, state: 'RUNNING', inFiles: true, reads: true, adds: true });
  const host = await temporaryMachine();
  const work = async () => {
    Object.assign(supervisord, changes);
    await takeUp(host, 'toy');
  };
  await expect(whileStopped(host, 'toy', 1_000, work)).rejects.toThrow('no more file descriptors');
  return host;
}

it.each([
  ['does not add it', { adds: false }],
  ['can not read its files either', { adds: false, reads: false }],
])('is added and started by whoever comes next, where supervisord %s', async (_, changes) => {
  const host = await takenAway(changes);
  expect(supervisord.knows).toBe(false);
  expect(await wasStoppedByUs(host, 'toy')).toBe(true);
  expect(await startStopped(host, false)).toEqual([expect.stringContaining("it can't be started")]);
  Object.assign(supervisord, { adds: true, reads: true });
  expect(await startStopped(host, false)).toEqual(['toy was stopped and not started again: it was told to start']);
  expect(supervisord).toMatchObject({ knows: true, state: 'RUNNING' });
  expect(await hasStopped(host)).toBe(false);
});

it('is left alone where its files do not have it any more', async () => {
  const host = await takenAway({ adds: false, inFiles: false });
  expect(await hasStopped(host)).toBe(false);
});
