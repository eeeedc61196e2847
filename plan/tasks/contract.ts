// What a task says of itself. All that the week derives from its tasks goes by this: steps, rollback, dry run, gate, report.
import type { Kpi } from '../evidence/figures.ts';
import type { ClusterAsk, MeasureAsk } from '../machine-api/measure.ts';
import type { HttpTarget } from '../machine-api/target.ts';
import type { Fallbacks, Raw, Written } from '../schema/fallback.ts';
import type { Port } from '../schema/fields.ts';
import type { Plan, Service } from '../schema/plan.ts';
import type { TaskPurpose } from '../schema/purpose.ts';
import type { Refuse } from '../schema/refuse.ts';
import type { Evaluation } from '../week/record.ts';
import type { TaskName } from './names.ts';
import type { Row } from './row.ts';
import type { Desired } from './desired.ts';
import type { Oldest } from './shared/versions.ts';

export type Task = Described & (Changes | ChangesNothing);

/** What it changes is undone, and looked at afterwards: a task without such rows would be left standing in silence. */
interface Changes {
  /** What a rollback of it must leave behind, each looked at afterwards (workflows/tasks). */
  undoRows: [Row, ...Row[]];
}

interface ChangesNothing {
  changesNothing: true;
  /** It runs before the ledgers are open, and a rollback leaves its records. */
  looksFirst?: true;
}

interface Described {
  /** As people are told of it: "Task 2A". */
  called: string;
  /** What it is for, and what may go wrong, where a plan does not say it otherwise. */
  purpose: TaskPurpose;
  /** The tasks that it needs, or all before it: undoing one of them undoes this one first. */
  standsOn: TaskName[] | 'all before';
  /** It moves the agents: undoing one of them undoes what stands on this task. */
  movesAgents?: true;
  /** A NO-GO that extends the week does it again. */
  repeatedOnExtension?: true;
  /** The kinds of service that it brings, or finds. */
  services?: ServiceKinds;
  /** What a plan has of its kinds that names nothing of what the week makes; each by its kind and machine. */
  usualServices?(written: Written): Raw[];
  /** What it derives for keys that a plan leaves out, where the schema's own default is not enough. */
  fallbacks?(written: Written): Fallbacks;
  /** What the plan must hold for it beyond what one line can say. */
  references?: (plan: Plan, refuse: Refuse) => void;
  /** What of the plan may not contradict each other. Asked before a week begins: one that runs must find its plan, to the end. Not asked of version 1. */
  contradictions?: (plan: Plan, refuse: Refuse) => void;
  /** The same of keys by which it is asked, and answers: asked of every version, since no plan of before has them. */
  accesses?: (plan: Plan, refuse: Refuse) => void;
  /** Makes of a plan all that it writes beyond files of its services; throws where that can't be. */
  renders?(plan: Plan): void;
  /** Its steps and checks, in the order in which they run; none where the plan has nothing for it. */
  rows(plan: Plan): Row[];
  /** What it makes or edits beyond services of its kinds, for a dry run. */
  desired?(plan: Plan): Desired[];
  /** The messages by which a machine measures delivery, all along. */
  messages?(plan: Plan, machine: string, run: string): MeasureAsk['messages'];
  /** What services of it are together, looked at from each of their machines. */
  clusters?(plan: Plan): Cluster[];
  kpis?: Kpi[];
  /** What each of its verdicts says of a sample that it must not pass, by the verdict's name. */
  knownBad(plan: Plan): Record<string, Evaluation>;
  /** Its section in the report. The sections stand by `place`. */
  report: { heading: string; place: number };
}

export interface Cluster {
  /** A name that no service has. */
  target: string;
  members: string[];
  /** By machine. */
  asks: Record<string, ClusterAsk>;
}

export type ServiceKinds = { [K in Service['kind']]?: ServiceKind<Extract<Service, { kind: K }>> };

/** What the product asks of a kind of service. */
export interface ServiceKind<S extends Service = Service> {
  /** Every port that it listens on. */
  ports(service: S): Port[];
  /** That of them which shows what goes on to whoever asks, and can be given no login. */
  openPort?(service: S): Port;
  /** Where it says that all is well with it and with what it needs. */
  healthTarget(service: S): HttpTarget;
  /** Where it answers as long as it runs itself; the same, where nothing else is said. */
  aliveTarget?(service: S): HttpTarget;
  /** The files that the week writes whole for it, by path, as they are at the week's end. */
  files?(plan: Plan, service: S): [path: string, content: string][];
  /** Files of its machine that its configuration names, as it does those of logins: mounted, to be read. */
  reads?(plan: Plan, service: S): string[];
  /** The oldest of it that knows what it is told. */
  oldest?(plan: Plan, service: S): Oldest;
  /** A hub: what it stores is evaluated, and how fast it answers. */
  hub?: true;
}
