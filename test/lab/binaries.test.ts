// Which versions the lab runs.
import { afterEach, expect, test, vi } from 'vitest';
import { moduleVersion, wantedVersions } from '../../lab/binaries.ts';

afterEach(() => vi.unstubAllEnvs());

test('none is wanted, or one by its number', () => {
  vi.stubEnv('HUBSHIFT_LAB_PROMETHEUS', '');
  vi.stubEnv('HUBSHIFT_LAB_NATS', '2.10.7');
  expect(wantedVersions()).toEqual({ prometheus: undefined, nats: '2.10.7' });
  vi.stubEnv('HUBSHIFT_LAB_NATS', 'v2.10');
  expect(wantedVersions).toThrow('HUBSHIFT_LAB_NATS is a version such as 2.15.3; found "v2.10"');
});

test('a Prometheus is called otherwise among modules, and one of 2 is none of them', () => {
  expect(['3.16.0', '3.0.1'].map(moduleVersion)).toEqual(['v0.316.0', 'v0.300.1']);
  expect(() => moduleVersion('2.55.1')).toThrow(/name a 3\.x/);
});
