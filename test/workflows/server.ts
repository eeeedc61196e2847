// The time-skipping server of a file of tests.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { timeSkippingLab, type Lab } from './harness.ts';

const startsWithinMs = 120_000;

/** Started before the first test and ended after the last; anew where it has lost a week. `limitMs`: how long the work on one week may take. */
export function useServer(limitMs?: number): Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await timeSkippingLab(limitMs);
  }, startsWithinMs);
  beforeEach(async () => {
    if (!lab?.isLost()) return;
    await lab.close();
    lab = await timeSkippingLab(limitMs);
  }, startsWithinMs);
  afterAll(() => lab?.close());
  return new Proxy({} as Lab, { get: (_, member: keyof Lab) => lab?.[member] });
}
