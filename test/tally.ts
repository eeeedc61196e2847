// What the parts of `npm test` add up to.

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** As much of vitest's JSON as is counted. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

/** A part that did not end well, or in which nothing ran, counts as a failure even where no test says so. */
export function tally(endedWell: boolean, report: Report | undefined): Tally {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  return {
    passed,
    failed: endedWell && passed > 0 ? failed : Math.max(1, failed),
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

export function add(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

export function exitCode({ passed, failed }: Tally): number {
  return passed > 0 && failed === 0 ? 0 : 1;
}

export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
