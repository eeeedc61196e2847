// Takes a variable out of a program's environment again, or gives it the value that it had, and has supervisord take that up.
import { join } from 'node:path';
import type { Host } from '../context/host.ts';
import { replace, sectionOf, type EnvironmentRestore } from '../agents/environment.ts';
import { readIfThere, sha256 } from '../files/disk.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { whileStopped, whyUnknown } from '../programs/while-stopped.ts';
import { hasEnvironment, variableIn, withVariable } from '../supervisor/environment.ts';
import { isPending, takeUp } from '../supervisor/group.ts';
import { fileIfAny } from '../supervisor/section-file.ts';

export async function restoreEnvironment(
  host: Host,
  { program, path, name, value, backup, originalSha256, startWithinMs }: EnvironmentRestore,
  { dryRun }: Round,
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
  if (dryRun) return { result: now === was ? 'already' : 'undone' };
  const ours = withVariable(before, section, name, value);
  const keepsKey = hasEnvironment(before, section);
  await replace(host, file, file.text === ours ? before : withVariable(file.text, section, name, was, keepsKey));
  if (!(await isPending(host, program))) return { result: now === was ? 'already' : 'undone' };
  if (await whyUnknown(host, program)) await takeUp(host, program);
  else await whileStopped(host, program, startWithinMs, () => takeUp(host, program));
  return { result: 'undone' };
}
