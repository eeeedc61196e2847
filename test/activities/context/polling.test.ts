// Measuring again and again: the last measurement counts.
import { expect, it } from 'vitest';
import { until } from '../../../activities/context/polling.ts';

it('gives the last measurement, and whether it was enough', async () => {
  let count = 0;
  const measure = async () => (count += 1);
  expect(await until(1_000, measure, (value) => value === 3, 5)).toMatchObject({ value: 3, done: true });
  expect(await until(20, measure, () => false, 5)).toMatchObject({ done: false });
});
