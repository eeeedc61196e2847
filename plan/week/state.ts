// The state of a week: everything that survives continue-as-new, and what of it people see.
import type { Frozen } from '../evidence/frozen.ts';
import type { KpiPoint } from '../evidence/kpi-series.ts';
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { Measured } from '../evidence/measured.ts';
import type { LogPlace, LogRead } from '../machine-api/agents.ts';
import type { Plan } from '../schema/plan.ts';
import type { TaskName } from '../tasks/names.ts';
import type { Disturbed } from '../tasks/row.ts';
import type { Facts } from './facts.ts';
import type { Action, Incident, Level } from './incident.ts';
import type { Notice, Sent } from './notice.ts';
import type { Order } from './order.ts';
import type { Acknowledged, Paged } from './paging.ts';
import type { Reach } from './paste.ts';
import type { Evaluation, StepRecord } from './record.ts';
import type { Scope, Undone } from './undo.ts';

export type Status =
  | 'running'
  | 'paused'
  | 'failed'
  | 'deciding'
  | 'rolling back'
  | 'completed'
  | 'no-go'
  | 'rolled back'
  /** But for machines that did not come: `without`. */
  | 'rolled back in part';

export const endedStatuses: readonly Status[] = ['completed', 'no-go', 'rolled back', 'rolled back in part'];

/** Ended, with something left that a rollback takes back. */
export const undoableStatuses: readonly Status[] = ['completed', 'rolled back in part'];

/** Why no part is undone any more, only everything: ledgers that are kept or closed take no change that would do it again. */
export function whyNotInPart(state: Pick<WeekState, 'status' | 'records' | 'facts' | 'without'>): string | undefined {
  const { status, records, facts } = state;
  const isKept = records['ledger.keep'] !== undefined || facts['begun ledger.keep'] !== undefined;
  if (!endedStatuses.includes(status) && !isKept) return undefined;
  const why = endedStatuses.includes(status)
    ? `The week has ended (${statusText(status, namesWithout(state))})`
    : 'The ledgers are being kept since the GO';
  return `${why}: a part of it is not undone any more, since nothing could do it again. hubshift rollback undoes everything.`;
}

export interface Approval {
  decision: 'go' | 'no-go';
  then?: 'extend' | 'rollback';
  confidencePercent: number;
  reason: string;
  /** A claim: who the person says to be, and from where it came. */
  by: string;
  from: string;
  at: number;
  /** Digest of the evidence that the person saw. */
  evidence: string;
  /** A GO against the recommendation. */
  override?: boolean;
}

/** A decision, and what the evidence spoke for; null when it had been decided on evidence of before. */
export interface Decided extends Approval {
  recommendation: Frozen['recommendation'] | null;
}

/** What a person lets go before its time: a day, such as `day-3`, or a row or a task, whatever the calendar says. */
export interface Released {
  row: string;
  by: string;
  reason: string;
  at: number;
}

/** A wait of the week: for whom or what, and the command that ends it. */
export interface Wait {
  on: string;
  step: string;
  since: number;
  /** Unix milliseconds when it ends by itself. */
  until?: number;
  command?: string;
}

/** A watched window in progress: credit is observed healthy time. */
export interface WatchWindow {
  creditMs: number;
  samples: number;
  failed: number;
  longestGapMs: number;
  restarts: number;
  /** Time in a row that was sampled for less than half. */
  unseenMs?: number;
  firstIssue?: string;
  startedAt: number;
  /** Of a log: what of it was read so far, which a worker that ends hands over to the next. */
  log?: Pick<LogRead, 'lines' | 'matches' | 'missed'> & { place: LogPlace };
}

