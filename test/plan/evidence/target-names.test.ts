// A program of the same name on two machines is two targets: neither lends the other its samples.
import { expect, it } from 'vitest';
import { namedOn, namesOfAgent } from '../../../plan/evidence/target-names.ts';
import { downNow, failsTooOften, withSlice } from '../../../plan/evidence/watched.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';

const ask = (...programs: string[]) => ({ urls: {}, values: {}, containers: [], programs });
const asks = { MainPC: ask('agent', 'sentinel'), PC2: ask('agent') };
const seen = (targets: Observation['targets'], restarted: string[] = []): Observation => ({
  fromMs: 0,
  toMs: 1,
  samples: 1,
  longestGapMs: 0,
  targets,
  restarted,
});
const [main, pc2] = [namedOn('MainPC', asks), namedOn('PC2', asks)];

it('is told by its machine where others have one of the name, and by its name alone elsewhere', () => {
  const found = main.observation(
    seen(
      {
        'program agent': { up: 1, down: 0, longestDown: 0 },
        'program sentinel': { up: 1, down: 0, longestDown: 0 },
      },
      ['program agent', 'program sentinel'],
    ),
  );
  expect(Object.keys(found.targets)).toEqual(['program agent on MainPC', 'program sentinel']);
  expect(found.restarted).toEqual(['program agent on MainPC', 'program sentinel']);
});

it('has its own run that goes on, and its own share of samples that may fail', () => {
  const targets = withSlice({}, [
    pc2.observation(seen({ 'program agent': { up: 996, down: 4, longestDown: 2, downNow: 2 } })),
    main.observation(seen({ 'program agent': { up: 9_000, down: 0, longestDown: 0 } })),
  ]);
  expect(pc2.own(downNow(targets))).toEqual({ 'program agent': 2 });
  expect(main.own(downNow(targets))).toEqual({});
  const bounds = { tolerate: 2, sampleInterval: 100, failedAtMost: 0.1 };
  expect(failsTooOften(targets['program agent on PC2']!, 100_000, bounds)).toBe(true);
});

it('of an agent is left out of the window of another one by either name', () => {
  const names = namesOfAgent({ name: 'hub', program: 'agent', machine: 'PC2' });
  expect(names).toEqual(expect.arrayContaining(['hub', 'hub hub', 'program agent', 'program agent on PC2']));
  expect(names).not.toContain('program agent on MainPC');
});
