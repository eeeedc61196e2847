// What is worse than the baseline: by more than noise, more than the plan's limits, and more than the bystanders beside it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Impact, ImpactBatches } from '../../../../plan/machine-api/measure.ts';
import { impactWithin } from '../../../../plan/tasks/shared/impact.ts';
import { againAfter } from '../../../../plan/tasks/shared/impact-looks.ts';
import { fail, pass } from '../../../../plan/tasks/shared/verdict.ts';
import type { Measure } from '../../../../plan/tasks/shared/impact-change.ts';
import { plan } from '../../../client/fixtures.ts';
import { holds } from '../../../property.ts';

const limits = {
  hubResponseMs: 200,
  overheadPercent: 10,
  failedAtMost: 0.1,
  slower: { percent: 10, byMs: 50 },
  bystanders: ['sentinel'],
};
/** Around a value, to and fro by `by`. */
const around = (value: number, by = 0, count = 20) =>
  Array.from({ length: count }, (_, index) => value + (index % 2 === 0 ? by : -by));

interface Seen {
  pilot?: (number | null)[];
  sentinel?: (number | null)[];
  cpu?: number[];
  network?: number[];
  failed?: number;
}

function impact({ pilot = around(2), sentinel = around(2), failed = 0, ...use }: Seen = {}): Impact {
  const batches: ImpactBatches = {
    responseMs: { pilot, sentinel },
    cpuPercent: use.cpu ?? around(5),
    memoryPercent: around(5),
    networkPercent: use.network ?? around(0.001),
  };
  const response = (all: (number | null)[]) => ({
    samples: 2_400,
    failed,
    p50: 1,
    p95: Math.max(...all.map((ms) => ms ?? 0)),
    p99: 0,
  });
  return {
    at: 0,
    durationMs: 600_000,
    responseMs: { pilot: response(pilot), sentinel: response(sentinel) },
    containers: {},
    programs: {},
    machine: { cpuPercent: 0, memoryPercent: 1, memoryBytes: 1, cores: 2, receivedBytesPerS: 1, sentBytesPerS: 1 },
    batches,
  };
}

const judged = (before: Seen, after: Seen, ...measures: Measure[]) =>
  impactWithin(limits, measures)({ before: { PC2: impact(before) }, after: { PC2: impact(after) } });

