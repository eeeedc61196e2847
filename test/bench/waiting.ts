// npm run bench:waiting: what it costs Temporal that a week waits for workers, in events an hour, and how fast level 3 is meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import { loadPlan } from '../../client/plan-file.ts';
import { withClient } from '../../client/week/connect.ts';
import { killWorker, startWorker } from '../../lab/lab.ts';
import { workflowId } from '../../plan/names.ts';
import { changesSince, fingerprint } from '../lab/week/fingerprint.ts';
import { follow, freshLab, isStatus, labDown, must, startQuickly } from '../lab/week/lab.ts';

const minutes = Number(process.argv[2] ?? 10);
const minute = 60_000;
/** Events an hour for each call that waits: what is shown of it, and what the machines that are there go on measuring, comes on top. */
const budget = { eventsPerCall: 20, level3Ms: 30_000 };

const lab = await freshLab();
const phase1 = await fingerprint(lab.machines);
const names = lab.machines.map(({ name }) => name);

/** As the API numbers it: in its queue, taken by nobody. */
const scheduled = 1;

interface Counted {
  run: string;
  events: number;
  /** Activities that nobody has taken. */
  calls: number;
}

async function count(): Promise<Counted> {
  const { plan } = loadPlan({});
  const { runId, historyLength, raw } = await withClient((client) =>
    client.workflow.getHandle(workflowId(plan.name)).describe(),
  );
  const calls = (raw.pendingActivities ?? []).filter(({ state }) => Number(state) === scheduled).length;
  return { run: runId, events: historyLength, calls };
}

/** A week in 2D whose workers of these machines go away. Events an hour, and how many calls wait. */
async function away(missing: string[]): Promise<{ anHour: number; calls: number }> {
  // In the plan's own slices of a quarter of an hour.
  await startQuickly(['2D.soak'], undefined, null);
  await follow(({ snapshot }) => snapshot?.windows.some(({ id }) => id === '2D.soak') ?? false, 4 * minute);
  // As a machine that loses its power.
  for (const name of missing) await killWorker(name, 'SIGKILL');
  await follow(({ snapshot }) => snapshot?.waits.length === missing.length, 3 * minute);
  // What is measured on the others until it notices.
  await delay(minute);
  const before = await count();
  await delay(minutes * minute);
  const after = await count();
  if (after.run !== before.run) throw new Error('the week has continued as new meanwhile: measure for a shorter time');
  return { anHour: ((after.events - before.events) * 60) / minutes, calls: after.calls };
}

/** From the command to Phase 1, with the workers started as the command is given. */
async function levelThree(missing: string[]): Promise<number> {
  const began = performance.now();
  const ordered = must('emergency', '--level', '3', '--reason', 'a measurement');
  for (const name of missing) await startWorker(name);
  await ordered;
  const ms = Math.round(performance.now() - began);
  await follow(isStatus('rolled back'), minute);
  const left = await changesSince(phase1, lab.machines);
  if (left.length > 0) throw new Error(`not Phase 1: ${left.join('; ')}`);
  return ms;
}

let kept = true;
try {
  for (const missing of [names.slice(1), names]) {
    const { anHour, calls } = await away(missing);
    const ms = await levelThree(missing);
    // With one that is there the week goes on measuring there.
    kept &&= missing.length < names.length || anHour <= budget.eventsPerCall * calls;
    kept &&= ms <= budget.level3Ms;
    console.log(
      `${missing.join(' and ')} away: ${Math.round(anHour)} events an hour, ${calls} calls wait; level 3 from command to Phase 1 ${ms} ms`,
    );
  }
} finally {
  await labDown({ report: () => undefined });
}
console.log(
  `budgets (${budget.eventsPerCall} events an hour for each call that waits, all away; ${budget.level3Ms} ms) ${kept ? 'kept' : 'NOT kept'}`,
);
process.exitCode = kept ? 0 : 1;
