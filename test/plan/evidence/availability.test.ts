// Whether something was up, from its own machine and from others: what is not reached is down, and what nobody saw is unknown.
import { describe, expect, it } from 'vitest';
import { together, uptimeIn, type View, viewOf, viewsOf, viewWithout } from '../../../plan/evidence/availability.ts';
import { type Measured, nothingMeasured } from '../../../plan/evidence/measured.ts';
import { fewer, type Ranges } from '../../../plan/evidence/sequence-sets.ts';

const all: Ranges = [[1, 1_000]];
const view = (seen: Ranges, down: Ranges = []): View => ({ seen, down, bridgedMs: 0 });
const uptime = (own: View | undefined, others: View[], without: Ranges = []) =>
  uptimeIn(together(own, others), all, without);

describe('what several machines saw of one', () => {
  it.each([
    ['own up, others up', view(all), [view(all)], { upMs: 1_000, downMs: 0, unknownMs: 0 }],
    ['own up, others down: nobody reaches it', view(all), [view(all, all)], { upMs: 0, downMs: 1_000, unknownMs: 0 }],
    ['own up, others mixed', view(all), [view(all, all), view(all)], { upMs: 1_000, downMs: 0, unknownMs: 0 }],
    ['own up, others unknown', view(all), [], { upMs: 1_000, downMs: 0, unknownMs: 0 }],
    ['own down, others up', view(all, all), [view(all)], { upMs: 0, downMs: 1_000, unknownMs: 0 }],
    ['own unknown, others down', undefined, [view(all, all)], { upMs: 0, downMs: 1_000, unknownMs: 0 }],
    ['own unknown, others up', undefined, [view(all)], { upMs: 1_000, downMs: 0, unknownMs: 0 }],
    [
      'its machine off from 401 on, which the others see',
      view([[1, 400]]),
      [view(all, [[401, 1_000]])],
      { upMs: 400, downMs: 600, unknownMs: 0 },
    ],
    [
      'nobody looking from 601 to 800',
      view([[1, 600]]),
      [
        view([
          [1, 500],
          [801, 1_000],
        ]),
      ],
      { upMs: 800, downMs: 0, unknownMs: 200 },
    ],
  ] as [string, View | undefined, View[], object][])('%s', (_what, own, others, found) => {
    expect(uptime(own, others)).toEqual(found);
  });

  it('is unknown where who looks is refused, and down where it was seen down all the same', () => {
    const own = (unknown: Ranges, down: Ranges = []) =>
      viewOf({ ...nothingMeasured(), seen: all }, { since: 1, down, unknown }, 10);
    expect(uptime(own([[101, 300]]), [])).toEqual({ upMs: 800, downMs: 0, unknownMs: 200 });
    expect(uptime(own([[101, 300]]), [view(all)])).toEqual({ upMs: 1_000, downMs: 0, unknownMs: 0 });
    // What cannot be seen from outside is not unreached.
    expect(uptime(view(all), [own([[101, 300]])])).toEqual({ upMs: 1_000, downMs: 0, unknownMs: 0 });
    expect(uptime(own([[101, 300]], [[201, 220]]), [])).toEqual({ upMs: 800, downMs: 20, unknownMs: 180 });
  });

  it('to the end of the time that was wanted, though nobody looked any more, and from the first that it was up', () => {
    expect(uptime(view([[301, 600]]), [])).toEqual({ upMs: 300, downMs: 0, unknownMs: 400 });
  });

  it('without planned windows, and without what a cut kept from being looked at', () => {
    expect(uptime(view(all), [view(all, [[101, 300]])], [[1, 200]])).toEqual({ upMs: 700, downMs: 100, unknownMs: 0 });
    expect(uptime(view(all), [viewWithout(view(all, [[101, 300]]), [[101, 300]])])).toMatchObject({ downMs: 0 });
  });

  it('goes on from slice to slice, up or down as it was last, and not over what is longer than an interval', () => {
    const seen: Ranges = [
      [1, 300],
      [311, 600],
      [701, 1_000],
    ];
    const slices = { ...nothingMeasured(), seen };
    const known = (down: Ranges) => uptime(viewOf(slices, { since: 1, down }, 50), []);
    expect(known([])).toEqual({ upMs: 900, downMs: 0, unknownMs: 100 });
    expect(known([[291, 300]])).toEqual({ upMs: 880, downMs: 20, unknownMs: 100 });
    expect(known([[311, 320]])).toEqual({ upMs: 890, downMs: 10, unknownMs: 100 });
    // A gap before it was first up is not known.
    expect(uptime(viewOf(slices, { since: 311, down: [] }, 50), [])).toMatchObject({ upMs: 590 });
  });

  it('says of each of many targets what it says of one alone, whoever is asked before', () => {
    const seen: Ranges = [
      [1, 300],
      [311, 600],
      [701, 1_000],
    ];
    const targets = [
      { since: 1, down: [[291, 300]] as Ranges },
      { since: 320, down: [] },
      { since: 1, down: [[650, 660]] as Ranges },
    ];
    for (const bridgedMs of [undefined, 40]) {
      const measured = { ...nothingMeasured(), seen, bridgedMs } as Measured;
      const views = viewsOf(measured, 50);
      for (const one of [...targets, ...targets]) expect(views(one)).toEqual(viewOf(measured, one, 50));
    }
    expect(seen).toEqual([
      [1, 300],
      [311, 600],
      [701, 1_000],
    ]);
  });

  it('is never better where the looks of one were joined', () => {
    const joined = { ...nothingMeasured(), seen: all, bridgedMs: 50 };
    const own = viewOf(joined, { since: 1, down: [] }, 100);
    expect(uptime(own, [])).toEqual({ upMs: 950, downMs: 0, unknownMs: 50 });
    // Three more that looked at the same time leave no more unknown than it does, and what it did not see what they leave of that.
    expect(uptime(own, [own, own, own])).toEqual({ upMs: 950, downMs: 0, unknownMs: 50 });
    expect(uptime({ ...own, seen: [[1, 980]] }, [own])).toEqual({ upMs: 930, downMs: 0, unknownMs: 70 });
  });
});

it('fewer ranges are those with the shortest gaps closed', () => {
  const ranges: Ranges = [
    [1, 10],
    [12, 20],
    [100, 110],
    [113, 120],
  ];
  expect(fewer(ranges, 4)).toEqual(ranges);
  expect(fewer(ranges, 3)).toEqual([
    [1, 20],
    [100, 110],
    [113, 120],
  ]);
  expect(fewer(ranges, 1)).toEqual([[1, 120]]);
});
