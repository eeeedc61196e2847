// Puts an agent's configuration back and starts the agent with it.
import { dirname } from 'node:path';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, readIfThere, sha256, tidy } from '../files/disk.ts';
import type { FileSystem } from '../files/file-system.ts';
import { originalOf } from '../ledger/backups.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { programStatus, runningSince, runsWhatIs } from '../programs/programs.ts';
import { whileStopped, whyUnknown } from '../programs/while-stopped.ts';
import { backOf, backupAt, leave, mustTakeBack, putBack } from './backup.ts';

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
  const current = foreseen.get(config) ?? (await readIfThere(file, host.files));
  if (current === null && !(await attributesOf(dirname(file), host.files)))
    throw new Error(
      `${config} on ${host.machine} can't be restored: ${dirname(config)} is missing. Mount its volume, then roll back again`,
    );
  const isOurs = current === null || entry.wrote.includes(sha256(current));
  // A later look: the backup has gone the same way, and what is there is not what we wrote.
  if (dryRun && !isOurs && !undo.original && !(await readIfThere(kept, host.files)))
    return {
      result: ['RUNNING', 'UNKNOWN'].includes((await programStatus(host, program)).state) ? 'already' : 'undone',
    };
  const original = await backupAt(host, config, kept, undo.originalSha256 ?? digestOf(undo, known));
  const same = current?.equals(original) ?? false;
  // The undo before this one will have started the agent with it.
  if (same && foreseen.has(config)) return { result: 'already' };
  if (!same && current && !isOurs) return leave(host, entry, config, current, kept, dryRun);
  const ended = known.some(({ n, end }) => n === entry.n && end);
  // A person who copied it back may have left it to another user. What they do once it was undone is theirs.
  const back = same && (ended || (await areAlike(file, kept, host.files)));
  if (back && !dryRun) await tidy(file, host.files);
  const unknown = await whyUnknown(host, program);
  const accept =
    'its file is given back, and nothing is started. Add it again, or take that as it is (hubshift accept)';
  const told: Pick<Outcome, 'detail'> = unknown ? { detail: `${unknown}: ${accept}` } : {};
  if (back && (unknown || (await runsOriginal(host, undo, entry, ended)))) return { result: 'already', ...told };
  if (dryRun) {
    foreseen.set(config, original);
    return { result: 'undone', ...told };
  }
  const way = back ? null : await backOf(host, file, kept);
  if (way) await mustTakeBack(host, file, way);
  const put = async () => {
    const now = await readIfThere(file, host.files);
    if (now && !(current && now.equals(current)))
      throw new Error(`${config} on ${host.machine} was changed while ${program} was stopped: roll back again`);
    if (way) Object.assign(told, await putBack(host, file, way, now));
  };
  if (unknown) await put();
  else await whileStopped(host, program, startWithinMs, put);
  return { result: 'undone', ...told };
}

/** Whether the program runs what is on the disk now that the original is there again. Throws when supervisord does not answer. */
async function runsOriginal(
  host: Host,
  { program, config }: AgentRestore,
  { at, doneAt }: Entry,
  ended: boolean,
): Promise<boolean> {
  const since = await runningSince(host, program);
  if (since === null) return false;
  // The process that the deployment started, whatever became of the file; of one that was cut off any since then may be that, until it is undone.
  if (since >= at && since <= (doneAt ?? (ended ? 0 : Infinity))) return false;
  // A later look at what was undone: it ran the original then, also when it writes its own file each time that it starts.
  if (ended) return true;
  return runsWhatIs(host, program, host.path(config));
}

/** By permissions and owner. */
async function areAlike(one: string, other: string, files: FileSystem): Promise<boolean> {
  const [a, b] = [await attributesOf(one, files), await attributesOf(other, files)];
  return a?.mode === b?.mode && a?.uid === b?.uid && a?.gid === b?.gid;
}

/** What a ledger of before knows of the copy beside the file: what its own entry wrote. Nothing when somebody else had made it. */
function digestOf({ backup }: AgentRestore, known: Entry[]): string | undefined {
  const made = known.findLast(({ undo }) => undo.kind === 'file.restore' && undo.path === backup);
  return made?.wrote[0];
}