export interface WeekState {
  plan: Plan;
  /** sha256 of the plan's text. */
  planDigest: string;
  /** Of what the plan puts on its machines (digest.ts), before a rehearsal shortened it. */
  footprint: string;
  run: string;
  startedBy: string;
  /** Where whoever is told finds it: earlier builds did not say. */
  reach?: Reach;
  startedAt: number;
  /** Divisor of the watched time; null for the real week. */
  rehearsal: number | null;
  /** The durations before a rehearsal divided them. */
  planned: { logMs: number; observationMs: number; soakMs: number };
  status: Status;
  phase: TaskName | 'gate' | 'rollback' | 'end';
  records: Record<string, StepRecord>;
  /** Records of what was undone since. */
  history: StepRecord[];
  /** What later steps need of earlier ones: images, backups, baselines. Plain JSON. */
  facts: Facts;
  windows: Record<string, WatchWindow>;
  /** Why the week is held, and since when. */
  held?: { reason: string; since: number; deadline?: number };
  /** Tasks and rows of `holdBefore` before which the week waited and a person let it go on. */
  released: string[];
  /** What people let go before its time. */
  letGo?: Released[];
  approvals: Approval[];
  undone: (Undone & { machine: string })[];
  /** The newest rollback. */
  rollback?: Rollback;
  undoing?: Undoing;
  /** Machines that the newest rollback of everything went without. */
  without?: Without[];
  /** How the week stood when everything began to be undone; gone once it goes on. */
  stood?: Stood;
  incidents: Incident[];
  /** What is still to be told, and what became of what was: the newest. */
  outbox: { channel: string; notice: Notice }[];
  told: Sent[];
  /** What has been told in this run, by what it is about: also what is no more in `told`. */
  announced: string[];
  /** What people are called for, while it is open. */
  paged?: Paged[];
  /** Who has answered a page: the newest. */
  acknowledged?: Acknowledged[];
  /** Where the report was written at the end, or why it was not. */
  reports?: { files: string[]; error?: string };
  /** What people decide on, once the gate has opened. */
  evidence?: Frozen;
  /** When the week itself stopped, restarted or cut something off, by its name (disturbances.ts). */
  disturbances?: Record<string, Ranges>;
  /** When rows that had begun waited for the week to go on, and since when they do (interruptions.ts); weeks of before did not say. */
  interruptions?: { since?: number; times: Ranges };
  /** Totals of what is measured all along, by machine. */
  measured: Record<string, Measured>;
  /** How the KPIs went, for people: thinned out as it grows (evidence/kpi-series.ts). */
  series: KpiPoint[];
  /** Decisions that were taken and are past: a NO-GO that extended the week, and the GOs beside it. */
  decisions: Decided[];
  /** What was mended automatically, while no person has said anything since. */
  mended?: string;
  /** The row that was done again at its deadline, while no person has said anything since; whether people had been told of it. */
  again?: { row: string; heard: boolean };
  /** What is written to a file and no more here. */
  older?: Older;
  /** Why that can't be written, and since when: all of it is still here. */
  notKept?: { since: number; error: string };
  /** What is being carried out, and what was ordered beside it: a new history goes on with them. */
  doing?: Order;
  orders?: Order[];
  /** How often the week continued as new; called so since the first build. */
  pages: number;
}

/** A machine that a rollback of everything went without. */
export interface Without {
  machine: string;
  /** Who wanted it so, or what was waited for in vain. */
  why: string;
  /** Unix milliseconds. */
  since: number;
  /** What the week knows to stand there, and how many that are; the machine's ledger has all of it. */
  open: string[];
  of: number;
}

/** The machines that it was rolled back without. */
export function namesWithout({ without = [] }: Pick<WeekState, 'without'>): string[] {
  return without.map(({ machine }) => machine);
}

/** How a week stands, in words: never plainly "rolled back" where that went without a machine. */
export function statusText(status: Status, without: readonly string[] = []): string {
  return status === 'rolled back in part' ? `rolled back, but for ${without.join(', ')}` : status;
}

/** What an undoing of everything leaves behind of the week. Its records are in the history. */
export interface Stood {
  status: Status;
  phase: WeekState['phase'];
  /** When the newest that it knew came to its end. Unix milliseconds. */
  at: number;
  /** As they stood. Without them the KPIs are those of what is left. */
  kpis?: Record<string, Evaluation>;
  /** Where the report of its end is, if it had ended. */
  reports: string[];
}

/** What a long week has written to a file and remembers no more itself (older.ts). */
export interface Older {
  /** Where it was written: JSON, a line each. */
  file: string;
  history: number;
  /** Of those in `history` what was no pass and is not here again, counted with its repeats. */
  findings?: number;
  incidents: number;
  levels?: Partial<Record<Level, number>>;
  decisions: number;
  /** By result. */
  undone: Partial<Record<Undone['result'], number>>;
  /** When steps disturbed something on purpose, whose records are there. Unix milliseconds. */
  disturbed: Partial<Record<Disturbed, Ranges>>;
}

/** A rollback that is under way: a new history goes on with it. */
export interface Undoing {
  /** Where the week was. */
  phase: WeekState['phase'];
  since: number;
  /** What became of the entries, by machine and part of the scope ("PC2 0"): what is here is not undone again. */
  undone: Record<string, (Undone & { machine: string })[]>;
  /** Tasks whose undo rows are looked at: known when every machine is done. */
  begun?: TaskName[];
  actions: Action[];
  /** Machines that it goes on without, and why. */
  without?: Record<string, string>;
  /** No machine was there at the deadline: since the first came, the others are waited for until then. Unix milliseconds. */
  againUntil?: number;
}

export interface Rollback {
  scope: Scope;
  reason: string;
  /** Unix milliseconds: ordered, every ledger undone, the rows of kind undo looked at. */
  startedAt: number;
  undoneAt?: number;
  verifiedAt?: number;
  /** Of a whole run: what this rollback itself took back, as `changeOf` says it. */
  tookBack?: string[];
  /** Its undo rows speak for the ledger entries that failed: one that is accepted, for those it names. */
  entriesInRows?: true;
  /** Of a whole run: a ledger at least has taken it, and takes no more changes. */
  closed?: true;
  /** The tasks have gone on since: what it left is of the past. */
  wentOn?: true;
}

/** Everything was rolled back and something was left: nothing can be done again where a ledger takes no more changes. */
export function isClosed({ rollback, stood }: Pick<WeekState, 'rollback' | 'stood'>): boolean {
  return rollback?.scope === 'all' && rollback.closed === true && stood !== undefined;
}
