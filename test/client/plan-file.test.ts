// Which plan a command takes when none is named.
import { expect, it, vi } from 'vitest';
import { planPath } from '../../client/plan-file.ts';
import { labPlanFile } from '../../lab/state.ts';

const there = vi.hoisted(() => new Set<string>());
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  existsSync: (path: string) => there.has(path) || path.endsWith('package.json'),
}));

it('is never the packaged one by accident', () => {
  vi.stubEnv('HUBSHIFT_PLAN', undefined);
  expect(() => planPath({})).toThrow(
    /Which plan\? .*--plan FILE or HUBSHIFT_PLAN.*hubshift init.*week1\.yaml is an example/,
  );
  vi.unstubAllEnvs();
});

it('is the one that is named, else of the environment, of a lab that is up, of the machine', () => {
  vi.stubEnv('HUBSHIFT_PLAN', undefined);
  const order: [file: string, begin: () => void][] = [
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

it('is asked for where the environment names it by nothing', () => {
  vi.stubEnv('HUBSHIFT_PLAN', '');
  there.add(labPlanFile);
  expect(() => planPath({})).toThrow('HUBSHIFT_PLAN is set, and empty. Set it to a file, or unset it.');
  expect(planPath({ plan: '/named.yaml' })).toBe('/named.yaml');
  vi.unstubAllEnvs();
});
