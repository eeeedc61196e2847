// Removes a container of the run, unless another has its name by now.
import { runLabel } from '../../plan/names.ts';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { until } from '../context/polling.ts';
import { inspect, removeContainer } from '../docker/container.ts';
import { isOfRun } from '../docker/whose.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

/** How long Docker may still be at a create that was cut off. */
const createWithinMs = 10_000;

export async function removeOwnContainer(
  host: Host,
  { name, stopGraceMs }: Extract<Undo, { kind: 'container.remove' }>,
  entry: Entry,
  { dryRun, known }: Round,
): Promise<Outcome> {
  const look = () => inspect(host, name);
  // Whoever asked for it may have been killed before it was there: the daemon makes it all the same.
  const found =
    entry.done || entry.answered || dryRun
      ? await look()
      : (await until(createWithinMs, look, (container) => container !== null)).value;
  if (!found) return { result: 'already' };
  if (!isOfRun(found, entry.run, entry.wrote)) {
    // Whose name it was before is back.
    if (known.some(({ undo }) => undo.kind === 'container.restore' && undo.id === found.Id))
      return { result: 'already' };
    const { [runLabel]: run } = found.Config.Labels ?? {};
    return {
      result: 'left',
      detail: `the container ${name} on ${host.machine} (image ${found.Config.Image}, created ${found.Created}) is ${run ? `of run ${run}` : 'not ours'}`,
    };
  }
  if (!dryRun) await removeContainer(host, name, stopGraceMs);
  return { result: 'undone' };
}
