// Puts an agent's configuration back and starts the agent with it.
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { readIfThere, sha256, tidy } from '../files/disk.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { programStatus, startProgram, stopProgram } from '../supervisor/programs.ts';
import { backupAt, leave, putBack } from './backup.ts';

/** Stops the agent, restores its configuration, starts it. */
export async function restoreAgent(
  host: Host,
  { program, config, backup, startWithinMs }: Extract<Undo, { kind: 'agent.restore' }>,
  entry: Entry,
  { dryRun, foreseen }: Round,
): Promise<Outcome> {
  const file = host.path(config);
  const current = await readIfThere(file, host.files);
  // A later look: the backup has gone the same way, and what is there is not what we wrote.
  if (
    dryRun &&
    current &&
    !entry.wrote.includes(sha256(current)) &&
    !(await readIfThere(host.path(backup), host.files))
  )
    return { result: (await programStatus(host, program)).state === 'RUNNING' ? 'already' : 'undone' };
  const original = await backupAt(host, config, host.path(backup));
  const back = current?.equals(original) ?? false;
  if (current && !back && !entry.wrote.includes(sha256(current)))
    return leave(host, entry, config, current, host.path(backup), dryRun);
  if (back && !dryRun) await tidy(file, host.files);
  // It is stopped before its file is restored, so one that runs has read the file that is there.
  if (back && (await programStatus(host, program)).state === 'RUNNING') return { result: 'already' };
  if (dryRun) {
    foreseen.set(config, original);
    return { result: 'undone' };
  }
  await stopProgram(host, program, startWithinMs);
  if (!back) await putBack(host, file, host.path(backup));
  await startProgram(host, program, startWithinMs);
  return { result: 'undone' };
}
