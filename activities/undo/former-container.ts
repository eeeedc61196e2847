// Starts the container again whose name the week's had, as it was.
import { runLabel } from '../../plan/names.ts';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { inspect, type Inspected } from '../docker/container.ts';
import { byId, putFormerBack } from '../docker/former.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

type Former = Extract<Undo, { kind: 'container.restore' }>;

export async function restoreFormer(host: Host, undo: Former, entry: Entry, { dryRun }: Round): Promise<Outcome> {
  const { name, aside, image } = undo;
  const what = `the container that was ${name} on ${host.machine} (image ${image})`;
  const found = await byId(host, undo);
  if (!found) return { result: 'left', detail: `${what} is gone: somebody removed it` };
  const called = found.Name.slice(1);
  if (called !== name && called !== aside)
    return { result: 'left', detail: `${what} was renamed to ${called} since, and stays as it is` };
  if (isAsItWas(undo, found)) return { result: 'already' };
  const holder = called === name ? null : await inspect(host, name);
  const ours = holder?.Config.Labels?.[runLabel] === entry.run;
  if (holder && !ours)
    return {
      result: 'left',
      detail: `${what} stays as ${aside}: another container is called ${name} by now (image ${holder.Config.Image})`,
    };
  if (dryRun) return { result: 'undone' };
  if (holder) throw new Error(`${what} can't be put back: ours still has its name. Roll back again`);
  await putFormerBack(host, undo, found);
  return { result: 'undone' };
}

function isAsItWas({ name, status, restart }: Former, { Name, State, HostConfig }: Inspected): boolean {
  const runs = State.Paused ? 'paused' : State.Running ? 'running' : 'stopped';
  return Name === `/${name}` && runs === status && HostConfig.RestartPolicy?.Name === restart.Name;
}
