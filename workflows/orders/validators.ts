// Why an order or a decision is refused, before it changes anything. Synchronous: an async validator never rejects.
import {
  approvalsWanted,
  confidence,
  goes,
  isOfStarterAlone,
  mayDecide,
  personOf,
} from '../../plan/evidence/approvals.ts';
import { mendable } from '../../plan/evidence/triage.ts';
import { controlQueueOf, isOfSite, planId } from '../../plan/names.ts';
import { humanDuration, utc } from '../../plan/schema/duration.ts';
import { madeSoFar } from '../../plan/tasks/steps.ts';
import { type Aim, whyNotFor } from '../../plan/week/aim.ts';
import {
  type Approval,
  endedStatuses,
  namesWithout,
  statusText,
  undoableStatuses,
  type WeekState,
} from '../../plan/week/state.ts';
import { bytesOf } from '../../plan/week/bytes.ts';
import { kept } from '../../plan/week/older.ts';
import { takenAtMost } from '../../plan/week/order.ts';
import type { Scope } from '../../plan/week/undo.ts';
import { unexplainedLines } from '../../plan/week/unexplained.ts';
import type { Decision, EmergencyAsk, Note, Speaker } from './messages.ts';
import { refuseInPart, refuseScope, refuseWithout, saysMore } from './rollback-validators.ts';
import { refuseAccept, refuseRelease, refuseResume, refuseRetry, refuseSkip } from './row-validators.ts';

export type Asked = Speaker &
  (
    | { kind: 'pause' }
    | { kind: 'resume' }
    | { kind: 'retry'; step: string }
    | { kind: 'skip'; step: string; reason: string }
    | { kind: 'release'; row: string; reason: string }
    | { kind: 'accept'; row: string; reason: string; found?: string }
    | { kind: 'rollback'; scope: Scope; without?: string[] }
  );

/** Names and digests. */
const names = ['by', 'from', 'evidence', 'found'];

/** What is longer than a week keeps, which carries with it what people say: as what, and by how much. */
export function longIn(said: object): string | undefined {
  for (const [what, text] of Object.entries(said ?? {})) {
    const atMost = names.includes(what) ? takenAtMost.name : takenAtMost.text;
    const bytes = typeof text === 'string' ? bytesOf(text) - 2 : 0;
    if (bytes > atMost) return `The ${what} takes ${bytes} bytes; a week keeps ${atMost} of it at most.`;
  }
  return undefined;
}

export function refuseLong(said: object): void {
  const long = longIn(said);
  if (long) throw new Error(long);
}

/** Throws when another week is meant. */
export function refuseOther({ plan, run, planDigest }: WeekState, aim: Aim): void {
  const why = whyNotFor({ plan: planId(plan), run, planDigest }, aim ?? {});
  if (why) throw new Error(why);
}

/** Throws when so many orders wait for what runs that one more would only be lost among them. */
export function refuseMany(waiting: number): void {
  if (waiting >= takenAtMost.orders)
    throw new Error(`${waiting} orders wait already for what the week does now: hubshift progress shows it.`);
}

/** Throws with the reason when the week can't take this order in its state. What comes from outside may be anything. */
export function refuseOrder(state: WeekState, asked: Asked): void {
  refuseLong(asked);
  if (typeof asked.by !== 'string' || !asked.by.trim()) throw new Error('An order needs a name (--as NAME).');
  refuseEnded(state, asked.kind === 'rollback');
  if (asked.kind === 'rollback') refuseInPart(state, asked.scope);
  if (state.status === 'rolling back' && !(asked.kind === 'rollback' && saysMore(state, asked)))
    throw new Error(
      `The week is rolling back; wait for its end (hubshift progress --watch). For a machine that does not come back: hubshift rollback --without MACHINE${state.rollback?.scope === 'all' ? '' : ', which undoes everything'}.`,
    );
  switch (asked.kind) {
    case 'pause':
      if (state.status === 'paused') throw new Error('The week is paused already; hubshift resume lets it go on.');
      return;
    case 'resume':
      if (state.status === 'deciding') throw new Error('The week waits for a decision: hubshift approve go|no-go.');
      if (state.status === 'failed' && state.held?.deadline)
        throw new Error(
          `A step did not pass: ${state.held.reason}. Use hubshift retry STEP or hubshift skip STEP --reason TEXT; of a check, hubshift accept ROW --reason TEXT.`,
        );
      if (!state.held) throw new Error('The week is not paused.');
      return refuseResume(state);
    case 'retry':
      return refuseRetry(state, asked.step);
    case 'skip':
      return refuseSkip(state, asked);
    case 'release':
      return refuseRelease(state, asked);
    case 'accept':
      return refuseAccept(state, asked);
    case 'rollback':
      refuseScope(state, asked.scope);
      return refuseWithout(state, asked.without, asked.scope === 'all');
  }
}

