// After a rollback of task 2A: how each of its undo rows is looked at.
import { serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import type { AfterUndo, UndoCheck } from '../contract.ts';
import { everywhere } from '../shared/asks.ts';
import { containersAreGone, directoriesAreGone } from '../shared/undone.ts';

export function undoChecks(after: AfterUndo): Record<string, UndoCheck> {
  const { week, plan, undone, onCentral, healthy } = after;
  const edge = servicesOf(plan, 'edge-hub');
  const { machine } = serviceOf(week.plan, 'edge-hub');
  return {
    '2A.undo.container': { machine, look: containersAreGone(after, edge) },
    '2A.undo.directory': { machine, look: directoriesAreGone(undone, edge) },
    '2A.undo.agents': { machine: everywhere(week.plan), look: onCentral },
    '2A.undo.no-impact': { machine: everywhere(week.plan), look: healthy },
  };
}
