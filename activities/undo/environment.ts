// Takes a variable out of a program's environment again, or gives it the value that it had, and has supervisord take that up: that alone.
import { join } from 'node:path';
import type { Host } from '../context/host.ts';
import { replace, sectionOf, type EnvironmentRestore } from '../agents/environment.ts';
import { putFile, readIfThere, removeFile, sha256 } from '../files/disk.ts';
import { ownerAlone } from '../files/in-place.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { wasStoppedByUs, whileStopped, whyUnknown } from '../programs/while-stopped.ts';
import { hasEnvironment, saysTheSame, variableIn, whatSays, withVariable } from '../supervisor/environment.ts';
import { isPending, takeUp } from '../supervisor/group.ts';
import { fileIfAny } from '../supervisor/section-file.ts';

export async function restoreEnvironment(
  host: Host,
  { program, path, name, value, backup, originalSha256, startWithinMs }: EnvironmentRestore,
  entry: Entry,
  { dryRun, known }: Round,
): Promise<Outcome> {
  const original = await readIfThere(join(host.state, backup), host.files);
  if (!original || sha256(original) !== originalSha256)
    throw new Error(
      `${join(host.state, backup)} is not what was kept of ${path} on ${host.machine}: nothing is put back`,
    );
  const section = sectionOf(program);
  const before = original.toString();
  const was = variableIn(before, section, name);
  const file = await fileIfAny(host, section);
  if (!file)
    return { result: 'already', detail: `no file of supervisord on ${host.machine} has a [${section}] any more` };
  const now = variableIn(file.text, section, name);
  if (now !== was && now !== value)
    return {
      result: 'left',
      detail: `${name} of ${program} in ${file.path} has a value that is neither ours nor what it was`,
    };
  const put = now === was ? ('already' as const) : ('undone' as const);
  const ours = withVariable(before, section, name, value);
  const keepsKey = hasEnvironment(before, section);
  const text = file.text === ours ? before : withVariable(file.text, section, name, was, keepsKey);
  // What others do once it was undone is theirs.
  if (dryRun && known.some(({ n, end }) => n === entry.n && end)) return { result: put };
  // Nothing has it then, and what somebody took out is not started.
  const isGone = (await whyUnknown(host, program)) !== null;
  const isOut = isGone && (await wasStoppedByUs(host, program));
  const waits = !isGone && (await isPending(host, program));
  // What a try before has put there when nothing waited: that waits since, for us.
  const note = join(host.state, `${backup}.put`);
  const says = sha256(whatSays(text, section));
  const isOurs = put === 'already' && (await readIfThere(note, host.files))?.toString() === says;
  const others = waits && !isOurs && !saysTheSame(text, before, section);
  const left: Outcome = {
    result: 'left',
    detail: `others have changed [${section}] in ${file.path}, which waits to be taken up: there ${name} is as it was, and ${program}, which is not restarted, has it so with that change ("supervisorctl update ${program}")`,
  };
  if (dryRun) return others ? left : { result: waits || isOut ? 'undone' : put };
  if (put === 'undone' && !waits) await putFile(note, Buffer.from(says), ownerAlone(), { files: host.files });
  await replace(host, file, text);
  if (isOut)
    throw new Error(
      `${program} on ${host.machine} was taken out of supervisord to be taken up anew, and is not back: put it back ("supervisorctl update ${program}"), then roll back again`,
    );
  if (isGone || !(await isPending(host, program))) return { result: put };
  // Of what was taken up with ours in it something else waits now.
  if (others || (waits && put === 'undone')) return left;
  await whileStopped(host, program, startWithinMs, () => takeUp(host, program));
  await removeFile(note, host.files);
  return { result: 'undone' };
}
