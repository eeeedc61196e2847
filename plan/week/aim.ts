// Which week an order is for. Whoever orders a rollback with the plan of another week, or of a run that is over, meant something else.

export interface Aim {
  /** As people named it, or as they were shown it. */
  run?: string;
  /** Left out by those who named the run. */
  planDigest?: string;
}

/** Why a week does not take an order; undefined when it is for it. An old client says neither, and an old week not its digest. */
export function whyNotFor(week: { plan: string; run: string; planDigest?: string }, aim: Aim): string | undefined {
  const { plan, run, planDigest } = week;
  if (aim.run !== undefined && aim.run !== run)
    return `This order is for run ${aim.run}, and the plan ${plan} has run ${run} now. If that is meant: --run ${run}.`;
  if (aim.planDigest === undefined || planDigest === undefined || aim.planDigest === planDigest) return undefined;
  return `Run ${run} began with another text of the plan ${plan} (digest ${short(planDigest)}, and this one has ${short(aim.planDigest)}). Name its plan with --plan, or the run, if it is meant all the same: --run ${run}.`;
}

const short = (digest: string): string => String(digest).slice(0, 12);