function isSettled({ records }: WeekState, id: string): boolean {
  return records[id]?.verdict === 'pass' || records[id]?.waived !== undefined;
}

/** What a week that has ended leaves can be taken back at once, also while it still tells people of its end. */
function refuseEnded(state: WeekState, isWayBack: boolean): void {
  const { status } = state;
  if (endedStatuses.includes(status) && !(isWayBack && undoableStatuses.includes(status)))
    throw new Error(`The week has ended (${statusText(status, namesWithout(state))}).`);
}

/** Taken in every state: what runs, waits or rolls back goes on there. */
export function refuseTakeOver(state: WeekState, asked: Speaker & { queue: string }): void {
  refuseEnded(state, false);
  const { site } = state.plan;
  if (!isOfSite(String(asked?.queue), site))
    throw new Error(
      `A week goes on on ${controlQueueOf(site)}, or on a build's queue of that name; not on ${asked?.queue}.`,
    );
}

/** Level 3 is taken in every state: a rollback that runs it joins. */
export function refuseEmergency(state: WeekState, asked: EmergencyAsk): void {
  refuseLong(asked);
  if (typeof asked?.by !== 'string' || !asked.by.trim()) throw new Error('An emergency needs a name (--as NAME).');
  refuseEnded(state, asked.level === 3);
  if (asked.level !== 3) refuseWithout(state, asked.without, false);
  const { components, agents } = mendable(state.plan);
  switch (asked.level) {
    case 1:
      if (asked.component !== undefined && !components.includes(asked.component))
        throw new Error(`The week made no component ${asked.component}; it made ${components.join(', ')}.`);
      if (asked.component !== undefined && !madeSoFar(state.plan, (id) => isSettled(state, id)).has(asked.component))
        throw new Error(`${asked.component} does not stand yet, or was undone: there is nothing to restart.`);
      break;
    case 2:
      if (asked.agent === undefined || !agents.includes(asked.agent))
        throw new Error(`Level 2 needs a pilot (--agent NAME): ${agents.slice(0, 20).join(', ')}.`);
      break;
    case 3:
      return refuseWithout(state, asked.without, true);
    default:
      throw new Error('The levels are 1, 2 and 3.');
  }
  if (state.status === 'rolling back')
    throw new Error(
      `The week is rolling back, which undoes what level ${asked.level} would mend. Wait for its end, or order level 3, which joins it.`,
    );
}

export function refuseNote({ incidents, older }: WeekState, asked: Note): void {
  refuseLong(asked);
  const { incident, cause, prevention } = asked;
  if (!incidents.some(({ id }) => id === incident)) {
    const there = incidents.map(({ id }) => id).join(', ') || 'no incident at all';
    // They are numbered: which of them are older the file alone knows.
    const file = older?.incidents
      ? `, and ${older.incidents} older ones in ${older.file}, which take no note any more`
      : '';
    throw new Error(`There is no ${incident}; there is ${there}${file}.`);
  }
  if (!cause?.trim() && !prevention?.trim())
    throw new Error('A note says a cause, a prevention or both (--cause TEXT, --prevention TEXT).');
}

export function refuseAck({ paged = [] }: WeekState, asked: Speaker & { what?: string }): void {
  refuseLong(asked);
  if (typeof asked?.by !== 'string' || !asked.by.trim()) throw new Error('An answer needs a name (--as NAME).');
  const open = paged.filter(({ acknowledged }) => !acknowledged).map(({ about }) => about);
  if (open.length === 0) throw new Error('Nobody is called for anything that is not answered.');
  if (asked.what !== undefined && !open.includes(asked.what))
    throw new Error(`Nobody is called for ${asked.what}; what is not answered is ${open.join(', ')}.`);
}

