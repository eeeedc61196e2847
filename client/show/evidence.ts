// Draws the evidence of the gate as lines of text.
import type { Frozen } from '../../plan/evidence/frozen.ts';
import { columns, type Paint, utc } from './text.ts';

export function evidenceLines({ at, digest, kpis, go, noGo, recommendation, reasons }: Frozen, paint: Paint): string[] {
  const rows = Object.entries({ ...kpis, ...go, 'nogo.criteria': noGo });
  return [
    `Evidence ${digest.slice(0, 12)}, of ${utc(at)}`,
    ...columns(rows.map(([id, { verdict, summary }]) => [`  ${id}`, verdict, summary])),
    `Recommendation: ${paint(recommendation === 'go' ? 'green' : 'red', recommendation.toUpperCase())}`,
    ...reasons.map((reason) => `  ${reason}`),
  ];
}
