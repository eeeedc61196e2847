// Which plan a command takes when none is named.
import { expect, it, vi } from 'vitest';
import { packagedPlan, planPath } from '../../client/plan-file.ts';
import { labPlanFile } from '../../lab/state.ts';

const there = vi.hoisted(() => new Set<string>());
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  existsSync: (path: string) => there.has(path) || path.endsWith('package.json'),
}));

it('is the one that is named, else of the environment, of a lab that is up, of the machine, of the package', () => {
  const order: [file: string, begin: () => void][] = [
    [packagedPlan, () => vi.stubEnv('HUBSHIFT_PLAN', undefined)],
    ['/etc/hubshift/plan.yaml', () => there.add('/etc/hubshift/plan.yaml')],
    // Whoever has a lab up and starts a week means the lab.
    [labPlanFile, () => there.add(labPlanFile)],
    ['/of/the/environment.yaml', () => vi.stubEnv('HUBSHIFT_PLAN', '/of/the/environment.yaml')],
  ];
  for (const [file, begin] of order) {
    begin();
    expect(planPath({})).toBe(file);
  }
  expect(planPath({ plan: '/named.yaml' })).toBe('/named.yaml');
  vi.unstubAllEnvs();
});
