// Watched time: slices of sampling on every machine, credit for what was observed healthy, kept across new histories and pauses.
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { type Remedy, remedyFor } from '../../plan/evidence/triage.ts';
import type { Watched } from '../../plan/evidence/watched.ts';
import { type Order, thePlan } from '../../plan/week/order.ts';
import type { Observation, ObserveAsk } from '../../plan/machine-api/measure.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { fitted, recordBytes } from '../../plan/week/record.ts';
import { diagnose } from '../emergency/diagnosis.ts';
import { holdIfAhead, looksAtLedgers } from '../ledger-ahead.ts';
import type { WatchWindow } from '../../plan/week/state.ts';
import { HistoryIsLong, IncidentFound } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';

/** What answers later than this counts as down. */
const answerWithinMs = 3_000;
/** A worker that was killed is missed after 10 s and started again by somebody: a window of a rehearsal is shorter than that. */
const blindAtLeastMs = 60_000;

export type Asks = Record<string, Pick<ObserveAsk, 'urls' | 'programs' | 'containers' | 'values'>>;

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
    const { seen, long } = await slice(week, window, untilMs);
    const issue = issueOf(seen, plan.watch.tolerate);
    // The window is the workflow's own time: a machine that answers early does not shorten it.
    if (!week.ordered && !long && issue === undefined)
      await week.sleep(untilMs - Date.now(), window.id, Object.keys(window.asks).join(', '));
    for (const observation of seen) add(targets, observation);
    watched.samples += seen.reduce((sum, one) => sum + one.samples, 0);
    watched.failed = Object.values(targets).reduce((sum, target) => sum + target.down, 0);
    watched.longestGapMs = Math.max(watched.longestGapMs, ...seen.map((one) => one.longestGapMs));
    if (issue === undefined) {
      const earnedMs = earned(week, window, seen);
      watched.creditMs += earnedMs;
      watched.unseenMs =
        2 * earnedMs < sliceMs ? (watched.unseenMs ?? 0) + unseen(week, sliceMs, Date.now() - beganMs) : 0;
      if (watched.unseenMs >= Math.max(window.wantedMs, blindAtLeastMs)) break;
    } else {
      watched.firstIssue ??= issue;
      const again = watched.restarts < window.restartsAtMost;
      // Before anything that may end it here: what was found counts.
      const atOnce = again && patched('what-was-found-counts');
      if (atOnce) startAgain(watched, targets);
      let ends = false;
      try {
        week.stopIfOrdered();
        const remedy = plan.emergency.automatic ? remedyFor(await diagnose(week, window.id), state.mended) : undefined;
        ends = !again && !(remedy && window.restartsAtMost === 0);
        if (!ends && !atOnce) startAgain(watched, targets);
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
function unseen({ ordered }: Week, sliceMs: number, tookMs: number): number {
  return ordered && patched('unseen-earns-nothing') ? Math.min(sliceMs, tookMs) : sliceMs;
}

function startAgain(watched: WatchWindow, targets: Watched['targets']): void {
  watched.restarts += 1;
  watched.creditMs = 0;
  for (const name of Object.keys(targets)) delete targets[name];
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

/** In a history of before, what one machine saw counted for those that saw nothing. */
function earned({ plan }: Week, { asks }: Window, seen: Observation[]): number {
  const machines = Object.keys(asks).length;
  const wanted = seen.length < machines && !patched('unseen-earns-nothing') ? seen.length : machines;
  return creditOfAll(seen, wanted, plan.watch.sampleInterval);
}

/** One slice on every machine. Where one of them finds trouble, the others are ended too. `long`: the history is, and one waits. */
async function slice(
  week: Week,
  { id, asks }: Window,
  untilMs: number,
): Promise<{ seen: Observation[]; long: boolean }> {
  const { sampleInterval, tolerate } = week.plan.watch;
  const scope = new CancellationScope();
  let long = false;
  const seen = await scope.run(() =>
    Promise.all(
      Object.entries(asks).map(async ([machine, ask]) => {
        try {
          const found = await week
            .proxy(id, machine)
            .observe({ ...ask, untilMs, intervalMs: sampleInterval, timeoutMs: answerWithinMs, tolerate });
          if (issueOf([found], tolerate) !== undefined) scope.cancel();
          return [found];
        } catch (error) {
          // Ended before it had begun: it has seen nothing.
          if (isCancellation(error)) return [];
          // What the others have seen by now is the last of this history.
          if (error instanceof HistoryIsLong) scope.cancel();
          long ||= error instanceof HistoryIsLong;
          if (!long) throw error;
          return [];
        }
      }),
    ),
  );
  return { seen: seen.flat(), long };
}

function orderFor(remedy: Remedy, why: string): Order {
  const call = { trigger: { automatic: true, by: thePlan, from: 'emergency.automatic', reason: why }, at: Date.now() };
  if ('ask' in remedy) return { kind: 'ask', why: `${why}; ${remedy.ask}` };
  return { kind: 'repair', ...remedy, ...call };
}

/** Only sampled time counts: a gap is unknown, and earns nothing. */
export function creditOf({ fromMs, toMs, samples }: Observation, intervalMs: number): number {
  return Math.max(0, Math.min(toMs - fromMs, samples * intervalMs));
}

/** What all machines saw: one that nobody asked, or that did not answer, has seen nothing. */
export function creditOfAll(seen: Observation[], machines: number, intervalMs: number): number {
  return seen.length < machines ? 0 : Math.min(...seen.map((one) => creditOf(one, intervalMs)));
}

function issueOf(seen: Observation[], tolerate: number): string | undefined {
  for (const { targets, restarted } of seen) {
    if (restarted.length > 0) return `${restarted.join(', ')} restarted`;
    const down = Object.entries(targets).find(([, target]) => target.longestDown > tolerate);
    if (down) return `${down[0]}: ${down[1].firstError ?? 'down'}`;
  }
  return undefined;
}

function add(targets: Watched['targets'], seen: Observation): void {
  for (const [name, target] of Object.entries(seen.targets)) {
    const sum = (targets[name] ??= { up: 0, down: 0, longestDown: 0 });
    sum.up += target.up;
    sum.down += target.down;
    sum.longestDown = Math.max(sum.longestDown, target.longestDown);
    sum.firstError ??= target.firstError;
  }
}

/** A window that is over leaves only its record. */
export function forgetWindow({ state }: Week, id: string): void {
  delete state.windows[id];
  delete state.facts[`watched ${id}`];
}