describe('response times', () => {
  it('of 190 ms are worse than 2 ms, though both are below the limit', () => {
    const after = { pilot: around(190, 5) };
    expect(judged({}, after, 'response')).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^pilot p95 \+18\d\.\d to \+19\d\.\d ms on 2 ms; at most 10 % or 50 ms more$/),
    });
    // An earlier build's baseline has no batches, and is not held against them.
    const { batches: _none, ...old } = impact();
    expect(impactWithin(limits, ['response'])({ before: { PC2: old }, after: { PC2: impact(after) } })).toMatchObject({
      verdict: 'pass',
    });
  });

  it('are not worse within the limits: by 10 % or by 50 ms', () => {
    expect(judged({}, { pilot: around(50) }, 'response').verdict).toBe('pass');
    expect(judged({ pilot: around(150) }, { pilot: around(160) }, 'response').verdict).toBe('pass');
  });

  it('are not worse when the bystanders beside them took longer at the same time, and worse when they did not', () => {
    const busy = around(90, 30);
    expect(judged({}, { pilot: busy.map((ms) => ms + 2), sentinel: busy }, 'response').verdict).toBe('pass');
    expect(judged({}, { pilot: busy }, 'response').verdict).toBe('fail');
  });

  it('are held beside bystanders that answered then and now, and in the batches in which they did', () => {
    const gone = around(150).map(() => null);
    const slow = around(150);
    // All of it is as slow as it was: the bystander that is gone took nothing off before, either.
    expect(judged({ pilot: slow, sentinel: slow }, { pilot: slow, sentinel: gone }, 'response').verdict).toBe('pass');
    const silent = slow.map((ms, index) => (index < 10 ? null : ms));
    expect(judged({ pilot: slow, sentinel: slow }, { pilot: slow, sentinel: silent }, 'response').verdict).toBe('pass');
    const inTurns = (even: boolean) => slow.map((ms, index) => ((index % 2 === 0) === even ? ms : null));
    expect(judged({}, { pilot: inTurns(true), sentinel: inTurns(false) }, 'response')).toMatchObject({
      verdict: 'inconclusive',
      summary: 'pilot answered in no batch in which all that it is held against did',
    });
    // And one that comes hides nothing.
    expect(judged({ sentinel: gone }, { pilot: slow, sentinel: slow }, 'response').verdict).toBe('fail');
  });

  it('of a hub are held beside the bystanders where it runs, and where none are beside those where it is asked', () => {
    const busy = around(90, 30);
    const on = (pc2: Seen, mainPC: Seen) => ({ PC2: impact(pc2), MainPC: impact(mainPC) });
    const hub = (pc2: Seen, mainPC: Seen, beside: Partial<typeof limits> & { answersOn?: Record<string, string> }) =>
      impactWithin({ ...limits, ...beside }, ['response'])({ before: on({}, {}), after: on(pc2, mainPC) });
    const there = { answersOn: { pilot: 'MainPC' } };
    const slowed = busy.map((ms) => ms + 2);
    // Its machine is slow, and then the one that asks.
    expect(hub({ pilot: slowed }, { sentinel: busy }, there).verdict).toBe('pass');
    expect(hub({ pilot: slowed, sentinel: busy }, {}, there)).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^pilot p95/),
    });
    // In a history of before it was the other way round.
    expect(hub({ pilot: slowed }, { sentinel: busy }, {}).verdict).toBe('fail');
    const none = { answersOn: { pilot: 'Arbiter' } };
    expect(hub({ pilot: slowed, sentinel: busy }, {}, none).verdict).toBe('pass');
    expect(hub({ pilot: slowed }, { sentinel: busy }, none).verdict).toBe('fail');
  });

  it('that scatter widely are not worse for a mean above the limits', () => {
    const wild = [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 1_400];
    expect(
      impactWithin({ ...limits, hubResponseMs: 2_000 }, ['response'])({
        before: { PC2: impact() },
        after: { PC2: impact({ pilot: wild }) },
      }).verdict,
    ).toBe('pass');
  });

  it('fail for requests that nobody answered, beyond the share that the plan puts up with', () => {
    expect(judged({}, { failed: 2 }, 'response').verdict).toBe('pass');
    expect(judged({}, { failed: 3 }, 'response')).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/3 requests failed/),
    });
  });
});

describe('use of the machine and its link', () => {
  it('is held against the limit in percentage points: from 1 kB/s to 1 GB/s of a gigabit is worse', () => {
    expect(judged({}, { network: around(800, 20) }, 'network')).toMatchObject({ verdict: 'fail' });
    expect(judged({ network: around(0.001) }, { network: around(9) }, 'network').verdict).toBe('pass');
  });

  it('fails above the limit, passes below it, and is not told where the interval holds it', () => {
    expect(judged({}, { cpu: around(20, 1) }, 'resources')).toMatchObject({ verdict: 'fail' });
    expect(judged({}, { cpu: around(10, 1) }, 'resources')).toMatchObject({ verdict: 'pass' });
    expect(judged({}, { cpu: around(15, 4) }, 'resources')).toMatchObject({
      verdict: 'inconclusive',
      summary: expect.stringMatching(/the interval holds the limit of 10 %/),
    });
  });
});

