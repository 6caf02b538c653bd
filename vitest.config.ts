import { defineConfig } from 'vitest/config';

const SWEEPS = 'test/crash/**/*.sweep.test.ts';

export default defineConfig({
  test: {
    passWithNoTests: true,
    maxWorkers: 2,
    setupFiles: ['test/fail-on-warning.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/domain/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text'],
      thresholds: { 100: true },
    },
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [SWEEPS],
          testTimeout: 30_000,
        },
      },
      { extends: true, test: { name: 'crash', include: [SWEEPS], testTimeout: 600_000 } },
    ],
  },
});
