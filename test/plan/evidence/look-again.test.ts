import { describe, expect, it } from 'vitest';
import { lookedAgain, lookedText } from '../../../plan/evidence/look-again.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';

type Target = Observation['targets'][string];

const asks = {
  PC2: { urls: { edgehub: 'http://PC2:9100/-/ready' }, programs: [], containers: ['edgehub'], values: {} },
  MainPC: { urls: {}, programs: [], containers: [], values: {} },
};
const up: Target = { up: 3, down: 0, longestDown: 0 };
const seen = (targets: Record<string, Target>, restarted: string[] = []): Observation => ({
  fromMs: 0,
  toMs: 45_000,
  samples: 3,
  longestGapMs: 15_000,
  targets,
  restarted,
});
const well = seen({ edgehub: up, 'container edgehub': up });
const nothing = seen({});
const looked = (PC2: Observation | null, MainPC: Observation | null = nothing) => lookedAgain(asks, { PC2, MainPC }, 3);

describe('before a deadline', () => {
  it('well is what was up in all of so many samples', () => {
    expect(looked(well)).toEqual({ verdict: 'well', what: [] });
  });

  it.each<[string, Observation]>([
    ['is down', seen({ edgehub: { up: 0, down: 3, longestDown: 3, firstError: 'refused' }, 'container edgehub': up })],
    [
      'was down once',
      seen({ edgehub: { up: 3, down: 1, longestDown: 1, firstError: 'refused' }, 'container edgehub': up }),
    ],
    ['was started again', seen({ edgehub: up, 'container edgehub': up }, ['container edgehub'])],
  ])('down is what %s', (_, observation) => {
    expect(looked(observation).verdict).toBe('down');
  });

  it.each<[string, Observation | null, Observation | null]>([
    ['whose worker is away', null, nothing],
    ['of which Docker says nothing', seen({ edgehub: up, 'container edgehub': { ...up, up: 2, unknown: 1 } }), nothing],
    ['that was not seen for long enough', seen({ edgehub: { ...up, up: 2 }, 'container edgehub': up }), nothing],
    ['that was not looked at', seen({ edgehub: up }), nothing],
    ['while another machine that it is about is away', well, null],
    ['that is half seen, and half of it is down', seen({ edgehub: { up: 0, down: 3, longestDown: 3 } }), nothing],
  ])('neither is what %s', (_, PC2, MainPC) => {
    expect(looked(PC2, MainPC).verdict).toBe('unknown');
  });

  it('the first of what is not well is said in a line', () => {
    const what = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, why: 'down' }));
    expect(lookedText({ verdict: 'down', what })).toBe('a: down; b: down; c: down and 2 more');
  });
});
