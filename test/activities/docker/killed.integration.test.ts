// A worker that is killed while Docker makes a container for it: Docker goes on, and the undo finds what comes of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ContainerSpec } from '../../../plan/machine-api/containers.ts';
import { change, machine, spec, type Machine } from './toy-machine.ts';

/** Killed when the daemon has its request, which is done when `made` is called. */
async function killedInCreate(on?: Machine & { spec: ContainerSpec }) {
  const { host, toy, ledger } = on ?? (await machine());
  let made = () => {};
  const waits = new Promise<void>((resolve) => (made = resolve));
  const asked = new Promise<void>((resolve) => {
    toy.before = (request) => {
      if (!request.startsWith('POST create')) return undefined;
      resolve();
      return waits;
    };
  });
  const script = join(import.meta.dirname, 'deploy.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, host.state, toy.socketPath, JSON.stringify(on?.spec ?? spec)],
    { stdio: 'inherit' },
  );
  const exited = once(child, 'exit');
  await asked;
  child.kill('SIGKILL');
  await exited;
  return { toy, ledger, made };
}

it('removes a container that is there only after the undo began to look', { timeout: 60_000 }, async () => {
  const { toy, ledger, made } = await killedInCreate();
  expect(await ledger.entries(change.run)).toMatchObject([{ n: 1, done: false }]);
  toy.requests.length = 0;
  const undoing = ledger.emergency(change.run, 'ada (ada@desk)');
  await expect.poll(() => toy.requests.length).toBeGreaterThan(2);
  made();
  expect(await undoing).toMatchObject([{ target: 'edgehub', result: 'undone' }]);
  expect(toy.containers.size).toBe(0);
});

it('also when it was deployed before, and was being made anew', { timeout: 60_000 }, async () => {
  const first = await machine();
  await first.containers.deployContainer({ change, spec });
  const { toy, ledger, made } = await killedInCreate({ ...first, spec: { ...spec, command: ['--other'] } });
  expect(toy.containers.size).toBe(0);
  const undoing = ledger.rollback({ run: change.run, scope: 'all' });
  made();
  expect(await undoing).toMatchObject([{ target: 'edgehub', result: 'undone' }]);
  expect(toy.containers.size).toBe(0);
});

it('also when Docker has said no to the next attempt', { timeout: 60_000 }, async () => {
  const first = await machine();
  const { toy, ledger, made } = await killedInCreate({ ...first, spec });
  toy.intercept = (request) =>
    request.startsWith('POST create') ? { status: 500, body: { message: 'no such driver' } } : undefined;
  await expect(first.containers.deployContainer({ change, spec })).rejects.toThrow('no such driver');
  toy.requests.length = 0;
  const undoing = ledger.rollback({ run: change.run, scope: 'all' });
  await expect.poll(() => toy.requests.length).toBeGreaterThan(2);
  made();
  expect(await undoing).toMatchObject([{ target: 'edgehub', result: 'undone' }]);
  expect(toy.containers.size).toBe(0);
});

it('ends when nothing comes of it', { timeout: 60_000 }, async () => {
  const { toy, ledger } = await killedInCreate();
  expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([{ result: 'already' }]);
  expect(toy.containers.size).toBe(0);
});
