// What the parts of `npm test` add up to.
import { relative } from 'node:path';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** Who failed, as a person would look for it. */
  names: string[];
}

/** As much of vitest's JSON as is counted. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, names: [] };

/** A part that did not end well, or in which nothing ran, counts as a failure even where no test says so. */
export function tally(endedWell: boolean, report: Report | undefined): Tally {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  const well = endedWell && passed > 0 && failed === 0;
  const names = (report?.testResults ?? []).flatMap(failedIn);
  return {
    passed,
    failed: well ? 0 : Math.max(1, failed),
    names: well || names.length > 0 ? names : ['as a whole'],
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

export function add(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    names: [...one.names, ...other.names],
  };
}

export function exitCode({ passed, failed }: Tally): number {
  return passed > 0 && failed === 0 ? 0 : 1;
}

/** The tests of a file that failed, or the file where a hook or an import did, and why: often only the end of a log is kept. */
function failedIn({ name, status, message, assertionResults }: Report['testResults'][number]): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length > 0)
    return failed.map(({ fullName, failureMessages }) => withReason(`${file} > ${fullName}`, failureMessages?.[0]));
  return status === 'failed' ? [withReason(file, message)] : [];
}

function withReason(name: string, message = ''): string {
  const [first] = message.trim().split('\n', 1);
  return first ? `${name}\n    ${first.slice(0, 500)}` : name;
}

export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
