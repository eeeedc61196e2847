// Puts an agent's configuration back and starts the agent with it.
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { readIfThere, sha256, tidy } from '../files/disk.ts';
import { originalOf } from '../ledger/backups.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { programStatus, runsWhatIs } from '../supervisor/programs.ts';
import { whileStopped } from '../supervisor/while-stopped.ts';
import { backupAt, leave, putBack } from './backup.ts';

type AgentRestore = Extract<Undo, { kind: 'agent.restore' }>;

/** Stops the agent, restores its configuration, starts it. */
export async function restoreAgent(
  host: Host,
  undo: AgentRestore,
  entry: Entry,
  { dryRun, foreseen, known }: Round,
): Promise<Outcome> {
  const { program, config, startWithinMs } = undo;
  const [file, kept] = [host.path(config), originalOf(host, undo)];
  const current = await readIfThere(file, host.files);
  const isOurs = current === null || entry.wrote.includes(sha256(current));
  // A later look: the backup has gone the same way, and what is there is not what we wrote.
  if (dryRun && !isOurs && !(await readIfThere(kept, host.files)))
    return { result: (await programStatus(host, program)).state === 'RUNNING' ? 'already' : 'undone' };
  const original = await backupAt(host, config, kept, undo.originalSha256 ?? digestOf(undo, known));
  const back = current?.equals(original) ?? false;
  if (!back && current && !isOurs) return leave(host, entry, config, current, kept, dryRun);
  if (back && !dryRun) await tidy(file, host.files);
  if (back && (await runsWhatIs(host, program, file))) return { result: 'already' };
  if (dryRun) {
    foreseen.set(config, original);
    return { result: 'undone' };
  }
  await whileStopped(host, program, startWithinMs, async () => {
    const now = await readIfThere(file, host.files);
    if (now && !(current && now.equals(current)))
      throw new Error(`${config} on ${host.machine} was changed while ${program} was stopped: roll back again`);
    if (!back) await putBack(host, file, kept, now);
  });
  return { result: 'undone' };
}

/** What a ledger of before knows of the copy beside the file: what its own entry wrote. Nothing when somebody else had made it. */
function digestOf({ backup }: AgentRestore, known: Entry[]): string | undefined {
  const made = known.findLast(({ undo }) => undo.kind === 'file.restore' && undo.path === backup);
  return made?.wrote[0];
}
