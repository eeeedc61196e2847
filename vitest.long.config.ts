// Tests in the lab that take longer than `npm test` may: run by hand.
import { defineConfig } from 'vitest/config';
import lab from './vitest.lab.config.ts';

export default defineConfig({
  test: { ...lab.test, include: ['test/long/**/*.test.ts'], testTimeout: 6 * 60 * 60_000 },
});
