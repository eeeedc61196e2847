// Draws the evidence of the gate as lines of text, with what was found on the way.
import { type Finding, findingText } from '../../plan/evidence/findings.ts';
import type { Frozen } from '../../plan/evidence/frozen.ts';
import { columns, type Paint, utc } from './text.ts';

export function evidenceLines(
  { at, digest, kpis, go, noGo, recommendation, reasons }: Frozen,
  findings: Finding[],
  open: string[],
  paint: Paint,
): string[] {
  const rows = Object.entries({ ...kpis, ...go, 'nogo.criteria': noGo });
  return [
    `Evidence ${digest.slice(0, 12)}, of ${utc(at)}`,
    ...columns(rows.map(([id, { verdict, summary }]) => [`  ${id}`, verdict, summary])),
    ...(findings.length > 0 ? ['Found on the way (hubshift accept ROW --reason TEXT):'] : []),
    ...findings.map((finding) => `  ${utc(finding.at)}  ${findingText(finding)}`),
    ...(open.length > 0 ? ['To be filled in before a GO:'] : []),
    ...open.map((one) => `  ${one}`),
    `Recommendation: ${paint(recommendation === 'go' ? 'green' : 'red', recommendation.toUpperCase())}`,
    ...reasons.map((reason) => `  ${reason}`),
  ];
}
