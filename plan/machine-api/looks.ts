// Many looks at a machine by one ask: each ask is two transactions of the week's history, which an emergency waits for.

/** Verbs that only look, and end by themselves. */
export const looking = [
  'awaitReady',
  'digestFile',
  'directoryState',
  'hubStatus',
  'inspectContainer',
  'programStatus',
  'shown',
  'targets',
] as const;

export type LookVerb = (typeof looking)[number];

export interface Asked {
  verb: LookVerb;
  ask: unknown;
}

export interface LookActivities {
  /** All of them side by side, in their order; null for one that could not be answered. `withinMs`: the longest of them. */
  looks(ask: { asks: Asked[]; withinMs: number }): Promise<({ answer: unknown } | null)[]>;
}