describe('what is looked at again', () => {
  const lookedAt = (measure: Measure, ...looks: Seen[]) => {
    const [after, ...again] = looks.map((one) => ({ PC2: impact(one) }));
    return impactWithin(limits, [measure])({ before: { PC2: impact() }, after: after!, again });
  };
  const backUp = { network: around(60, 1) };
  const quiet = { network: around(0.5) };

  it('counts where it is so in every look: a back-up ends, and what the week costs stays', () => {
    expect(lookedAt('network', backUp).verdict).toBe('fail');
    expect(lookedAt('network', backUp, quiet)).toMatchObject({ verdict: 'pass', evidence: { looks: 2 } });
    expect(lookedAt('network', quiet, backUp).verdict).toBe('pass');
    expect(lookedAt('network', backUp, backUp, backUp)).toMatchObject({ verdict: 'fail', evidence: { looks: 3 } });
    const slow = { pilot: around(300, 5) };
    expect(lookedAt('response', slow, slow).verdict).toBe('fail');
    expect(lookedAt('response', slow, {}).verdict).toBe('pass');
    expect(lookedAt('response', { failed: 30 }, { failed: 0 }).verdict).toBe('pass');
    expect(lookedAt('response', { failed: 30 }, { failed: 9 }).verdict).toBe('fail');
  });

  it('is told by all looks together where one alone can not', () => {
    const wide = { cpu: around(18, 5) };
    expect(lookedAt('resources', wide).verdict).toBe('inconclusive');
    expect(lookedAt('resources', wide, { cpu: around(9, 5) }).verdict).toBe('pass');
    expect(lookedAt('resources', wide, wide, wide).verdict).toBe('fail');
  });

  it('comes six times as long after, twice at most, and not for a pass, without a baseline or in a week of before', () => {
    const found = { before: { PC2: impact() }, after: { PC2: impact(backUp) }, again: [] };
    const bad = [fail('worse')];
    expect(againAfter(plan, found, bad)).toBe(6 * plan.watch.baseline);
    expect(againAfter(plan, found, [pass('as before')])).toBeNull();
    expect(againAfter(plan, { ...found, again: [found.after, found.after] }, bad)).toBeNull();
    expect(againAfter(plan, { ...found, before: {} }, bad)).toBeNull();
    const { baseline: _none, ...watch } = plan.watch;
    expect(againAfter({ ...plan, watch } as typeof plan, found, bad)).toBeNull();
  });
});

describe('a measurement that is too short for an interval', () => {
  const short = (value: number) => around(value, 0, 3);

  it('is judged by the limits, and says so', () => {
    const before = { pilot: short(2), cpu: short(5) };
    expect(judged(before, { pilot: short(50), cpu: short(9) }, 'response', 'resources')).toMatchObject({
      verdict: 'pass',
      summary: expect.stringMatching(/too short for intervals, so the limits alone decide$/),
    });
    expect(judged(before, { pilot: short(60) }, 'response')).toMatchObject({
      verdict: 'fail',
      summary: expect.stringMatching(/^pilot p95 \+58\.0 ms on 2 ms/),
    });
    expect(judged(before, { cpu: short(16) }, 'resources').verdict).toBe('fail');
  });

  it('is not worse for one batch that was slow for once, in which a busy machine did something else', () => {
    expect(judged({ pilot: short(10) }, { pilot: [12, 11, 190] }, 'response').verdict).toBe('pass');
    expect(judged({ pilot: short(10) }, { pilot: [112, 111, 190] }, 'response').verdict).toBe('fail');
  });
});

it('never fails what is the same, however it scatters, nor passes what is twice the limits slower and scatters little', () => {
  const scatter = fc.array(fc.double({ min: 1, max: 20, noNaN: true }), { minLength: 20, maxLength: 20 });
  holds(
    fc.property(scatter, fc.double({ min: 120, max: 160, noNaN: true }), (pilot, more) => {
      expect(judged({ pilot }, { pilot }, 'response').verdict).toBe('pass');
      expect(judged({ pilot }, { pilot: pilot.map((ms) => ms + more) }, 'response').verdict).toBe('fail');
    }),
    500,
  );
});