/** Throws when so many have decided on what they see now, or have decided again, that one more is not kept. A NO-GO ends that, and is. */
export function refuseMoreDecisions(state: WeekState, { by, decision }: Pick<Decision, 'by' | 'decision'>): void {
  if (decision === 'no-go') return;
  const isBy = (said: Pick<Decision, 'by'>) => personOf(said.by) === personOf(String(by));
  const decided = state.approvals.filter((said) => said.evidence === state.evidence?.digest && !isBy(said)).length;
  if (state.approvals.some(isBy) && state.decisions.length >= kept.decisions + takenAtMost.decisions)
    throw new Error(`${state.decisions.length} decisions are of the past already: what ${by} has said stands.`);
  if (decided >= Math.max(takenAtMost.decisions, approvalsWanted(state)))
    throw new Error(`${decided} people have decided on this evidence, and more are not taken.`);
}

/** Throws with the reason when a decision can't be taken now, or not so. `ofBefore`: in a history of before the first of each person counts. */
export function refuseDecision(state: WeekState, decision: Decision, ofBefore = false): void {
  if (state.status !== 'deciding')
    throw new Error(`There is nothing to decide now: the week is ${state.status} in ${state.phase}.`);
  if (decision?.decision !== 'go' && decision?.decision !== 'no-go') throw new Error('A decision is "go" or "no-go".');
  if (decision.then !== undefined && decision.decision === 'go') throw new Error('--then goes with no-go only.');
  if (decision.decision === 'no-go' && decision.then !== 'extend' && decision.then !== 'rollback')
    throw new Error('A no-go needs --then extend or --then rollback.');
  if (typeof decision.by !== 'string' || !decision.by.trim() || (!ofBefore && !personOf(decision.by)))
    throw new Error('A decision needs a name (--as NAME).');
  if (!mayDecide(state.plan, decision.by))
    throw new Error(
      `${decision.by} does not decide on this week; those who do (gate.approvers): ${state.plan.gate.approvers!.join(', ')}. Say who you are with --as NAME.`,
    );
  if (typeof decision.reason !== 'string' || !decision.reason.trim())
    throw new Error('A decision needs a reason (--reason TEXT).');
  if (
    typeof decision.confidencePercent !== 'number' ||
    !(decision.confidencePercent >= 0 && decision.confidencePercent <= 100)
  )
    throw new Error('Confidence is a number from 0 to 100 (--confidence N).');
  const hasDecided = ({ by, evidence }: Approval) => by === decision.by && evidence === state.evidence?.digest;
  if (ofBefore && state.approvals.some(hasDecided)) throw new Error(`${decision.by} has decided already.`);
  if (decision.decision === 'no-go') return;
  refuseGo(state, decision, ofBefore);
}

function refuseGo(state: WeekState, { by, confidencePercent, evidence, override }: Decision, ofBefore: boolean): void {
  const {
    evidence: frozen,
    plan: { gate },
  } = state;
  if (!frozen) throw new Error('The evidence is being looked at: hubshift progress shows when it is there.');
  // It is looked at again by now, and may be found otherwise.
  if (Date.now() >= frozen.at + gate.evidenceMaxAge)
    throw new Error(
      `The evidence of ${utc(frozen.at)} is older than ${humanDuration(gate.evidenceMaxAge)} and is being looked at again: hubshift progress shows when it is there.`,
    );
  if (evidence !== frozen.digest)
    throw new Error(
      `This is not the evidence that stands now (${frozen.digest.slice(0, 12)}): look at it with hubshift approve or hubshift report, and decide again.`,
    );
  if (frozen.recommendation === 'no-go' && override !== true)
    throw new Error(
      `The evidence speaks for a NO-GO: ${frozen.reasons.slice(0, 3).join('; ')}. A GO against it needs --override, a reason, and two people.`,
    );
  const open = unexplainedLines(state);
  if (open.length > 0)
    throw new Error(`A GO needs cause and prevention of every incident (a NO-GO needs nothing): ${open.join('; ')}.`);
  if (approvalsWanted(state) === 1 && isOfStarterAlone(state, [by]))
    throw new Error(
      `${by} has started this week, and a GO by nobody else does not count: another person decides, with hubshift approve, or --as NAME.`,
    );
  const others = goes(state).map((known) => known.confidencePercent);
  // The surest of them make the decision: a doubt may still be outweighed.
  if (!ofBefore && approvalsWanted(state) > 1) return;
  if (others.length + 1 < approvalsWanted(state)) return;
  const sure = confidence([...others, confidencePercent], gate.confidenceAbovePercent);
  if (sure.verdict !== 'pass')
    throw new Error(
      `A GO needs a confidence above ${gate.confidenceAbovePercent} %; ${others.length === 0 ? `${confidencePercent} was given` : `the mean of ${others.length + 1} would be ${Number(Number(sure.evidence['mean']).toFixed(1))}`}.`,
    );
}
