// What a rollback takes away, for the undos that come after.
import type { Round } from '../ledger/rollback.ts';

/** Containers that are gone, or will be with this rollback. */
export function containersIn({ removed, results }: Round): string[] {
  return removed.flatMap(({ n, undo, end }) =>
    undo.kind === 'container.remove' && !['left', 'failed'].includes(end?.result ?? results.get(n) ?? '')
      ? [undo.name]
      : [],
  );
}
