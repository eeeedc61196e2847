// Records stay small, and the worst verdict counts.
import { describe, expect, it } from 'vitest';
import { fitted, worst, type StepRecord } from '../../../plan/week/record.ts';

const record = (more: Partial<StepRecord>): StepRecord => ({
  id: '2A.1.docker',
  machine: 'PC2',
  verdict: 'pass',
  summary: 'Docker answers',
  evidence: {},
  startedAt: 1,
  endedAt: 2,
  attempts: 1,
  ...more,
});
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('a record', () => {
  it('that fits is kept as it is', () => {
    const small = record({ evidence: { version: '20.10', ms: 12 } });
    expect(fitted(small)).toEqual(small);
  });

  it('that is too large loses its longest evidence first', () => {
    const large = fitted(record({ evidence: { digest: 'abc', log: 'x'.repeat(600), ms: 12 } }));
    expect(large.evidence).toEqual({ digest: 'abc', ms: 12 });
    expect(bytes(large)).toBeLessThanOrEqual(512);
  });

  it('with a long summary is cut, and the cut is shown', () => {
    const large = fitted(record({ summary: 'no answer from the hub '.repeat(60) }));
    expect(bytes(large)).toBeLessThanOrEqual(512);
    expect(large.summary.endsWith('…')).toBe(true);
    expect(large.summary.length).toBeGreaterThan(100);
  });

  it('with text beyond ASCII is measured in bytes', () => {
    expect(
      bytes(fitted(record({ summary: '→ Überwachung '.repeat(60), evidence: { log: 'ü'.repeat(400) } }))),
    ).toBeLessThanOrEqual(512);
  });

  it('is cut between characters as people see them', () => {
    for (let before = 0; before < 12; before += 1) {
      const { summary } = fitted(record({ summary: `${'x'.repeat(before)}${'👩‍🚒'.repeat(200)}` }));
      expect(summary).toMatch(/^x*(👩‍🚒)+…$/u);
    }
  });

  it('has a summary of one line', () => {
    expect(fitted(record({ summary: 'first\nsecond' })).summary).toBe('first second');
  });

  it('does not change what it was made from', () => {
    const large = record({ evidence: { log: 'x'.repeat(600) } });
    fitted(large);
    expect(large.evidence).toHaveProperty('log');
  });

  it('that is waived keeps who waived it', () => {
    const waived = { by: 'ana', reason: 'known', at: 3 };
    expect(fitted(record({ summary: 'x'.repeat(900), waived })).waived).toEqual(waived);
  });
});

describe('the worst verdict', () => {
  it('is fail before inconclusive before pass', () => {
    expect(worst(['pass', 'inconclusive', 'fail'])).toBe('fail');
    expect(worst(['pass', 'inconclusive'])).toBe('inconclusive');
    expect(worst(['pass', 'pass'])).toBe('pass');
  });
});
