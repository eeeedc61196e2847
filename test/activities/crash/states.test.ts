// A sample of the states that a crash can leave a machine in. All of them: states.integration.test.ts.
import { expect, it, vi } from 'vitest';
import { record } from './machine.ts';
import { sample, statesOf, tryState } from './states.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('./programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({ awaitReady: async (url: string) => ({ url, ok: true }) }));

const seed = 20_261_126;

it('is undone from 300 of the states, and truthfully', { timeout: 60_000 }, async () => {
  const recorded = await record();
  const states = sample(statesOf(recorded), 300, seed);
  const wrong: string[] = [];
  for (const state of states) wrong.push(...(await tryState(recorded, state)));
  process.stdout.write(`${states.length} crash states tried (seed ${seed})\n`);
  expect(wrong).toEqual([]);
  expect(new Set(states).size).toBe(300);
});

it(
  'finds among all states one that is wrong when lines of the ledger are not synced',
  { timeout: 60_000 },
  async () => {
    const recorded = await record((path) => path.endsWith('/ledger.jsonl'));
    for (const state of statesOf(recorded)) {
      const wrong = await tryState(recorded, state);
      if (wrong.length > 0) return expect(wrong.join('\n')).toContain('the ledger lost what was acted upon');
    }
    throw new Error('None is wrong');
  },
);
