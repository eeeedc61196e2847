// What programs say of their version, and what is too old for the week.
import { expect, it } from 'vitest';
import { isStrict } from '../../../../plan/tasks/preflight/scrapable.ts';
import { isOlder, ofLabels, tooOld, untold, versionIn } from '../../../../plan/tasks/shared/versions.ts';

it.each([
  [
    'prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5+b5)\n  build user: x\n  go version: go1.19.8',
    '2.42.0',
  ],
  ['prometheus, version 3.5.0 (branch: HEAD, revision: 8be3a9560fbdd18a94dedec4b747c35178177202)', '3.5.0'],
  ['nats-server: v2.10.29\n', '2.10.29'],
  ['nats-server: v2.12.0-RC.1\n', '2.12.0'],
  ['mounting /etc …\nprometheus, version 2.53.1 (branch: HEAD)', '2.53.1'],
  ['flag provided but not defined: -version', null],
  ['', null],
])('%j says %s', (text, version) => {
  expect(versionIn(text)).toBe(version);
});

it('versions are compared as numbers, the major one first', () => {
  expect(isOlder('2.9.25', '2.10')).toBe(true);
  expect(isOlder('2.10.0', '2.10')).toBe(false);
  expect(isOlder('2.100', '2.39')).toBe(false);
  expect(isOlder('3.0.0', '2.39')).toBe(false);
  expect(isOlder('1.8.2', '2.33')).toBe(true);
});

it('one that is too old is named, with what it lacks', () => {
  const oldest = { version: '2.10', lacks: 'sync_interval' };
  expect(tooOld('nats:2.9', '2.9.25', oldest)).toBe(
    'nats:2.9 is 2.9.25, and the week needs 2.10 or newer: older ones have no sync_interval',
  );
  expect(tooOld('nats:2', '2.10.0', oldest)).toBeUndefined();
});

it.each(['', 'unknown', 'main-1a2b3c'])('one that states %j is not said to be old: nobody knows', (version) => {
  const oldest = { version: '2.33', lacks: 'a flag' };
  expect(tooOld('hub', version, oldest)).toBeUndefined();
  expect(untold('hub', version, oldest)).toMatch(/^hub says no version.*nobody knows whether it is 2\.33 or newer$/);
});

it('one may be written with a v', () => {
  const oldest = { version: '2.33', lacks: 'a flag' };
  expect(['v2.45.0', '2.45.0'].flatMap((version) => [tooOld, untold].map((of) => of('hub', version, oldest)))).toEqual(
    Array(4).fill(undefined),
  );
  expect(tooOld('hub', 'v2.32.1', oldest)).toMatch(/^hub is v2\.32\.1/);
});

it('a Prometheus whose version nobody knows may be a strict one', () => {
  expect([undefined, '2.55.1', '3.0.0'].map(isStrict)).toEqual([true, false, true]);
});

it('labels of EdgeHub with a name that Prometheus 2 does not take want a newer one, in both hubs', () => {
  expect(ofLabels({ externalLabels: { hub: 'edge', _site2: 'x' } })).toBeUndefined();
  expect(tooOld('prom:2', '2.55.1', ofLabels({ externalLabels: { 'my-site': 'x' } })!)).toBe(
    'prom:2 is 2.55.1, and the week needs 3.0 or newer: older ones have no label my-site, but names of letters, digits and "_"',
  );
});
