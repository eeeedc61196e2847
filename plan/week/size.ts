// How large the state of a week can become: it travels whole from history to history, and Temporal refuses a payload of 2 MiB. Pure.
import { daysOf } from '../calendar/days.ts';
import { hasCalendar } from '../calendar/keeping.ts';
import {
  downsAtMost,
  downsOfEach,
  lostAtMost,
  messagesAtMost,
  rangesAtMost,
  silencesAtMost,
  wantedAtMost,
} from '../evidence/measured-bounds.ts';
import { groupsAtMost, outsideDownsAtMost } from '../evidence/outside.ts';
import { textKept, textsAtMost } from '../evidence/watched.ts';
import { pilotsOf, type Plan, wavesOf } from '../schema/plan.ts';
import { measuresOf } from '../tasks/measures.ts';
import { isHub } from '../tasks/services.ts';
import { stepsOf, tasksIn, undoRows } from '../tasks/steps.ts';
import { bytesOf } from './bytes.ts';
import { disturbedAtMost } from './disturbances.ts';
import { actionsKept, resultKept } from './incident.ts';
import { kept } from './older.ts';
import { takenAtMost } from './order.ts';
import { pagingKept } from './paging.ts';
import { recordBytes, shortestRecord } from './record.ts';
import { detailKept, detailsKept } from './undo.ts';
import { openCharacters, openNamed } from './without.ts';

const takes = 2 * 2 ** 20;
/** For what a release may add to it. */
const spare = 0.0625 * 2 ** 20;

/** Bytes of JSON, of one each, at the longest. */
const each = {
  /** What a record has beside: the figures of a failover, how often and since when it was, who waived it. */
  figures: 50,
  times: 45,
  waived: takenAtMost.text + takenAtMost.name + 76,
  /** The digest of what a rollback left. */
  finding: 30,
  /** Backup, original and offset of a pilot; what was there before of an agent, and of its target. */
  pilot: 320,
  agent: 165,
  /** Batches of a machine and of the twenty agents that its baseline has at most, and means of its week. */
  machine: 6_000,
  /** A row that is under way, with its window and how far its log is read, and what that saw of a target: an agent is three. */
  begun: 500,
  target: 88,
  text: textKept + 20,
  /** When a program or a container was started, as a window knows it. */
  life: 55,
  /** Two points of time, two numbers of messages, a point of time. */
  range: 31,
  numbers: 20,
  lost: 14,
  silence: 82,
  /** A name of something, with what JSON puts around it. */
  named: 30,
  /** Totals of a target, and an encoded histogram of all that it can have. */
  measured: 72,
  /** What is reached and lost together, but for its names. */
  group: 58,
  histogram: 3_300,
  /** A ledger entry without its detail, and what is known of a rollback of it. */
  undone: 155,
  tookBack: 50,
  incident: 4 * takenAtMost.text + 3 * takenAtMost.name + actionsKept * (resultKept + 90) + 430,
  /** Its text, who said it, from where, and on which evidence. */
  said: takenAtMost.text + 3 * takenAtMost.name + 200,
  /** A day or row that was let go is one of those that are waived, and named beside. */
  released: 45,
  /** A machine that is gone without: why, and what is open there. */
  without: takenAtMost.text + takenAtMost.name + 110 + openNamed * (openCharacters + 3),
  /** Notices that a channel does not take: an emergency's is tried for half an hour. */
  untold: 3 * 2_300,
  paged: 140,
  /** Which page, who answered it, from where. */
  acknowledged: 2 * takenAtMost.name + 90,
  /** What does not grow with the plan: notices, names of them, the course of the KPIs, the frozen evidence. */
  rest: 95_000,
};

/** Changes of a week, which is how many entries its ledgers have: of a pilot, of a service, and of the week itself. */
const changes = { pilot: 3, service: 8, week: 60 };

