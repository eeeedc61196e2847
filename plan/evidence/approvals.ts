// Approvals: who said GO to which evidence, how many must, and how sure they are. Pure.
import { fail, inconclusive, pass } from '../tasks/shared/verdict.ts';
import type { Evaluation } from '../week/record.ts';
import type { Approval, WeekState } from '../week/state.ts';

/** Whom a name means: whatever its case, its blanks, and what can't be seen of it. */
export function personOf(name: string): string {
  return (
    name
      .normalize('NFKC')
      .replace(/[\s\p{Cf}]/gu, '')
      // First to capitals: "Weiß" is written WEISS in them.
      .toUpperCase()
      .toLowerCase()
  );
}

/** Who said GO to the evidence that stands now. */
export function goes({ approvals, evidence }: Pick<WeekState, 'approvals' | 'evidence'>): Approval[] {
  return approvals.filter((said) => said.decision === 'go' && said.evidence === evidence?.digest);
}

/** How many must: as many as the plan wants, and two where it goes against the recommendation. */
export function approvalsWanted({ evidence, plan }: Pick<WeekState, 'evidence' | 'plan'>): number {
  return evidence?.recommendation === 'no-go' ? Math.max(2, plan.gate.approvals) : plan.gate.approvals;
}

type Started = Pick<WeekState, 'plan' | 'rehearsal' | 'startedBy'>;

/** Whether this is who started the week, who "user@host" was: the user, on whatever host. */
function isStarter({ startedBy }: Pick<WeekState, 'startedBy'>, name: string): boolean {
  const user = personOf(withoutHost(startedBy));
  return [name, withoutHost(name)].some((one) => personOf(one) === user);
}

function withoutHost(name: string): string {
  const at = name.lastIndexOf('@');
  return at < 0 ? name : name.slice(0, at);
}

/** Whether a GO by these would be one of the starter alone, which a rehearsal takes, and a plan of version 1. */
export function isOfStarterAlone(state: Started, names: string[]): boolean {
  return state.plan.version !== 1 && state.rehearsal === null && names.every((name) => isStarter(state, name));
}

/** As many people as must have said GO, and not all of it is of who started the week. */
export function areEnough(state: Started & Pick<WeekState, 'approvals' | 'evidence'>): boolean {
  const names = goes(state).map(({ by }) => by);
  return names.length >= approvalsWanted(state) && !isOfStarterAlone(state, names);
}

/** Whether the plan lets this person decide; one that lists nobody lets everybody. */
export function mayDecide({ gate }: WeekState['plan'], name: string): boolean {
  return gate.approvers?.some((approver) => personOf(approver) === personOf(name)) ?? true;
}

/** As sure as those are whose GO makes the decision: one who doubts does not keep the others from it, but by a NO-GO. */
export function surest(state: Pick<WeekState, 'approvals' | 'evidence' | 'plan'>): number[] {
  return goes(state)
    .map(({ confidencePercent }) => confidencePercent)
    .sort((a, b) => b - a)
    .slice(0, approvalsWanted(state));
}

/** Approvals of this evidence, by distinct people. */
export function confidence(percents: number[], above: number): Evaluation {
  if (percents.length === 0) return inconclusive('nobody has decided yet');
  const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
  const say = `mean ${Number(mean.toFixed(1))} % of ${percents.length}`;
  return mean > above
    ? pass(`${say}, above ${above} %`, { mean, of: percents.length })
    : fail(`${say}; above ${above} % is wanted`, { mean, of: percents.length });
}
