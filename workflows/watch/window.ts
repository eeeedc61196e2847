// Watched time: slices of sampling on every machine, credit for what was observed healthy, kept across new histories and pauses.
import { patched } from '@temporalio/workflow';
import { creditOfAll, creditOfEach } from '../../plan/evidence/credit.ts';
import { type Remedy, remedyFor } from '../../plan/evidence/triage.ts';
import { downNow, type Watched, withSlice } from '../../plan/evidence/watched.ts';
import { begun, counted, credited, isBlind, issueIn, sliceOf, unseenIn } from '../../plan/evidence/window.ts';
import { type Order, thePlan } from '../../plan/week/order.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import { keepFailed } from '../../plan/week/attempt.ts';
import { diagnose } from '../emergency/diagnosis.ts';
import { holdIfAhead, looksAtLedgers } from '../ledger-ahead.ts';
import type { WatchWindow, WeekState } from '../../plan/week/state.ts';
import { HistoryIsLong, IncidentFound, unseen } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';
import { type Asks, slice } from './slice.ts';

export interface Window {
  id: string;
  wantedMs: number;
  /** What to sample, by machine. */
  asks: Asks;
  /** What an issue does to the credit: end the window, or start it again at most so often. */
  restartsAtMost: number;
}

/**
 * Observes until the credit is reached, an issue ends it, or nothing was seen for as long as the window is, a minute at least. What was
 * seen stays in the state at every slice. Where the plan has emergencies triggered automatically, an issue that a fresh look finds
 * too is thrown as IncidentFound, to be mended first; the window then begins again. Where who asks is refused, people are asked, and it goes on.
 */
export async function watch(week: Week, window: Window): Promise<Watched> {
  const { plan, state } = week;
  const watched = (state.windows[window.id] ??= begun(Date.now()));
  const fact = `watched ${window.id}` as const;
  const targets = (week.fact(fact) ?? {}) as Watched['targets'];
  week.keep(fact, targets);
  // A history of before goes on as it began: each machine's time counted, whenever that was.
  const together = patched('credit-is-what-all-saw');
  const restarted: string[] = [];
  while (watched.creditMs < window.wantedMs) {
    week.stopIfHistoryIsLong();
    // Nothing else would find for a day that Temporal was set back.
    if (window.wantedMs > plan.watch.slice && looksAtLedgers())
      await holdIfAhead(week, window.id, Object.keys(window.asks));
    const sliceMs = sliceOf(watched, window.wantedMs, plan.watch);
    const beganMs = Date.now();
    const untilMs = beganMs + sliceMs;
    const { seen, long } = await slice(week, { ...window, untilMs, together, downBefore: downNow(targets) });
    const sums = withSlice(targets, seen);
    const issue = issueIn(seen, sums, window.wantedMs, plan.watch);
    // Before an order can end the wait: what was seen counts.
    Object.assign(targets, sums);
    Object.assign(watched, counted(watched, targets, seen));
    // The window is the workflow's own time: a machine that answers early does not shorten it.
    if (!week.ordered && !long && issue === undefined)
      await week.sleep(untilMs - Date.now(), window.id, Object.keys(window.asks).join(', '));
    if (issue === undefined) {
      const earnedMs = earned(week, window, seen, together);
      const darkMs = () => dark(week, sliceMs, Date.now() - beganMs, together);
      Object.assign(watched, credited(watched, earnedMs, sliceMs, darkMs));
      const refused = week.refusedIsUnknown ? unseenIn(seen, plan.watch.tolerate) : undefined;
      if (refused !== undefined && !week.ordered && !long) throw unseen(window.id, refused);
      if (isBlind(watched, window.wantedMs)) break;
    } else {
      watched.firstIssue ??= issue;
      const again = watched.restarts < window.restartsAtMost;
      // Before anything that may end it here: what was found counts.
      const atOnce = again && patched('what-was-found-counts');
      if (atOnce) startAgain(week, window.id, watched, targets);
      let ends = false;
      try {
        week.stopIfOrdered();
        const remedy = plan.emergency.automatic ? remedyFor(await diagnose(week, window.id), state.mended) : undefined;
        ends = !again && !(remedy && window.restartsAtMost === 0);
        if (!ends && !atOnce) startAgain(week, window.id, watched, targets);
        if (!ends && remedy) throw new IncidentFound(orderFor(remedy, `${window.id}: ${issue}`));
      } finally {
        // Else the record of its row says it.
        if (!ends) keepIssue(week, window.id, issue);
      }
      if (ends) {
        restarted.push(...seen.flatMap((one) => one.restarted));
        break;
      }
    }
    week.publish();
    week.stopIfOrdered();
    if (long) throw new HistoryIsLong();
  }
  return {
    creditMs: watched.creditMs,
    longestGapMs: watched.longestGapMs,
    restarts: watched.restarts,
    targets,
    restarted,
  };
}

/** A slice that an order ended is not unseen for longer than it took. */
function dark({ ordered }: Week, sliceMs: number, tookMs: number, together: boolean): number {
  return ordered && (together || patched('unseen-earns-nothing')) ? Math.min(sliceMs, tookMs) : sliceMs;
}

function startAgain({ state }: Week, id: string, watched: WatchWindow, targets: Watched['targets']): void {
  watched.restarts += 1;
  watched.creditMs = 0;
  for (const name of Object.keys(targets)) delete targets[name];
  // What is mended meanwhile is started again, by whomever: that was this issue, and is not another.
  delete state.facts[`lives ${id}`];
}

/** Of a window that begins again, or is gone on with after an order: an attempt that failed, whatever it comes to. */
function keepIssue({ state, plan, findingsStay }: Week, id: string, issue: string): void {
  if (!findingsStay) return;
  const at = Date.now();
  const machine = plan.machines.map(({ name }) => name).join(', ');
  keepFailed(state, { id, machine, summary: issue, evidence: {}, startedAt: at, endedAt: at });
}

/** In histories of before, what one machine saw counted for those that saw nothing, or saw it at another time. */
function earned({ plan }: Week, { asks }: Window, seen: Observation[], together: boolean): number {
  const machines = Object.keys(asks).length;
  const { sampleInterval } = plan.watch;
  if (together) return creditOfAll(seen, machines, sampleInterval);
  const wanted = seen.length < machines && !patched('unseen-earns-nothing') ? seen.length : machines;
  return creditOfEach(seen, wanted, sampleInterval);
}

function orderFor(remedy: Remedy, why: string): Order {
  const call = { trigger: { automatic: true, by: thePlan, from: 'emergency.automatic', reason: why }, at: Date.now() };
  if ('ask' in remedy) return { kind: 'ask', why: `${why}; ${remedy.ask}`, about: remedy.about };
  return { kind: 'repair', ...remedy, ...call };
}

/** A window that is over leaves only its record. */
export function forgetWindow({ state }: Week, id: string): void {
  delete state.windows[id];
  delete state.facts[`watched ${id}`];
  delete state.facts[`lives ${id}`];
}

/** What is mended is started again: no window takes that for a restart of its own accord. What runs beside it is known on. */
export function forgetLives({ windows, facts }: WeekState, isMended: (target: string) => boolean): void {
  for (const id of Object.keys(windows)) {
    const known = facts[`lives ${id}`];
    if (!known) continue;
    facts[`lives ${id}`] = Object.fromEntries(
      Object.entries(known).map(([machine, lives]) => [
        machine,
        Object.fromEntries(Object.entries(lives).filter(([target]) => !isMended(target))),
      ]),
    );
  }
}
