// The control worker keeps the state of each week that it runs, goes on when it can't, and adds nothing to the week.
import type { Client } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { state as stateQuery } from '../../workflows/orders/messages.ts';
import { keepStates } from '../../workers/week-states.ts';
import { weekAfter } from '../client/fixtures.ts';

const week = (run: string) => weekAfter(['preflight'], { run });

/** Looks at these weeks, by queue, until so many states were kept. */
async function keptOf(
  weeks: { run: string; taskQueue: string }[],
  wanted: number,
  keep: (state: WeekState) => Promise<void> = async () => {},
) {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const ended = new AbortController();
  const [asked, kept] = [[] as unknown[], [] as string[]];
  const client = {
    connection: { withDeadline: (_: number, work: () => unknown) => work() },
    workflow: {
      list: async function* () {
        for (const { run, taskQueue } of weeks) yield { workflowId: run, taskQueue };
      },
      getHandle: (run: string) => ({
        query: async (question: unknown) => {
          asked.push(question);
          return week(run);
        },
      }),
    },
  } as unknown as Client;
  const keeping = async (state: WeekState) => {
    kept.push(state.run);
    if (kept.length === wanted) ended.abort();
    await keep(state);
  };
  await keepStates(client, (queue) => queue === controlQueue, keeping, ended.signal, 1);
  const said = written.mock.calls.map(([line]) => String(line)).join('');
  written.mockRestore();
  return { asked, kept, said };
}

it('again and again, by a question, of the weeks that it runs', async () => {
  const weeks = [
    { run: 'a', taskQueue: controlQueue },
    { run: 'b', taskQueue: `${controlQueue}.another-build` },
  ];
  const { asked, kept } = await keptOf(weeks, 2);
  expect(kept).toEqual(['a', 'a']);
  expect(asked).toEqual([stateQuery, stateQuery]);
});

it('says why it can not, and tries again', async () => {
  const full = vi.fn().mockRejectedValueOnce(new Error('no space left on device')).mockResolvedValue(undefined);
  const { kept, said } = await keptOf([{ run: 'a', taskQueue: controlQueue }], 2, full);
  expect(kept).toEqual(['a', 'a']);
  expect(said).toContain('no space left on device');
});
