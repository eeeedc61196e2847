// Ten power cuts of PC2 in one week, at seeded instants. Takes about 15 minutes. Three: test/lab/week/power-cuts.test.ts.
import { expect, test } from 'vitest';
import { rollBackAccepting, rowsNameTheCut, throughPowerCuts } from '../lab/week/power-cuts.ts';
import { useLab } from '../lab/week/use-lab.ts';

const seed = Number(process.env['HUBSHIFT_POWER_SEED'] ?? 20261126);
const lab = useLab();

test(`every row ends as without power cuts, or names one (HUBSHIFT_POWER_SEED=${seed})`, async () => {
  await rowsNameTheCut(await throughPowerCuts(seed, 10));
});

test('and the way back ends in Phase 1, once what the cuts did to a bystander is accepted', async () => {
  await rollBackAccepting();
  expect(await lab.changes()).toEqual([]);
});
