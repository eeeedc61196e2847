// Undoes this machine from its own ledger: without Temporal, without a worker, without another machine.
import { type Host, hostOf } from '../../activities/context/host.ts';
import { ledgerOf } from '../../activities/ledger/ledger.ts';
import { isUnwritable, overCopy } from '../../activities/ledger/unwritable.ts';
import { undo } from '../../activities/undo/undo.ts';
import type { Machine, Plan } from '../../plan/schema/plan.ts';
import { exitCodes, type ExitCode } from '../failure.ts';
import { say } from '../say.ts';
import { lasting } from '../show/text.ts';
import { undoneTable } from '../show/undone.ts';
import { type Health, healthOf } from './health.ts';

export async function previewHere(machine: Machine, run: string): Promise<string[]> {
  const undone = await ledgerOf(hostOf(machine), undo).rollback({ run, scope: 'all', dryRun: true });
  if (undone.length === 0) return [`There is nothing to undo on ${machine.name}.`];
  const not = undone.filter(({ result }) => result === 'left' || result === 'failed');
  return [
    ...undoneTable(undone, true),
    `${not.length === 0 ? 'All of it can be undone' : `${not.length} can't be undone: ${not.map(({ target }) => target).join(', ')}`}.`,
  ];
}

/** Gives the exit code: whether nothing of the run stands here, and its agents are healthy. */
export async function undoHere(plan: Plan, machine: Machine, run: string, by: string): Promise<ExitCode> {
  const began = Date.now();
  const host = hostOf(machine);
  const undoOn = async (at: Host) => {
    const undone = await ledgerOf(at, undo).emergency(run, by);
    return { undone, remaining: await ledgerOf(at, undo).remaining(run) };
  };
  let unwritable = '';
  const { undone, remaining } = await undoOn(host).catch((error: Error) => {
    if (!isUnwritable(error)) throw error;
    unwritable = `the ledger in ${machine.state} can't be written (${error.message})`;
    say([`Attention: ${unwritable}. What is undone now is not on record.`]);
    return overCopy(host, run, undoOn);
  });
  say(undoneTable(undone));
  const { lines, unwell, unseen } = await healthOf(plan, host, undone);
  say(lines);
  const failed = undone.filter(({ result }) => result === 'failed');
  const not = [...new Set([...failed, ...remaining].map(({ kind, target }) => `${kind} ${target}`))];
  say([
    not.length === 0
      ? `Undone and looked at after ${lasting(Date.now() - began)}: nothing of run ${run} stands here but what is named as left.`
      : `Not all of it: ${not.join(', ')}. Mend what they name and run this again.`,
    ...(unwell.length > 0 ? [`Not healthy with what was there before: ${unwell.join(', ')}. Look at their logs.`] : []),
    ...(unseen.length > 0 ? [unseenText(unseen)] : []),
    ...(unwritable
      ? [
          `${not.length === 0 ? 'UNDONE, BUT ' : ''}NOT ON RECORD: ${unwritable}, so it has all of this as standing, and its run as open. Have the disk writable again (dmesg says what happened; mount -o remount,rw), then run this again: what is undone is left alone.`,
        ]
      : []),
  ]);
  const isSeen = unwell.length + unseen.length === 0;
  return not.length === 0 && isSeen && !unwritable ? exitCodes.done : exitCodes.failed;
}

/** A service manager gives the worker its variables, and a shell only whoever uses it. */
function unseenText(unseen: Health['unseen']): string {
  const wants = [...new Set(unseen.flatMap((one) => one.wants))];
  const how =
    wants.length > 0
      ? ` This shell lacks ${wants.join(', ')}: "set -a; . /etc/hubshift/hubshift.env; set +a", and run this again; what is undone is left alone.`
      : ' Mend what they name, and run this again; what is undone is left alone.';
  return `Nobody can tell how they are with what was there before: ${unseen.map(({ name }) => name).join(', ')}.${how}`;
}
