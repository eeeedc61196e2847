// Workers that run together: the first that fails is what is said, and nothing holds the connection afterwards.
import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { aborted, runWorkers } from '../../workers/run-workers.ts';

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

it('waits no longer than a moment for what goes on beside, which then serves no more', async () => {
  const { held, create } = connection();
  const [never, over] = [new AbortController().signal, new AbortController()];
  await runWorkers(create({ drainMs: 0 }), ['one'], never, async ({ renew, alsoServe }) => {
    renew();
    await aborted(over.signal);
    await alsoServe('two', never);
  });
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  over.abort();
  await expect.poll(() => said.mock.calls.join('')).toMatch(/ended error=.*aborted/);
  said.mockRestore();
  expect([...held]).toEqual([]);
});

it('waits for one that is still being made, and for its end', async () => {
  const { held, create } = connection();
  let made = false;
  const slowly = async (queue: string) => {
    if (queue === 'two') await setTimeout(1_300);
    made = queue === 'two';
    return create({ drainMs: 0 })(queue);
  };
  const never = new AbortController().signal;
  await runWorkers(slowly, ['one'], never, async ({ renew, alsoServe }) => {
    const serving = alsoServe('two', never);
    renew();
    await serving;
  });
  expect(made).toBe(true);
  expect([...held]).toEqual([]);
});
