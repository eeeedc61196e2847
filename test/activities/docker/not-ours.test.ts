// Containers of others under the week's names: refused by name, or taken over with leave of the plan and started again by the undo.
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { specDigest } from '../../../activities/docker/container-spec.ts';
import type { ToyContainer } from './toy-docker.ts';
import { change, machine, spec } from './toy-machine.ts';

/** Somebody's container with the name of ours. */
const theirs = (config: object = {}, status: ToyContainer['status'] = 'running'): ToyContainer => ({
  id: 'theirs',
  status,
  config: { Image: 'theirs:1', HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } }, ...config },
});
const labels = (run: string) => ({ Labels: { 'io.hubshift.spec': specDigest(spec), 'io.hubshift.run': run } });
const changing = (requests: string[]) => requests.filter((request) => !request.startsWith('GET'));
const other = { run: 'week-0', step: '2A.deploy.container' };
const all = { run: change.run, scope: 'all' } as const;

describe('a container that this run did not make', () => {
  it.each([
    ['of the user', theirs(), 'not made by hubshift'],
    [
      'of a run that no ledger knows',
      theirs(labels('lost')),
      'made by run lost, which the ledger of this machine does not know',
    ],
    ['that is stopped', theirs({}, 'exited'), 'theirs:1, exited, created 2026-01-01T00:00:00Z'],
  ])('%s is refused by name, before anything is changed', async (_, found, said) => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', found);
    await expect(containers.deployContainer({ change, spec })).rejects.toMatchObject({
      type: 'ForeignContainer',
      nonRetryable: true,
      message: expect.stringMatching(new RegExp(`PC2 already has a container edgehub .*${said}.*adopt: \\[edgehub\\]`)),
    });
    expect(changing(toy.requests)).toEqual([]);
    expect(await ledger.entries(change.run)).toEqual([]);
  });

  it.each(['the same', 'another'])('but a run that was kept, of %s specification, is refused too', async (which) => {
    const { toy, ledger, containers } = await machine();
    await ledger.open('week-0', 'plan');
    await containers.deployContainer({ change: other, spec });
    await ledger.keep('week-0');
    toy.requests.length = 0;
    const next = which === 'the same' ? spec : { ...spec, command: [] };
    await expect(containers.deployContainer({ change, spec: next })).rejects.toMatchObject({
      message: expect.stringContaining('made by run week-0, which was kept by its GO'),
    });
    expect(changing(toy.requests)).toEqual([]);
    expect(await ledger.rollback(all)).toEqual([]);
    expect(toy.containers.get('edgehub')).toMatchObject({ id: 'id1', status: 'running' });
  });

  it('is not removed by an undo, which names it', async () => {
    const { toy, ledger, containers } = await machine();
    await containers.deployContainer({ change, spec });
    for (const found of [theirs(labels('week-2')), theirs()]) {
      toy.containers.set('edgehub', found);
      const [undone] = await ledger.rollback({ ...all, dryRun: true });
      expect(undone).toMatchObject({
        result: 'left',
        detail: expect.stringMatching(/edgehub on PC2.*(week-2|not ours)/),
      });
    }
    expect(await ledger.rollback(all)).toMatchObject([{ result: 'left' }]);
    expect(toy.containers.get('edgehub')?.id).toBe('theirs');
  });
});

