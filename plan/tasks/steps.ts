// Every step and check of a plan's week, by id, in the order in which they run, and what an undo of a task leaves behind.
import { pilotsOf, type Plan } from '../schema/plan.ts';
import type { FactName } from '../week/facts.ts';
import { isOfTask, type Undone } from '../week/undo.ts';
import { taskOf, tasks } from './index.ts';
import { taskNames, type TaskName } from './names.ts';
import type { Row, StepInfo } from './row.ts';

interface Steps {
  all: readonly StepInfo[];
  byId: ReadonlyMap<string, StepInfo>;
  byTask: ReadonlyMap<TaskName, readonly StepInfo[]>;
}

const known = new WeakMap<Plan, Steps>();

/** Made once for a plan: a week with hundreds of agents asks for them at every step. */
function madeOnce(plan: Plan): Steps {
  const found = known.get(plan);
  if (found) return found;
  const all = tasks.flatMap(({ name, rows }) => inTask(name, rows(plan)));
  const byTask = new Map(taskNames.map((name) => [name, all.filter(({ task }) => task === name)]));
  const made = { all, byId: new Map(all.map((row) => [row.id, row])), byTask };
  known.set(plan, made);
  return made;
}

/** Reports and progress go by this list; a test holds the tasks to it. */
export function stepsOf(plan: Plan): readonly StepInfo[] {
  return madeOnce(plan).all;
}

export function stepsIn(plan: Plan, task: TaskName): readonly StepInfo[] {
  return madeOnce(plan).byTask.get(task)!;
}

export function stepOf(plan: Plan, id: string): StepInfo | undefined {
  return madeOnce(plan).byId.get(id);
}

/** The one row that says this of itself. */
export function stepThat(plan: Plan, says: (row: StepInfo) => unknown): StepInfo | undefined {
  return stepsOf(plan).find(says);
}

/** The tasks that a plan has something for, in their order. */
export function tasksIn(plan: Plan): TaskName[] {
  return taskNames.filter((name) => stepsIn(plan, name).length > 0);
}

/** The rows that a rollback of these tasks leaves records under. */
export function undoRows(names: readonly TaskName[]): StepInfo[] {
  return names.flatMap((name) => {
    const task = taskOf(name);
    return 'undoRows' in task ? inTask(name, task.undoRows) : [];
  });
}

/** The row that speaks for an entry of a ledger: of its task the one for its kind, or the last. Undefined where no task made it. */
export function rowOfEntry({ step, kind }: Pick<Undone, 'step' | 'kind'>): string | undefined {
  const task = undoable.find((name) => isOfTask(step, name));
  const rows = task ? undoRows([task]) : [];
  return (rows.find(({ entries }) => entries?.includes(kind)) ?? rows.at(-1))?.id;
}

/** The row of this id, also of what an undo leaves; undefined when the plan has none. */
export function rowOf(plan: Plan, id: string): StepInfo | undefined {
  return stepOf(plan, id) ?? undoRows(tasksIn(plan)).find((row) => row.id === id);
}

/** What kind of row that is. */
export function kindOf(plan: Plan, id: string): Row['kind'] | undefined {
  return rowOf(plan, id)?.kind;
}

/** Tasks that change something, the last first: the order of a rollback. */
export const undoable: readonly TaskName[] = tasks
  .filter((task) => 'undoRows' in task)
  .map(({ name }) => name)
  .reverse();

/** A task and all that stand on it, in the order in which they are undone. */
export function undoneWith(task: TaskName): TaskName[] {
  const on = tasks.filter(({ name, standsOn }) =>
    standsOn === 'all before' ? taskNames.indexOf(name) > taskNames.indexOf(task) : standsOn.includes(task),
  );
  const gone = [task, ...on.flatMap(({ name }) => undoneWith(name))];
  return taskNames.filter((name) => gone.includes(name)).reverse();
}

/** Tasks that run before the ledgers are open, and whose records a rollback leaves. */
export const looksFirst: readonly TaskName[] = tasks
  .filter((task) => 'looksFirst' in task && task.looksFirst)
  .map(({ name }) => name);

/** Pilots whose deployment `holds`. */
export function deployedPilots(plan: Plan, holds: (id: string) => boolean): ReturnType<typeof pilotsOf> {
  const deployed = new Set(
    stepsOf(plan).flatMap(({ id, deploys, ofAgent }) => (deploys && ofAgent && holds(id) ? [ofAgent] : [])),
  );
  return pilotsOf(plan).filter(({ name }) => deployed.has(name));
}

/** Services that the week has made, and that stand by what `holds`. */
export function madeSoFar(plan: Plan, holds: (id: string) => boolean): ReadonlySet<string> {
  return new Set(stepsOf(plan).flatMap(({ id, makes }) => (makes !== undefined && holds(id) ? [makes] : [])));
}

/** Facts that a row keeps while it runs or beside its record. */
export function factsOf({ id, watches, keeps = [] }: Pick<Row, 'id' | 'watches' | 'keeps'>): FactName[] {
  return [`begun ${id}`, ...(watches ? [`watched ${id}` as const, `lives ${id}` as const] : []), ...keeps];
}

function inTask(task: TaskName, rows: Row[]): StepInfo[] {
  return rows.map((row) => ({ ...row, task }));
}
