// How large the state of a week can become: it travels whole from history to history, and Temporal refuses a payload of 2 MiB. Pure.
import { pilotsOf, type Plan } from '../schema/plan.ts';
import { stepsOf, tasksIn, undoRows } from '../tasks/steps.ts';
import { kept } from './older.ts';
import { takenAtMost } from './order.ts';
import { recordBytes } from './record.ts';

/** What Temporal takes, less what a release may add. */
const atMost = 1.8 * 2 ** 20;

/** Bytes of JSON, of one each, at the longest that was seen. */
const each = {
  /** A row that is under way, and what a window saw of a target. */
  begun: 80,
  target: 180,
  /** Backup, original, offset and image of a pilot, or of a service on a machine. */
  facts: 500,
  /** Totals of a measured target, and an encoded histogram. */
  measured: 300,
  histogram: 3_000,
  undone: 400,
  incident: 2_500,
  decision: 600,
  /** With the longest text that is taken. */
  said: takenAtMost.characters + 300,
  /** What does not grow with the plan: notices, names of them, the course of the KPIs, the frozen evidence. */
  rest: 150_000,
};

/** Rows that are under way at once: a wave of pilots. */
const underWay = 500;

/** The parts of the largest state that a week of this plan can have, in bytes. */
export function largestState(plan: Plan): Record<string, number> {
  const rows = [...stepsOf(plan), ...undoRows(tasksIn(plan))].length;
  const record = recordBytes(rows);
  const [machines, targets] = [plan.machines.length, plan.services.length + plan.agents.length];
  return {
    plan: bytesOf(JSON.stringify(plan)),
    [`${rows} records`]: rows * record + Math.min(rows, underWay) * each.begun,
    [`${kept.history} records of what was undone`]: kept.history * record,
    [`facts of ${pilotsOf(plan).length} pilots and ${plan.services.length} services`]:
      (pilotsOf(plan).length + plan.services.length) * each.facts + targets * each.target,
    [`what is measured of ${targets} targets`]:
      targets * each.measured + machines * (plan.services.length + machines) * each.histogram,
    [`${kept.undone} undone entries`]: kept.undone * each.undone,
    'incidents and decisions': kept.incidents * each.incident + kept.decisions * each.decision,
    'orders and decisions that stand': (takenAtMost.orders + takenAtMost.decisions) * each.said,
    rest: each.rest,
  };
}

/** Why a week of this plan can't be carried; undefined when it can. */
export function whyTooLarge(plan: Plan): string | undefined {
  const parts = Object.entries(largestState(plan));
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  if (total <= atMost) return undefined;
  const said = parts.sort(([, a], [, b]) => b - a).map(([what, bytes]) => `${what} ${humanBytes(bytes)}`);
  return `the state of its week can become ${humanBytes(total)}, and Temporal takes ${humanBytes(atMost)}: ${said.join(', ')}. Move fewer pilots in a week, and make another week of the others`;
}

function humanBytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(2)} MiB` : `${Math.ceil(bytes / 2 ** 10)} KiB`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
