// Which entries a rollback takes, and in what order. Pure.
import { isOfTask, type Scope, type Undo } from '../../plan/week/undo.ts';
import type { Entry } from './journal.ts';

/** The run's entries in this scope, newest first. */
export function selected(entries: Entry[], run: string, scope: Scope): Entry[] {
  return entries.filter((entry) => entry.run === run && inScope(entry, scope)).reverse();
}

/**
 * Runs `work` on each, newest first where it matters and side by side where it does not: an entry waits for the newer ones that touch
 * what it touches. Gives the results in the order of the entries. When one throws, all are awaited before that is thrown.
 */
export async function inOrder<T>(newestFirst: Entry[], work: (entry: Entry) => Promise<T>): Promise<T[]> {
  const running: Promise<T>[] = [];
  newestFirst.forEach((entry) => {
    const before = running.filter((_, newer) => waitsFor(entry.undo, newestFirst[newer]!.undo));
    running.push(Promise.all(before).then(() => work(entry)));
  });
  const settled = await Promise.allSettled(running);
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Whether the older undo must not begin before the newer one has ended. */
export function waitsFor(older: Undo, newer: Undo): boolean {
  // Nothing works right while a fault is in force; and what is mounted can't be removed.
  if (newer.kind === 'fault.lift' || (older.kind === 'directory.remove' && newer.kind === 'container.remove'))
    return true;
  if (isOfStream(older) && isOfStream(newer)) return older.stream === newer.stream;
  const [a, b] = [touched(older), touched(newer)];
  return (
    a.containers.some((name) => b.containers.includes(name)) ||
    a.paths.some((path) => b.paths.some((other) => within(path, other) || within(other, path)))
  );
}

function isOfStream(undo: Undo): undo is Extract<Undo, { stream: string }> {
  return undo.kind === 'stream.delete' || undo.kind === 'consumer.delete';
}

function touched(undo: Undo): { paths: string[]; containers: string[] } {
  switch (undo.kind) {
    case 'directory.remove':
      return { paths: [undo.path], containers: [] };
    case 'container.remove':
    case 'container.restore':
      return { paths: [], containers: [undo.name] };
    case 'file.restore':
      return { paths: [undo.path], containers: undo.reload ? [undo.reload.container] : [] };
    case 'agent.restore':
      return { paths: [undo.config, undo.backup], containers: [] };
    case 'environment.restore':
      return { paths: [undo.path, undo.config], containers: [] };
    case 'stream.delete':
      return { paths: [], containers: undo.goneWith };
    case 'consumer.delete':
      return { paths: [], containers: undo.containers };
    case 'fault.lift':
      return { paths: [], containers: undo.fault.kind === 'partition' ? [] : [undo.fault.container] };
  }
}

function within(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** The keys of what moves an agent: its deployment, and the variable that is set with that. */
export const keysOf = (agent: string) => ({
  deployment: `deployment of ${agent}`,
  environment: `environment of ${agent}`,
});

/** A task is the beginning of a step's id; names have dots, so an agent is none of its parts. */
function inScope({ step, key }: Entry, scope: Scope): boolean {
  if (scope === 'all') return true;
  if ('task' in scope) return step === scope.task || isOfTask(step, scope.task);
  return Object.values(keysOf(scope.agent)).includes(key);
}
