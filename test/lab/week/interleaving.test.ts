// Both machines undo their ledgers at once, without Temporal, each stopped and let go in random turns: no undo may need the other machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { startTemporal, stopTemporal } from '../../../lab/lab.ts';
import { follow, isStatus, rolledBack, script, startQuickly } from './lab.ts';
import { seeded } from './seeded.ts';
import { endWeek, useLab } from './use-lab.ts';

const seeds = (process.env.HUBSHIFT_INTERLEAVING_SEEDS ?? '11 12 13').split(' ').map(Number);
const minute = 60_000;
const longestTurnMs = 20;

const lab = useLab();
afterEach(() => endWeek(lab));

/** Names of machines in the order in which their entries were undone. */
function undoneBy(run: string): string[] {
  const ends = lab.machines.flatMap(({ name, state }) => {
    const lines = readFileSync(join(state, 'ledger.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n?: number; run?: string; undone?: number; at: number });
    const entries = new Set(lines.filter((line) => line.run === run).map(({ n }) => n));
    return lines.filter(({ undone }) => undone !== undefined && entries.has(undone)).map(({ at }) => ({ name, at }));
  });
  return ends.sort((a, b) => a.at - b.at).map(({ name }) => name);
}

test.each(seeds)('in turns of seed %i both machines come back to Phase 1', async (seed) => {
  const run = await startQuickly();
  await follow(isStatus('deciding'), 4 * minute);
  await stopTemporal('SIGKILL');
  const before = undoneBy(run).length;
  const random = seeded(seed);
  const rollbacks = lab.machines.map(({ name }) => ({
    name,
    ended: false,
    process: execa('node', [script, 'rollback', '--emergency', '--machine', name], {
      timeout: 2 * minute,
      reject: false,
      all: true,
    }),
  }));
  const ends = rollbacks.map(async (one) => {
    const { exitCode, all } = await one.process;
    one.ended = true;
    return { name: one.name, exitCode, all };
  });
  for (let left = rollbacks; left.length > 0; left = rollbacks.filter(({ ended }) => !ended)) {
    const next = left[Math.floor(random() * left.length)]!;
    for (const one of left) one.process.kill(one === next ? 'SIGCONT' : 'SIGSTOP');
    await Promise.race([next.process, setTimeout(1 + random() * longestTurnMs)]);
  }
  for (const { name, exitCode, all } of await Promise.all(ends))
    expect({ name, exitCode }, all).toEqual({ name, exitCode: 0 });
  const turns = undoneBy(run).slice(before);
  const changes = turns.filter((name, index) => index > 0 && name !== turns[index - 1]).length;
  console.log(`seed ${seed}: ${turns.length} entries undone, ${changes} times after one of the other machine`);
  expect(changes).toBeGreaterThan(0);
  expect(await lab.changes()).toEqual([]);
  await startTemporal();
  await rolledBack(minute);
});
