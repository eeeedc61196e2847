// After a rollback of task 2A: how each of its undo rows is looked at.
import { serviceOf } from '../../../plan/schema/plan.ts';
import type { AfterUndo, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { containersAreGone, directoriesAreGone } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, undone, onCentral, healthy } = after;
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  return {
    '2A.undo.container': { machine: edge.machine, look: containersAreGone(after, [edge]) },
    '2A.undo.directory': { machine: edge.machine, look: directoriesAreGone(undone, [edge]) },
    '2A.undo.agents': { machine: everywhere(plan), look: onCentral },
    '2A.undo.no-impact': { machine: everywhere(plan), look: healthy },
  };
}