/** The parts of the largest state that a week of this plan can have, in bytes. */
export function largestState(plan: Plan): Record<string, number> {
  const rows = [...stepsOf(plan), ...undoRows(tasksIn(plan))];
  const atMost = recordBytes(rows.length);
  const machines = plan.machines.map(({ name }) => name);
  const machineOf = new Map(plan.agents.map(({ name, machine }) => [name, machine]));
  const records = rows.map(({ id, ofAgent }) =>
    Math.max(atMost, shortestRecord(id, machineOf.get(ofAgent ?? '') ?? machines.join(', '))),
  );
  const [pilots, services, agents] = [pilotsOf(plan).length, plan.services.length, plan.agents.length];
  const underWay = Math.max(...wavesOf(plan).map(({ length }) => length), 0) + services;
  const routes = machines.length * (machines.length - 1);
  const downs = machines.map((machine) => {
    const targets = [...plan.services, ...plan.agents].filter((one) => one.machine === machine).length;
    return Math.max(downsAtMost, downsOfEach * targets);
  });
  const outside = machines.map((machine) => bytesOf(Object.keys(measuresOf(plan, machine, '').outside ?? {})));
  const entries = changes.pilot * pilots + changes.service * services + changes.week;
  const undone = entries * each.undone + detailsKept;
  const watched =
    pilots * each.pilot +
    underWay * each.begun +
    (3 * agents + services) * each.target +
    2 * textsAtMost * each.text +
    (agents + services) * each.life;
  return {
    plan: bytesOf(plan),
    [`${rows.length} records`]:
      sum(records) +
      // Each under its id.
      bytesOf(rows.map(({ id }) => `${id}:`)) +
      rows.filter(({ timesFailover }) => timesFailover).length * each.figures +
      takenAtMost.waived * each.waived +
      undoRows(tasksIn(plan)).length * (each.waived + each.finding),
    [`${kept.history} records of what was undone`]:
      kept.history * (Math.max(...records) + each.times) + takenAtMost.waived * each.waived,
    [`what is measured of ${services + agents} targets`]:
      agents * each.agent +
      machines.length * each.machine +
      // A cluster is a target of each machine.
      (services + agents + machines.length) * each.measured +
      (machines.length * (rangesAtMost + wantedAtMost + outsideDownsAtMost) + sum(downs)) * each.range +
      sum(outside) +
      machines.length * groupsAtMost * each.group +
      routes * (messagesAtMost * each.numbers + lostAtMost * each.lost + silencesAtMost * each.silence) +
      // A hub's for queries and for writes.
      (routes + 2 * plan.services.filter(isHub).length) * each.histogram,
    // What is under way goes with what is undone: then its entries are there twice, in the rollback and in the week.
    [`what is under way of ${pilots} pilots, or ${entries} entries that are undone`]:
      undone + Math.max(watched, undone + entries * each.tookBack),
    [`${kept.undone} entries that were undone`]: kept.undone * (each.undone + detailKept),
    'incidents and decisions': kept.incidents * each.incident + kept.decisions * each.said,
    'orders and decisions that stand':
      (takenAtMost.orders + Math.max(takenAtMost.decisions, plan.gate.approvals)) * each.said,
    // As many as may be waived in all, with a calendar; without one, the days.
    'what was let go':
      bytesOf(plan.holdBefore) +
      (hasCalendar(plan) ? takenAtMost.waived : daysOf({ plan, startedAt: 0 }).length) * each.released,
    'machines that are gone without': machines.length * each.without,
    'what was disturbed on purpose': disturbedAtMost * each.range + (services + pilots) * each.named,
    'pages that are open, and answers': pagingKept.open * each.paged + pagingKept.acknowledged * each.acknowledged,
    rest: each.rest + plan.notify.channels.length * each.untold,
  };
}

/** Why a week of this plan can't be carried; undefined when it can. */
export function whyTooLarge(plan: Plan): string | undefined {
  const parts = Object.entries(largestState(plan));
  const total = sum(parts.map(([, bytes]) => bytes));
  if (total <= takes - spare) return undefined;
  const said = parts.sort(([, a], [, b]) => b - a).map(([what, bytes]) => `${what} ${humanBytes(bytes)}`);
  return (
    `the state of its week can become ${humanBytes(total)}, and Temporal takes ${humanBytes(takes)}, of which ${humanBytes(spare)} ` +
    `are kept for what a later build adds: ${said.join(', ')}. Move fewer pilots in a week, and make another week of the others`
  );
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function humanBytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(2)} MiB` : `${Math.ceil(bytes / 2 ** 10)} KiB`;
}
