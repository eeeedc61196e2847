// What the week costs all along: samples, and means of ten minutes that hardly follow from one another.
import { describe, expect, it } from 'vitest';
import { withCosts } from '../../../plan/evidence/costs.ts';
import { nothingMeasured } from '../../../plan/evidence/measured.ts';

describe('what something costs', () => {
  const minute = 60_000;
  const all = (values: number[], begin = nothingMeasured()) =>
    values.reduce(
      (totals, value, index) => withCosts(totals, { cpu: value, memory: 2 * value }, index * minute),
      begin,
    );

  it('is kept as samples and as means of ten minutes, the last of which is open', () => {
    const values = Array.from({ length: 25 }, (_, index) => index % 10);
    const { cpu, memory, network, means } = all(values);
    expect(cpu.count).toBe(25);
    expect(memory.mean).toBeCloseTo(2 * cpu.mean);
    expect(network.count).toBe(0);
    expect(means!.cpu).toMatchObject({ closed: { count: 2, mean: 4.5, m2: 0 }, open: { count: 5 } });
    expect(means!.network).toBeUndefined();
  });

  it('goes on without means in totals that an earlier build began', () => {
    const { means: _none, ...old } = all([1, 2, 3]);
    expect(all([4, 5], old)).toMatchObject({ cpu: { count: 5, mean: 3 } });
    expect(all([4, 5], old).means).toBeUndefined();
  });

  it('leaves out of the traffic what takes the link for two minutes of ten, and no two minutes of the processor', () => {
    const values = Array.from({ length: 60 }, (_, index) => (index % 10 < 2 ? 90 : 1));
    const { means } = values.reduce(
      (totals, value, index) => withCosts(totals, { cpu: value, network: value }, index * minute),
      nothingMeasured(),
    );
    expect(means!.network!.closed).toMatchObject({ count: 5, mean: 1 });
    expect(means!.cpu!.closed.mean).toBeCloseTo(18.8);
    // A totals' batch of before has no values, and is closed by its mean.
    const { values: _none, ...open } = means!.network!;
    const old = { ...nothingMeasured(), means: { network: { ...open, open: { count: 2, mean: 7, m2: 0 } } } };
    expect(withCosts(old, { network: 3 }, 70 * minute).means!.network!.closed.count).toBe(6);
  });
});
