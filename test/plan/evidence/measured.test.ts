// What is measured all along: time that nobody saw is never up, totals add up, and a cluster is up while one member is.
import { describe, expect, it } from 'vitest';
import {
  clusterUptime,
  interval95,
  nothingMeasured,
  summaryOf,
  uptimeOf,
  withValue,
  type Measured,
} from '../../../plan/evidence/measured.ts';
import type { Ranges } from '../../../plan/evidence/sequence-sets.ts';

const seen = (ranges: Ranges): Measured => ({ ...nothingMeasured(), seen: ranges });

describe('the uptime of a target', () => {
  it('is what was seen of it since it first was up, less what it was down', () => {
    expect(uptimeOf(seen([[1, 1_000]]), { since: 101, down: [[201, 300]] })).toEqual({
      upMs: 800,
      downMs: 100,
      unknownMs: 0,
    });
  });

  it('calls a gap unknown, never up and never down', () => {
    expect(
      uptimeOf(
        seen([
          [1, 400],
          [601, 1_000],
        ]),
        { since: 1, down: [] },
      ),
    ).toEqual({ upMs: 800, downMs: 0, unknownMs: 200 });
  });

  it('calls unknown when who looked was refused, also at the end', () => {
    const unknown: Ranges = [
      [201, 300],
      [901, 1_000],
    ];
    expect(uptimeOf(seen([[1, 1_000]]), { since: 1, down: [[250, 259]], unknown })).toEqual({
      upMs: 800,
      downMs: 10,
      unknownMs: 190,
    });
  });

  it('leaves planned windows out on both sides', () => {
    expect(uptimeOf(seen([[1, 1_000]]), { since: 1, down: [[150, 250]] }, [[101, 200]])).toEqual({
      upMs: 850,
      downMs: 50,
      unknownMs: 0,
    });
  });

  it('is nothing when it was not seen since', () => {
    expect(uptimeOf(seen([[1, 100]]), { since: 500, down: [] })).toEqual({ upMs: 0, downMs: 0, unknownMs: 0 });
  });
});

describe('the uptime of a cluster', () => {
  const member = (ranges: Ranges, down: Ranges) => ({ measured: seen(ranges), availability: { since: 1, down } });

  it('lacks only what all members were down at once', () => {
    expect(clusterUptime([member([[1, 1_000]], [[101, 300]]), member([[1, 1_000]], [[201, 400]])])).toEqual({
      upMs: 900,
      downMs: 100,
      unknownMs: 0,
    });
  });

  it('is unknown where one is down and nobody looks at the other', () => {
    expect(
      clusterUptime([
        member([[1, 1_000]], [[501, 600]]),
        member(
          [
            [1, 500],
            [801, 1_000],
          ],
          [],
        ),
      ]),
    ).toEqual({ upMs: 900, downMs: 0, unknownMs: 100 });
  });
});

describe('moments', () => {
  it('give mean and 95 % interval as computed from all values', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    const all = values.reduce(withValue, { count: 0, mean: 0, m2: 0 });
    expect(all).toEqual({ count: 8, mean: 5, m2: 32 });
    const half = 1.96 * Math.sqrt(32 / 7 / 8);
    expect(interval95(all)).toEqual({ low: 5 - half, high: 5 + half });
  });

  it('say nothing from one value', () => {
    expect(interval95(withValue({ count: 0, mean: 0, m2: 0 }, 3))).toBeNull();
  });
});

it('the summary counts lost messages by their sets: all of them, and those that were answered wrongly', () => {
  // Times are kept of the first few only.
  const messages = {
    PC2: {
      sent: [[1, 1_000]] as Ranges,
      answered: [[1, 300]] as Ranges,
      unheard: [[901, 1_000]] as Ranges,
      lostAt: [7, 8],
      latency: null,
    },
  };
  expect(summaryOf({ ...nothingMeasured(), messages }).messages).toMatchObject({
    PC2: { sent: 1_000, answered: 300, unheard: 100, lost: 600 },
  });
});
