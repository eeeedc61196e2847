// The lab's workers, and what they get of the environment.
import { expect, it } from 'vitest';
import { reportsDirectory } from '../../lab/state.ts';
import { controlEnvironment } from '../../lab/workers.ts';

it.each([
  [{}, reportsDirectory],
  [{ HUBSHIFT_REPORTS: '' }, reportsDirectory],
  [{ HUBSHIFT_REPORTS: '/of/mine' }, '/of/mine'],
])('of the environment %j the control worker writes its reports to %s', (environment, directory) =>
  expect(controlEnvironment(environment).HUBSHIFT_REPORTS).toBe(directory),
);
