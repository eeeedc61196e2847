// Shows undone ledger entries, one a line, and what a rollback would take and cost.
import { humanDuration } from '../../plan/schema/duration.ts';
import type { Undo, Undone } from '../../plan/week/undo.ts';
import { columns } from './text.ts';

/** In a preview nothing was undone yet: what would be says so. */
export function undoneTable(entries: Undone[], preview = false): string[] {
  return columns(
    entries.map(({ result, kind, target, step, detail }) => [
      `  ${preview && result === 'undone' ? 'to undo' : result}`,
      kind,
      target,
      step,
      (detail ?? '').split('\n')[0] ?? '',
    ]),
  );
}

/** Machines, components and agents go side by side, so the slowest of each says how long: an agent as in the rehearsal, a container about a second. */
const containerMs = 1_000;
const lookMs = 1_500;

/** How long a rollback of these entries takes, as far as the week has rehearsed it, and what is lost by it. */
export function outlook(entries: Undone[], rehearsedMs: number | undefined): string[] {
  const open = entries.filter(({ result }) => result === 'undone');
  const targets = (kind: Undo['kind'], of = open) => [
    ...new Set(of.filter((entry) => entry.kind === kind).map(({ target }) => target)),
  ];
  const [agents, containers, streams, directories] = [
    targets('agent.restore'),
    targets('container.remove'),
    targets('stream.delete'),
    // Also of one that stays with what others put there, the rest goes.
    targets('directory.remove', [...open, ...entries.filter(({ result }) => result === 'left')]),
  ];
  const slowestMs = Math.max(agents.length > 0 ? (rehearsedMs ?? 0) : 0, containers.length > 0 ? containerMs : 0);
  const basis =
    agents.length === 0
      ? 'no agent among them'
      : rehearsedMs === undefined
        ? `not rehearsed yet, so without the ${agents.length} agents`
        : `an agent took ${humanDuration(rehearsedMs)} in this week's rehearsal`;
  const lost = [
    ...(streams.length > 0 ? [`messages in the streams ${streams.join(', ')}`] : []),
    ...(directories.length > 0 ? [`what the week and its containers put into ${directories.join(', ')}`] : []),
  ];
  return [
    `estimated  ${humanDuration(slowestMs + lookMs)} with a look at the result (${basis})`,
    `lost       ${lost.join('; ') || 'nothing'}`,
  ];
}
