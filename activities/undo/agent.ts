// Puts an agent's configuration back and starts the agent with it.
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { readIfThere, sha256, tidy } from '../files/disk.ts';
import { originalOf } from '../ledger/backups.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { programStatus, runningSince, runsWhatIs } from '../supervisor/programs.ts';
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
  if (dryRun && !isOurs && !undo.original && !(await readIfThere(kept, host.files)))
    return { result: (await programStatus(host, program)).state === 'RUNNING' ? 'already' : 'undone' };
  const original = await backupAt(host, config, kept, undo.originalSha256 ?? digestOf(undo, known));
  const back = current?.equals(original) ?? false;
  if (!back && current && !isOurs) return leave(host, entry, config, current, kept, dryRun);
  if (back && !dryRun) await tidy(file, host.files);
  if (back && (await runsOriginal(host, undo, entry, known))) return { result: 'already' };
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

/** Whether the program runs what is on the disk now that the original is there again. Throws when supervisord does not answer. */
async function runsOriginal(
  host: Host,
  { program, config }: AgentRestore,
  { n, at, doneAt }: Entry,
  known: Entry[],
): Promise<boolean> {
  const since = await runningSince(host, program);
  if (since === null) return false;
  const ended = known.find((one) => one.n === n)?.end;
  // The process that the deployment started, whatever became of the file; of one that was cut off any since then may be that, until it is undone.
  if (since >= at && since <= (doneAt ?? (ended ? 0 : Infinity))) return false;
  // A later look at what was undone: it ran the original then, also when it writes its own file each time that it starts.
  if (ended) return true;
  return runsWhatIs(host, program, host.path(config));
}

/** What a ledger of before knows of the copy beside the file: what its own entry wrote. Nothing when somebody else had made it. */
function digestOf({ backup }: AgentRestore, known: Entry[]): string | undefined {
  const made = known.findLast(({ undo }) => undo.kind === 'file.restore' && undo.path === backup);
  return made?.wrote[0];
}
