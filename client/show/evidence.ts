// Draws the evidence of the gate as lines of text.
import type { Frozen } from '../../plan/gate.ts';
import type { Judgement } from '../../plan/record.ts';
import { columns, utc, type Paint } from './text.ts';

export function evidenceLines({ at, digest, kpis, go, noGo, recommendation, reasons }: Frozen, paint: Paint): string[] {
  const rows = (judged: Record<string, Judgement>) => columns(Object.entries(judged).map(([id, { verdict, summary }]) => [`  ${id}`, verdict, summary]));
  return [
    `Evidence ${digest.slice(0, 12)}, of ${utc(at)}`,
    ...rows(kpis),
    ...rows({ ...go, 'nogo.criteria': noGo }),
    `Recommendation: ${paint(recommendation === 'go' ? 'green' : 'red', recommendation.toUpperCase())}`,
    ...reasons.map((reason) => `  ${reason}`),
  ];
}
