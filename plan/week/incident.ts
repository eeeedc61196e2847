// Incidents: what was done in an emergency, how long it took, and what people say of it afterwards: `emergency.1.component` to `emergency.3.without-temporal`.
import { humanDuration } from '../schema/duration.ts';
import type { Plan } from '../schema/plan.ts';
import type { Waived } from './record.ts';
import { cut } from './cut-text.ts';

/** 1: a component is restarted. 2: an agent is restored. 3: everything is undone. */
export type Level = 1 | 2 | 3;

/** Who or what called for it. `from` is "user@host" for people. */
export interface Trigger {
  automatic: boolean;
  by: string;
  from: string;
  reason: string;
  /** Ordered on a machine with `rollback --emergency` while the week could not be asked. */
  withoutTemporal?: boolean;
}

export interface Action {
  what: string;
  machine: string;
  /** One line: what came of it. */
  result: string;
  ms: number;
}

export interface Incident {
  /** incident-1, incident-2, … in the order in which they began. */
  id: string;
  level: Level;
  /** The component or agent; null for the whole week. */
  target: string | null;
  trigger: Trigger;
  /** Unix milliseconds. */
  startedAt: number;
  endedAt: number;
  /**
   * `false alarm`: of a level 1 that named nothing, and nothing was down. Earlier builds called that failed. `recovered by itself`: people
   * were asked, nobody answered, and it was well again at the deadline.
   */
  result: 'recovered' | 'failed' | 'interrupted' | 'false alarm' | 'recovered by itself';
  actions: Action[];
  limitMs: number;
  withinLimit: boolean;
  /** For people to fill in: hubshift incident note. */
  cause: string | null;
  prevention: string | null;
  /** Of one that did not end well: who takes that as it is. */
  accepted?: Waived;
}

/** Nothing of it is left to mend. */
export function endedWell({ result }: Pick<Incident, 'result'>): boolean {
  return result === 'recovered' || nothingDone({ result });
}

/** Nothing was mended: no level was carried out, and its limit is none of it. */
export function nothingDone({ result }: Pick<Incident, 'result'>): boolean {
  return result === 'false alarm' || result === 'recovered by itself';
}

/** How long it took, and whether that was within the limit of its level. */
export function tookText(of: Pick<Incident, 'result' | 'startedAt' | 'endedAt' | 'limitMs' | 'withinLimit'>): string {
  const took = humanDuration(of.endedAt - of.startedAt);
  if (of.result === 'recovered by itself') return `seen well again after ${took}`;
  return `${of.result} after ${took}, ${of.withinLimit ? 'within' : 'over'} the limit of ${humanDuration(of.limitMs)}`;
}

export const actionsKept = 8;
/** What came of an action, in characters. */
export const resultKept = 100;

export function limitOf({ emergency }: Plan, level: Level): number {
  return emergency[`level${level}`];
}

/** The record of an emergency that is over; `known` are those before it. */
export function incident(
  plan: Plan,
  known: number,
  over: Pick<Incident, 'level' | 'target' | 'trigger' | 'startedAt' | 'endedAt' | 'result' | 'actions'>,
): Incident {
  const limitMs = limitOf(plan, over.level);
  return {
    id: `incident-${known + 1}`,
    ...over,
    actions: over.actions
      .slice(0, actionsKept)
      .map((action) => ({ ...action, result: cut(action.result, resultKept) })),
    limitMs,
    withinLimit: over.result === 'recovered by itself' || over.endedAt - over.startedAt <= limitMs,
    cause: null,
    prevention: null,
  };
}
