// Every state that a crash can leave a machine in, and that a sync less is found.
import { describe, expect, it, vi } from 'vitest';
import { record } from './machine.ts';
import { statesOf, tryState } from './states.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('./programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({ awaitReady: async (url: string) => ({ url, ok: true }) }));
vi.setConfig({ testTimeout: 600_000 });

it('is undone from every state, and truthfully', async () => {
  const started = performance.now();
  const recorded = await record();
  const states = statesOf(recorded);
  const wrong: string[] = [];
  for (const state of states) wrong.push(...(await tryState(recorded, state)));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(
    `${states.length} crash states of ${recorded.operations.length} operations tried in ${seconds} s\n`,
  );
  expect(wrong).toEqual([]);
  expect(states.length).toBeGreaterThan(3_000);
});

describe('without the sync of', () => {
  it.each([
    ["the ledger's lines", /\/state\/ledger\.jsonl$/, /^the ledger lost what was acted upon/],
    ["the ledger's name in its directory", /\/state$/, /^the ledger lost what was acted upon/],
    ["its directory's name", /^\/crash$/, /^the ledger lost what was acted upon/],
    [
      'a backup',
      /\/backups\/.*\/\.3-edge\.yml\.[0-9a-f]+\.hubshift$/,
      /^\/etc\/edge\.yml failed: .* is not what was kept/,
    ],
    ["a backup's name", /\/backups\/week-1$/, /The backup of .* is gone/],
    ['the directory of the backups', /\/state\/backups$/, /The backup of .* is gone/],
    ['a new file', /\/pc2\/observability\/\.edge\.yml\.[0-9a-f]+\.hubshift$/, /is neither old nor new/],
    ["a new file's name, and of its removal", /\/pc2\/observability$/, /is neither old nor new/],
    ['a new directory, and of its removal', /\/crash\/root$/, /is neither old nor new/],
    ["an agent's file", /\/code\/\.agent\.yaml\.[0-9a-f]+\.hubshift$/, /\/code\/agent\.yaml is neither old nor new/],
    ["the names beside an agent's file", /\/root\/code$/, /is neither old nor new/],
    ['a file that is written over', /\/hub\/hub\.yml$/, /\/hub\/hub\.yml is neither old nor new/],
    ['the copy of such a file', /\/in-place\/\..*\.hubshift$/, /\/hub\/hub\.yml is neither old nor new/],
    ["the copy's name", /\/in-place$/, /\/hub\/hub\.yml is neither old nor new/],
  ])('%s, a state is found that is wrong', async (_, path, expected) => {
    const recorded = await record((synced) => path.test(synced));
    const losses = statesOf(recorded).filter(
      ({ fate }) =>
        fate === 'all lost' || (typeof fate === 'object' && 'lost' in fate && !fate.lost.path.includes('/lock')),
    );
    for (const state of losses) {
      const [wrong] = await tryState(recorded, state);
      if (!wrong) continue;
      expect(wrong).toMatch(expected);
      return;
    }
    throw new Error('None is');
  });
});
