// Weeks in the lab: real daemons, one after the other. Needs root.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/lab/week/**/*.test.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
    hookTimeout: 20 * 60_000,
    bail: 1,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
