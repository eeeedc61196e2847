// The time-skipping server of a file of tests.
import { afterAll, beforeAll } from 'vitest';
import { timeSkippingLab, type Lab } from './harness.ts';

/** Started before the first test and ended after the last. `limitMs`: how long the work on one week may take. */
export function useServer(limitMs?: number): Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await timeSkippingLab(limitMs);
  }, 120_000);
  afterAll(() => lab?.close());
  return new Proxy({} as Lab, { get: (_, member: keyof Lab) => lab?.[member] });
}
