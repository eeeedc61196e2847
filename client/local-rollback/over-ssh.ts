// The same rollback on the other machines, over ssh.
import { namesOf } from '../../plan/secrets/ours.ts';
import { redact } from '../../plan/secrets/redact.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';

const sshMs = 3 * 60_000;

/** The same command there. Names, runs and addresses hold no character that a shell reads; a path of the plan that does is refused. */
export async function undoThere(planFile: PlanFile, machine: Machine, run: string): Promise<ExitCode> {
  // Slow to load, and seldom wanted.
  const { execa } = await import('execa');
  const args = [
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=5',
    machine.address,
    ...commandFor(planFile, machine, run),
  ];
  const { exitCode, all, shortMessage } = await execa('ssh', args, {
    reject: false,
    all: true,
    timeout: sshMs,
    stdin: 'ignore',
  });
  process.stdout.write(`${machine.name}: ${redact(all || shortMessage, namesOf(planFile.plan))}\n`);
  return exitCode === 0 ? exitCodes.done : exitCodes.failed;
}

export function commandFor({ file }: PlanFile, { name }: Machine, run: string): string[] {
  return ['hubshift', 'rollback', '--emergency', '--machine', name, '--run', run, '--plan', file];
}

export function refuseUnquotable({ file }: PlanFile): void {
  if (!/^[\w./+@-]+$/.test(file))
    throw new Failure(
      `The path of the plan (${file}) has characters that a remote shell would read. Move it to a plain path.`,
      exitCodes.usage,
    );
}
