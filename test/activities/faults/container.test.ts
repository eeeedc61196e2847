// A container under a fault that is lifted before its limit.
import type Docker from 'dockerode';
import { describe, expect, it, vi } from 'vitest';
import { faultActivities } from '../../../activities/faults/faults.ts';
import { isAlive } from '../../../activities/host/process.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { change, faults, lifterOf, oneContainer, stop } from './one-container.ts';

/** What is started as the lifter, in place of it. */
let instead: string[] | undefined;
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>();
  const spawn = (program: string, args: string[], options: object) =>
    instead ? real.spawn(process.execPath, instead, options) : real.spawn(program, args, options);
  return { ...real, spawn };
});

describe('a container under a fault', () => {
  it.each(faults)(
    '$kind: runs again when the fault is lifted, and is left alone at the limit',
    { timeout: 20_000 },
    async (fault, did, undid) => {
      const { host, asked, running } = await oneContainer();
      const ledger = ledgerOf(host, undo);
      const faults = faultActivities(host, ledger);
      const first = await faults.injectFault({ change, fault, limitMs: 2_000 });
      expect((await faults.injectFault({ change, fault, limitMs: 2_000 })).at).toBe(first.at);
      const lifter = lifterOf(host);
      await faults.liftFault({ run: change.run, fault });
      await faults.liftFault({ run: change.run, fault });
      expect(running()).toBe(true);
      await expect.poll(() => isAlive(lifter)).toBe(false);
      expect(asked).toEqual([did, undid]);
      expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([{ result: 'already' }]);
    },
  );

  it.each(faults)('$kind: is not begun where what lifts it ends at once, or can not ask Docker', async (fault) => {
    const { host, asked, running } = await oneContainer();
    const inject = () => faultActivities(host, ledgerOf(host, undo)).injectFault({ change, fault, limitMs: 2_000 });
    instead = ['-e', 'throw new Error("no right to the socket")'];
    try {
      await expect(inject()).rejects.toThrow(/^Nothing was disturbed: .*edgehub.*ended with 1.*no right to the socket/);
    } finally {
      instead = undefined;
    }
    const elsewhere = {
      getContainer: (name: string) => host.docker.getContainer(name),
      modem: { socketPath: '/no/such.sock' },
    } as unknown as Docker;
    await expect(
      faultActivities({ ...host, docker: elsewhere }, ledgerOf(host, undo)).injectFault({
        change,
        fault,
        limitMs: 2_000,
      }),
    ).rejects.toThrow(/^Nothing was disturbed: .*ENOENT/);
    expect(asked).toEqual([]);
    expect(running()).toBe(true);
  });

  it('is not started by a rollback that removes it', { timeout: 20_000 }, async () => {
    const { host, asked } = await oneContainer();
    const ledger = ledgerOf(host, undo);
    await ledger.change(
      { run: change.run, step: '2A.deploy.container' },
      'container edgehub',
      async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: 'd', stopGraceMs: 1_000 }),
      async () => undefined,
    );
    await faultActivities(host, ledger).injectFault({ change, fault: stop, limitMs: 2_000 });
    const lifter = lifterOf(host);
    await ledger.rollback({ run: change.run, scope: 'all' });
    await expect.poll(() => isAlive(lifter)).toBe(false);
    expect(asked).not.toContain('start');
  });

  it('is refused where another run or a person has made the container', async () => {
    const { host, asked } = await oneContainer('week-0');
    const ledger = ledgerOf(host, undo);
    await expect(
      faultActivities(host, ledger).injectFault({ change, fault: stop, limitMs: 2_000 }),
    ).rejects.toMatchObject({
      type: 'ForeignContainer',
      message: expect.stringContaining('made by run week-0'),
    });
    expect(asked).toEqual([]);
    expect(await ledger.entries(change.run)).toEqual([]);
  });
});
