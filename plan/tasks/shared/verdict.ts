// The words of a judgement. No data is never a pass.
import type { Evidence, Judgement, Verdict } from '../../week/record.ts';

export function pass(summary: string, evidence: Evidence = {}): Judgement {
  return { verdict: 'pass', summary, evidence };
}

export function fail(summary: string, evidence: Evidence = {}): Judgement {
  return { verdict: 'fail', summary, evidence };
}

export function inconclusive(summary: string, evidence: Evidence = {}): Judgement {
  return { verdict: 'inconclusive', summary, evidence };
}

/** Pass when there is no objection; else fail, with all of them. */
export function unless(
  objections: (string | false | null | undefined)[],
  summary: string,
  evidence: Evidence = {},
): Judgement {
  const found = objections.filter(Boolean);
  return found.length === 0 ? pass(summary, evidence) : fail(found.join('; '), evidence);
}

/** Counts of several, key by key. */
export function summed<Key extends string>(counts: Record<Key, number>[]): Record<Key, number> {
  const keys = Object.keys(counts[0] ?? {}) as Key[];
  return Object.fromEntries(keys.map((key) => [key, counts.reduce((sum, one) => sum + one[key], 0)])) as Record<
    Key,
    number
  >;
}

/** One judgement of many, by name: the worst verdict, and who did not pass. */
export function every(judgements: Record<string, Judgement>, summary: string, evidence: Evidence = {}): Judgement {
  const entries = Object.entries(judgements);
  if (entries.length === 0) return inconclusive('nothing was measured', evidence);
  const bad = entries.filter(([, judgement]) => judgement.verdict !== 'pass');
  const verdict: Verdict = bad.some(([, judgement]) => judgement.verdict === 'fail')
    ? 'fail'
    : bad.length > 0
      ? 'inconclusive'
      : 'pass';
  if (verdict === 'pass')
    return {
      verdict,
      summary,
      evidence: {
        ...Object.assign({}, ...entries.slice(0, 4).map(([, judgement]) => judgement.evidence)),
        ...evidence,
      },
    };
  return {
    verdict,
    summary: bad
      .slice(0, 3)
      .map(([name, judgement]) => `${name}: ${judgement.summary}`)
      .join('; '),
    evidence: { failed: bad.slice(0, 5).map(([name]) => name), ...evidence },
  };
}
