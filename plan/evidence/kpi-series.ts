// The course of the KPIs: a point now and then, and never more than a chart can show. Pure.
import type { Evaluation } from '../week/record.ts';

export interface KpiPoint {
  /** Unix milliseconds. */
  at: number;
  /** By id of the KPI, in its unit; one that had no value yet is left out. */
  values: Record<string, number>;
}

/** The KPIs as they are evaluated now. */
export function pointOf(evaluated: Record<string, Evaluation>, at: number): KpiPoint {
  return {
    at,
    values: Object.fromEntries(
      Object.entries(evaluated).flatMap(
        ([
          id,
          {
            evidence: { value },
          },
        ]) => (typeof value === 'number' ? [[id, value]] : []),
      ),
    ),
  };
}

const pointsAtMost = 60;

/** With every second point taken out when there are too many: a long week is as well drawn as a short one. */
export function withPoint(series: KpiPoint[], point: KpiPoint): KpiPoint[] {
  const all = [...series, point];
  return all.length <= pointsAtMost ? all : all.filter((_, index) => index % 2 === 1);
}