describe('a container that the plan adopts', () => {
  const adopting = { change, spec, adopt: true };

  it('is put aside, where it stays stopped, and the undo starts the very same again', async () => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', theirs());
    expect(await containers.deployContainer(adopting)).toMatchObject({ action: 'created' });
    expect(toy.containers.get('edgehub')).toMatchObject({ id: 'id1', status: 'running' });
    expect(toy.containers.get('edgehub.before-week-1')).toMatchObject({
      id: 'theirs',
      status: 'exited',
      config: { HostConfig: { RestartPolicy: { Name: 'no' } } },
    });
    // Again, as a step that is tried again does.
    expect(await containers.deployContainer(adopting)).toMatchObject({ id: 'id1', action: 'kept' });

    const foreseen = await ledger.rollback({ ...all, dryRun: true });
    expect(foreseen.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'container.remove undone',
      'container.restore undone',
    ]);
    expect(await ledger.rollback(all)).toMatchObject([{ result: 'undone' }, { result: 'undone', target: 'edgehub' }]);
    expect([...toy.containers]).toEqual([['edgehub', theirs()]]);
    expect(await ledger.remaining(change.run)).toEqual([]);
  });

  it('is not stopped after the end of its window; what was put aside by then is taken over', async () => {
    const { toy, containers } = await machine();
    toy.containers.set('edgehub', theirs());
    const late = { ...adopting, notAfterMs: Date.now() - 1 };
    await expect(containers.deployContainer(late)).rejects.toMatchObject({ type: 'OutOfHours' });
    expect(changing(toy.requests)).toEqual([]);
    toy.intercept = (request) =>
      request.startsWith('POST rename') ? { status: 500, body: { message: 'the disk is full' } } : undefined;
    await expect(containers.deployContainer(adopting)).rejects.toThrow('the disk is full');
    toy.intercept = () => undefined;
    expect(await containers.deployContainer(late)).toMatchObject({ action: 'created' });
  });

  it.each(['exited', 'paused'] as const)('that was %s is so again', async (status) => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', theirs({}, status));
    await containers.deployContainer(adopting);
    await ledger.rollback(all);
    expect([...toy.containers]).toEqual([['edgehub', theirs({}, status)]]);
  });

  it('of a kept run is given back with its label, so that its own rollback still knows it', async () => {
    const { toy, ledger, containers } = await machine();
    await ledger.open('week-0', 'plan');
    await containers.deployContainer({ change: other, spec });
    await ledger.keep('week-0');
    await containers.deployContainer({ ...adopting, spec: { ...spec, command: [] } });
    await ledger.rollback(all);
    expect(toy.containers.get('edgehub')).toMatchObject({ id: 'id1', status: 'running' });
    expect(await ledger.rollback({ run: 'week-0', scope: 'all' })).toMatchObject([{ result: 'undone' }]);
    expect(toy.containers.size).toBe(0);
  });

  it.each(['update', 'stop', 'rename', 'create', 'start'])(
    'is back after a deployment that failed at its %s, and one that is tried again goes on from there',
    async (verb) => {
      const { toy, ledger, containers } = await machine();
      const fail = (request: string) =>
        request.startsWith(`POST ${verb}`) ? { status: 500, body: { message: 'the disk is full' } } : undefined;
      // After a create the undo waits for what may still come: see below.
      for (const goesOn of verb === 'create' ? [true] : [true, false]) {
        toy.containers.clear();
        toy.containers.set('edgehub', theirs());
        toy.intercept = fail;
        await expect(containers.deployContainer(adopting)).rejects.toThrow('the disk is full');
        toy.intercept = () => undefined;
        if (goesOn) {
          await containers.deployContainer(adopting);
          expect(toy.containers.get('edgehub')).toMatchObject({ status: 'running', config: { Image: spec.image } });
        }
        await ledger.rollback({ run: change.run, scope: { task: '2A' } });
        expect([...toy.containers], `${goesOn}`).toEqual([['edgehub', theirs()]]);
      }
    },
  );

  it('is not started over another that has its name by now, and not missed silently', async () => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', theirs());
    await containers.deployContainer(adopting);
    toy.containers.set('edgehub', { ...theirs(), id: 'third' });
    expect(await ledger.rollback(all)).toMatchObject([
      { kind: 'container.remove', result: 'left' },
      { kind: 'container.restore', result: 'left', detail: expect.stringMatching(/stays as edgehub\.before-week-1/) },
    ]);
    expect(toy.containers.get('edgehub')?.id).toBe('third');
  });

  it('and was removed since is named', async () => {
    const { toy, ledger, containers } = await machine();
    toy.containers.set('edgehub', theirs());
    await containers.deployContainer(adopting);
    toy.containers.delete('edgehub.before-week-1');
    expect((await ledger.rollback(all))[1]).toMatchObject({
      result: 'left',
      detail: expect.stringMatching(/theirs:1.*is gone: somebody removed it/),
    });
  });

  it('can not be one that goes when it is stopped', async () => {
    const { toy, containers } = await machine();
    toy.containers.set('edgehub', theirs({ HostConfig: { AutoRemove: true } }));
    await expect(containers.deployContainer(adopting)).rejects.toMatchObject({
      type: 'ForeignContainer',
      message: expect.stringContaining('--rm'),
    });
    expect(changing(toy.requests)).toEqual([]);
  });
});

describe('a create that Docker is still at', () => {
  it('when the activity is cancelled is found by the undo', async () => {
    const { toy, ledger, containers } = await machine();
    let made = () => {};
    const letGo = new Promise<void>((resolve) => (made = resolve));
    const asked = new Promise<void>((resolve) => {
      toy.before = (request) => {
        if (!request.startsWith('POST create')) return undefined;
        resolve();
        return letGo;
      };
    });
    const activity = new MockActivityEnvironment();
    const deploying = activity.run(() => containers.deployContainer({ change, spec }));
    await asked;
    activity.cancel();
    await expect(deploying).rejects.toThrow();

    const undoing = ledger.rollback(all);
    await expect
      .poll(() => toy.requests.filter((request) => request === 'GET inspect edgehub').length)
      .toBeGreaterThan(3);
    made();
    expect(await undoing).toMatchObject([{ kind: 'container.remove', result: 'undone' }]);
    expect(toy.containers.size).toBe(0);
  });

  it('by somebody else under the name is not removed', async () => {
    const { toy, ledger, containers } = await machine();
    toy.intercept = (request) =>
      request.startsWith('POST create') ? { status: 500, body: { message: 'killed' } } : undefined;
    await expect(containers.deployContainer({ change, spec })).rejects.toThrow('killed');
    const undoing = ledger.rollback(all);
    toy.containers.set('edgehub', theirs());
    expect(await undoing).toMatchObject([{ result: 'left' }]);
    expect(toy.containers.size).toBe(1);
  });
});
