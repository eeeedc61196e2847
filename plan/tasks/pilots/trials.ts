// How EdgeHub is lost in the failover test, and how often.
import type { Plan } from '../../schema/plan.ts';

export const waysToLose = {
  stop: 'stopped',
  kill: 'killed',
  hang: 'hung',
  blackhole: 'cut off without an answer',
} as const;
export type WayToLose = keyof typeof waysToLose;

export interface Trial {
  id: string;
  /** "stop-2" */
  name: string;
  way: WayToLose;
}

/** Every time that EdgeHub is lost, the stop that every plan has first. */
export function trialsOf({ faults: { trials } }: Plan): [Trial, ...Trial[]] {
  const ways = Object.keys(waysToLose) as WayToLose[];
  const all = ways.flatMap((way) =>
    Array.from({ length: trials[way] }, (_, index): Trial => {
      const name = `${way}${index === 0 ? '' : `-${index + 1}`}`;
      return { id: `2D.failover.${name}`, name, way };
    }),
  );
  return all as [Trial, ...Trial[]];
}
