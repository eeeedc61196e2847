// Everything that needs no lab. `quick` needs nothing but the packages; `integration` has programs, servers and weeks on the
// time-skipping server, and installs what is missing.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { askedTooLate, lostWeek } from './test/workflows/lost.ts';

const integration = ['test/**/*.integration.test.ts'];
const elsewhere = ['test/lab/week/**', 'test/long/**'];

/** Files that take a minute or more: what begins last should be short. */
const long = [
  ...['waves', 'sabotage', 'waiting', 'week', 'emergency', 'soak', 'gone'].map((name) => `workflows/${name}`),
  'activities/agents/way-back',
  'activities/crash/states',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      long.some((name) => moduleId.endsWith(`/test/${name}.integration.test.ts`));
    return (await super.sort(files)).sort((one, other) => Number(isLong(other)) - Number(isLong(one)));
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // One more than CI has cores: a third of the integration tests' time is waiting.
    maxWorkers: 3,
    teardownTimeout: 30_000,
    onUnhandledError: (error) => !askedTooLate(error),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...integration, ...elsewhere],
          setupFiles: ['test/quick.ts'],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: integration,
          exclude: elsewhere,
          globalSetup: ['test/install.ts'],
          retry: { count: 2, condition: lostWeek },
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
