// What a rollback takes away, for the undos that come after.
import type { Round } from '../ledger/rollback.ts';

/** Containers that are gone, or will be with this rollback. */
export function containersIn({ removed }: Round): string[] {
  return removed.flatMap(({ undo: { kind, ...rest }, end }) =>
    kind === 'container.remove' && end?.result !== 'left' && 'name' in rest ? [rest.name] : [],
  );
}
