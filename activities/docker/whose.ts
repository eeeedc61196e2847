// Whose a container is: this run's, by its label, or somebody else's, which nobody touches without leave.
import { refusal } from '../context/refusal.ts';
import { runLabel, specLabel } from '../../plan/names.ts';
import type { Host } from '../context/host.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { makerOf } from '../ledger/maker.ts';
import type { Inspected } from './container.ts';

/** `wrote`: digests of the specifications that the run deployed under the name, which tell where a container has no run on it. */
export function isOfRun({ Config }: Inspected, run: string, wrote: string[]): boolean {
  const { [runLabel]: by, [specLabel]: spec } = Config.Labels ?? {};
  return by === undefined ? spec !== undefined && wrote.includes(spec) : by === run;
}

/** What a run's ledger says that it deployed under this name. */
export function specsOf(entries: Entry[], name: string): string[] {
  return entries.flatMap(({ undo, wrote }) => (undo.kind === 'container.remove' && undo.name === name ? wrote : []));
}

/** Throws ForeignContainer, saying whose it is and how to mend it, unless it is of this run. */
export async function refuseForeign(host: Host, ledger: Ledger, run: string, found: Inspected | null): Promise<void> {
  const name = found?.Name.slice(1) ?? '';
  if (!found || isOfRun(found, run, specsOf(await ledger.entries(run), name))) return;
  const { [runLabel]: other, [specLabel]: spec } = found.Config.Labels ?? {};
  const maker = other === undefined && spec ? 'made by an early build of hubshift' : await makerOf(ledger, other);
  throw refusal(
    'ForeignContainer',
    `${host.machine} already has a container ${name} that is not ours: it was ${maker} ` +
      `(image ${found.Config.Image}, ${found.State.Status}, created ${found.Created}). ` +
      `Take it over ("adopt: [${name}]" in the plan; a rollback starts it again), rename it ("docker rename ${name} ${name}-old") or remove it, or give ours another name in the plan`,
  );
}
