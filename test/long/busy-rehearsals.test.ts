// An hour: ten whole rehearsals while something else takes one core. What fails in one is a false failure, since nothing is broken.
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { follow, must, notPassed, report } from '../lab/week/lab.ts';
import { useLab } from '../lab/week/use-lab.ts';

const rehearsals = Number(process.env['HUBSHIFT_REHEARSALS'] ?? 10);
const minute = 60_000;

const lab = useLab();
const stop = new AbortController();

beforeAll(() => {
  execa('node', ['-e', 'for (;;);'], { cancelSignal: stop.signal, reject: false });
});
afterAll(() => stop.abort());

test(`nothing fails in ${rehearsals} rehearsals`, async () => {
  const failed: string[] = [];
  for (let nth = 1; nth <= rehearsals; nth += 1) {
    await must('start', '--yes', '--rehearsal', '10000');
    await follow(({ glance }) => ['deciding', 'failed', 'paused'].includes(glance.status), 20 * minute);
    const found = notPassed(await report()).filter((row) => !row.includes(': open: '));
    console.log(`rehearsal ${nth}: ${found.length === 0 ? 'every row passes' : found.join('; ')}`);
    failed.push(...found.map((row) => `rehearsal ${nth}: ${row}`));
    await must('rollback', '--reason', 'the next rehearsal');
    expect(await lab.changes()).toEqual([]);
  }
  expect(failed).toEqual([]);
});
