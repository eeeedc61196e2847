// Watched time: slices of sampling on every machine, credit for what was observed healthy, kept across new histories and pauses.
import { patched } from '@temporalio/workflow';
import { creditOfAll, creditOfEach } from '../../plan/evidence/credit.ts';
import { type Remedy, remedyFor } from '../../plan/evidence/triage.ts';
import { type Bounds, downNow, failsTooOften, type Watched, withSlice } from '../../plan/evidence/watched.ts';
import { type Order, thePlan } from '../../plan/week/order.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { fitted, recordBytes } from '../../plan/week/record.ts';
import { diagnose } from '../emergency/diagnosis.ts';
import { holdIfAhead, looksAtLedgers } from '../ledger-ahead.ts';
import type { WatchWindow, WeekState } from '../../plan/week/state.ts';
import { HistoryIsLong, IncidentFound } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';
import { type Asks, issueOf, slice } from './slice.ts';

/** A worker that was killed is missed after 10 s and started again by somebody: a window of a rehearsal is shorter than that. */
const blindAtLeastMs = 60_000;

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
 * too is thrown as IncidentFound, to be mended first; the window then begins again.
 */
export async function watch(week: Week, window: Window): Promise<Watched> {
  const { plan, state } = week;
  const watched = (state.windows[window.id] ??= {
    creditMs: 0,
    samples: 0,
    failed: 0,
    longestGapMs: 0,
    restarts: 0,
    startedAt: Date.now(),
  });
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
    // Never less than one interval: what is left of the window may be shorter than the way to the machine.
    const sliceMs = Math.max(plan.watch.sampleInterval, Math.min(plan.watch.slice, window.wantedMs - watched.creditMs));
    const beganMs = Date.now();
    const untilMs = beganMs + sliceMs;
    const { seen, long } = await slice(week, { ...window, untilMs, together, downBefore: downNow(targets) });
    const sums = withSlice(targets, seen);
    const issue = issueOf(seen, plan.watch.tolerate) ?? failingOf(sums, window.wantedMs, plan.watch);
    // The window is the workflow's own time: a machine that answers early does not shorten it.
    if (!week.ordered && !long && issue === undefined)
      await week.sleep(untilMs - Date.now(), window.id, Object.keys(window.asks).join(', '));
    Object.assign(targets, sums);
    watched.samples += seen.reduce((sum, one) => sum + one.samples, 0);
    watched.failed = Object.values(targets).reduce((sum, target) => sum + target.down, 0);
    watched.longestGapMs = Math.max(watched.longestGapMs, ...seen.map((one) => one.longestGapMs));
    if (issue === undefined) {
      const earnedMs = earned(week, window, seen, together);
      watched.creditMs += earnedMs;
      watched.unseenMs =
        2 * earnedMs < sliceMs ? (watched.unseenMs ?? 0) + unseen(week, sliceMs, Date.now() - beganMs, together) : 0;
      if (watched.unseenMs >= Math.max(window.wantedMs, blindAtLeastMs)) break;
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
function unseen({ ordered }: Week, sliceMs: number, tookMs: number, together: boolean): number {
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
  const record = {
    id,
    machine: plan.machines.map(({ name }) => name).join(', '),
    verdict: 'fail' as const,
    summary: issue,
    evidence: {},
    startedAt: at,
    endedAt: at,
    attempts: state.records[id]?.attempts ?? 1,
  };
  state.history.push(fitted(record, recordBytes(stepsOf(plan).length)));
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
  if ('ask' in remedy) return { kind: 'ask', why: `${why}; ${remedy.ask}` };
  return { kind: 'repair', ...remedy, ...call };
}

/** One that was down too often for the whole window, though never for long. */
function failingOf(targets: Watched['targets'], wantedMs: number, bounds: Bounds): string | undefined {
  const failing = Object.entries(targets).find(([, target]) => failsTooOften(target, wantedMs, bounds));
  return failing && `${failing[0]}: down in ${failing[1].down} samples, ${failing[1].firstError ?? 'down'}`;
}

/** A window that is over leaves only its record. */
export function forgetWindow({ state }: Week, id: string): void {
  delete state.windows[id];
  delete state.facts[`watched ${id}`];
  delete state.facts[`lives ${id}`];
}

/** What is mended is started again: no window takes that for a restart of its own accord. */
export function forgetLives({ windows, facts }: WeekState): void {
  for (const id of Object.keys(windows)) delete facts[`lives ${id}`];
}
