// Where EdgeHub's samples are, by what its command says.
import { expect, it } from 'vitest';
import { serviceOf } from '../../../../plan/schema/plan.ts';
import { storageDirectory } from '../../../../plan/tasks/edgehub/storage.ts';
import { weekPlan } from '../plan.ts';

const edge = serviceOf(weekPlan(), 'edge-hub');
const at = (mount: string) => ({ path: `/on${mount}`, owner: '65534:65534', mount });

/** The configuration's comes first: a place in the list tells nothing. */
const directories = [at('/etc/prometheus'), at('/prometheus'), at('/prometheus/deep')];

it.each([
  [['--storage.tsdb.path=/prometheus'], '/on/prometheus'],
  [['--storage.tsdb.path=/prometheus/'], '/on/prometheus'],
  [['--storage.tsdb.path=/prometheus/tsdb'], '/on/prometheus'],
  [['--storage.tsdb.path', '/prometheus'], '/on/prometheus'],
  [['--storage.tsdb.path=/prometheus/deep/tsdb'], '/on/prometheus/deep'],
  [['--storage.tsdb.path=deep'], '/on/prometheus/deep'],
  [[], '/on/prometheus'],
  [['--storage.tsdb.path=/prometheus2'], undefined],
  [['--storage.tsdb.path=../data'], undefined],
])('of %j is %s', (command, path) => expect(storageDirectory({ ...edge, command, directories })?.path).toBe(path));

it('is found where a mount is written with a slash at its end', () =>
  expect(storageDirectory({ ...edge, directories: [at('/prometheus/')] })?.path).toBe('/on/prometheus/'));
