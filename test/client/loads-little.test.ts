// In an emergency the start of the command counts: what it does not need it does not load.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');

/** Packages that come with a file when it is loaded: all that it imports, but for types and for what it loads when it is wanted. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, what = '', from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )(.*?)'([^']+)';$/gms,
  )) {
    if (/^\{(?:\s*type [\w ]+,?)*\s*\} from $/.test(what)) continue;
    if (!from.startsWith('.')) packages.add(from);
    else for (const name of packagesOf(join(dirname(file), from), seen)) packages.add(name);
  }
  return packages;
}

const slow = ['@temporalio/client', '@temporalio/worker', '@temporalio/workflow', 'dockerode', 'nats', 'execa'];
const slowOf = (...files: string[]) =>
  slow.filter((name) => files.some((file) => packagesOf(join(project, file)).has(name)));

it('finds what is loaded at all', () => {
  expect(existsSync(join(project, 'client/hubshift.ts'))).toBe(true);
  expect(slowOf('client/commands/progress.ts')).toContain('@temporalio/client');
  expect(slowOf('client/local-rollback/undo-here.ts')).toContain('dockerode');
});

it('until it knows who is there: nothing that talks to Temporal or drives a machine', () => {
  expect(
    slowOf(
      'client/hubshift.ts',
      'client/commands/rollback.ts',
      'client/commands/emergency.ts',
      'client/local-rollback/rollback.ts',
    ),
  ).toEqual([]);
});

it('for a rollback here: nothing that talks to Temporal or NATS', () => {
  expect(slowOf('client/local-rollback/undo-here.ts')).toEqual(['dockerode', 'execa']);
});

it("for what this machine's ledger says: nothing that drives a machine, as the week may take the order", () => {
  expect(slowOf('client/local-rollback/here.ts')).toEqual([]);
});

it('for an order to the week: nothing that drives a machine', () => {
  expect(slowOf('client/local-rollback/week.ts')).toEqual(['@temporalio/client', '@temporalio/workflow']);
});
