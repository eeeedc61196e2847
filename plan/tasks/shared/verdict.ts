// The words of an evaluation. No data is never a pass.
import type { Found } from '../../week/finding.ts';
import type { Evidence, Evaluation, Verdict } from '../../week/record.ts';

export function pass(summary: string, evidence: Evidence = {}): Evaluation {
  return { verdict: 'pass', summary, evidence };
}

export function fail(summary: string, evidence: Evidence = {}): Evaluation {
  return { verdict: 'fail', summary, evidence };
}

export function inconclusive(summary: string, evidence: Evidence = {}): Evaluation {
  return { verdict: 'inconclusive', summary, evidence };
}

/** Pass when there is no objection; else fail, with all of them. */
export function unless(
  objections: (string | false | null | undefined)[],
  summary: string,
  evidence: Evidence = {},
): Evaluation {
  const found = objections.filter(Boolean);
  return found.length === 0 ? pass(summary, evidence) : fail(found.join('; '), evidence);
}

/** With what works, and people should know: a week asks before it begins over it. */
export function warned(evaluation: Evaluation, warnings: string[]): Evaluation {
  if (warnings.length === 0) return evaluation;
  const { summary, evidence } = evaluation;
  return {
    ...evaluation,
    summary: [summary, ...warnings.map((warning) => `warning: ${warning}`)].join('; '),
    evidence: { ...evidence, warnings: warnings.length },
  };
}

/** The same of what can be told apart: where nothing objects but what nobody could see, it is not known. `unseen` of the evidence counts that. */
export function unlessSeen(
  objections: (string | false | null | undefined)[],
  unseen: string[],
  summary: string,
  evidence: Evidence = {},
): Evaluation {
  const isUnknown = unseen.length > 0 && !objections.some(Boolean);
  return isUnknown
    ? inconclusive(unseen.join('; '), { ...evidence, unseen: unseen.length })
    : unless([...objections, ...unseen], summary, evidence);
}

/** Counts of several, key by key. */
export function summed<Key extends string>(counts: Record<Key, number>[]): Record<Key, number> {
  const keys = Object.keys(counts[0] ?? {}) as Key[];
  return Object.fromEntries(keys.map((key) => [key, counts.reduce((sum, one) => sum + one[key], 0)])) as Record<
    Key,
    number
  >;
}

/** One evaluation of many, by name: the worst verdict, and who did not pass. */
export function every(evaluations: Record<string, Evaluation>, summary: string, evidence: Evidence = {}): Evaluation {
  const entries = Object.entries(evaluations);
  if (entries.length === 0) return inconclusive('nothing was measured', evidence);
  const bad = entries.filter(([, evaluation]) => evaluation.verdict !== 'pass');
  const verdict: Verdict = bad.some(([, evaluation]) => evaluation.verdict === 'fail')
    ? 'fail'
    : bad.length > 0
      ? 'inconclusive'
      : 'pass';
  if (verdict === 'pass')
    return {
      verdict,
      summary,
      evidence: {
        ...Object.assign({}, ...entries.slice(0, 4).map(([, evaluation]) => evaluation.evidence)),
        ...evidence,
      },
    };
  return {
    verdict,
    summary: bad
      .slice(0, 3)
      .map(([name, evaluation]) => `${name}: ${evaluation.summary}`)
      .join('; '),
    evidence: { failed: bad.slice(0, 5).map(([name]) => name), ...evidence },
  };
}

/** The same, with all who did not pass beside the few that the line names. */
export function everyNamed(evaluations: Record<string, Evaluation>, summary: string): Found {
  const found = every(evaluations, summary);
  const bad = Object.entries(evaluations).filter(([, { verdict }]) => verdict !== 'pass');
  return bad.length === 0 ? found : { ...found, whole: bad.map(([name, one]) => `${name}: ${one.summary}`).join('; ') };
}
