// Removes a container of the run, unless another has its name by now.
import { runLabel, specLabel } from '../../plan/names.ts';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { inspect, removeContainer } from '../docker/container.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

export async function removeOwnContainer(
  host: Host,
  { name, stopGraceMs }: Extract<Undo, { kind: 'container.remove' }>,
  entry: Entry,
  { dryRun }: Round,
): Promise<Outcome> {
  const found = await inspect(host, name);
  if (!found) return { result: 'already' };
  const { [runLabel]: run, [specLabel]: spec } = found.Config.Labels ?? {};
  // A retry may have deployed another specification of the same run; without a run only the specification tells.
  const ours = run === undefined ? spec !== undefined && entry.wrote.includes(spec) : run === entry.run;
  if (!ours)
    return {
      result: 'left',
      detail: `the container ${name} on ${host.machine} (image ${found.Config.Image}, created ${found.Created}) is ${run ? `of run ${run}` : 'not ours'}`,
    };
  if (!dryRun) await removeContainer(host, name, stopGraceMs);
  return { result: 'undone' };
}
