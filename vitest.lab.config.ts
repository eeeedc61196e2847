// Weeks in the lab: real daemons, one after the other. Needs root.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In the order of their names, but those that want another lab at the end, so that the others find one lab throughout. */
class OneLabAfterTheOther extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const wantsAnother = ({ moduleId }: TestSpecification) => Number(moduleId.includes('/renamed'));
    return [...files].sort((a, b) => wantsAnother(a) - wantsAnother(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ['test/lab/week/**/*.test.ts'],
    globalSetup: ['test/lab/week/setup.ts'],
    sequence: { sequencer: OneLabAfterTheOther },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
    hookTimeout: 20 * 60_000,
    teardownTimeout: 2 * 60_000,
    // One fault shows in every file that it concerns; a product that fails everywhere ends the run before CI does.
    bail: 10,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
