// Workers that run together: the first that fails is what is said, and nothing holds the connection afterwards.
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runWorkers } from '../../workers/run-workers.ts';

/** As the SDK's: it holds the connection from its making to the end of its run. */
function connection() {
  const held = new Set<string>();
  const create =
    ({ unmade, failing, drainMs = 20 }: { unmade?: string; failing?: string; drainMs?: number }) =>
    async (queue: string) => {
      if (queue === unmade) throw new Error(`${queue} can't be made`);
      held.add(queue);
      const runUntil = async (told: unknown) => {
        if (queue !== failing) await told;
        await setTimeout(queue === failing ? 0 : drainMs);
        held.delete(queue);
        if (queue === failing) throw new Error(`${queue} failed`);
        return undefined as never;
      };
      return { runUntil };
    };
  return { held, create };
}

const untilEnded = ({ ended }: { ended: AbortSignal }) =>
  new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));

it('says why one failed, when the other has ended too', async () => {
  const { held, create } = connection();
  const running = runWorkers(create({ failing: 'one' }), ['one', 'two'], new AbortController().signal, untilEnded);
  await expect(running).rejects.toThrow('one failed');
  expect([...held]).toEqual([]);
});

it('ends the one that was made when the next can not be', async () => {
  const { held, create } = connection();
  const running = runWorkers(create({ unmade: 'two' }), ['one', 'two'], new AbortController().signal, untilEnded);
  await expect(running).rejects.toThrow("two can't be made");
  expect([...held]).toEqual([]);
});

it('serves one more queue until it is told, or until all end', async () => {
  const { held, create } = connection();
  const [stopping, until] = [new AbortController(), new AbortController()];
  await runWorkers(create({ drainMs: 0 }), ['one'], stopping.signal, async ({ ended, alsoServe }) => {
    await alsoServe('two', until.signal);
    await alsoServe('three', new AbortController().signal);
    until.abort();
    await expect.poll(() => [...held]).toEqual(['one', 'three']);
    stopping.abort();
    expect(ended.aborted).toBe(true);
  });
  expect([...held]).toEqual([]);
});
