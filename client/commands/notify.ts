// hubshift notify test: one notice over every channel of the plan, sent by the control worker.
import type { Command } from 'commander';
import type { Sent } from '../../plan/week/notice.ts';
import { pagingKinds, reachedBy } from '../../plan/week/paging.ts';
import { outcomeOn } from '../week/channels.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { speaker } from '../week/speaker.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { shortRun } from '../week/short-run.ts';
import { columns } from '../show/text.ts';

export function addNotify(program: Command): void {
  const notify = program.command('notify').description('the channels over which people are told');
  notify
    .command('test')
    .description('send a test over every channel of the plan, and say what became of it')
    .addOption(planOption())
    .action(async (options: PlanChoice) => {
      const { plan } = loadPlan(options);
      const { channels } = plan.notify;
      if (channels.length === 0)
        throw new Failure('The plan has no channels: add notify.channels to it.', exitCodes.usage);
      const told = await withClient((client) =>
        shortRun<Sent[]>(client, 'notifyTest', plan, { plan, by: speaker().by }),
      );
      const rows = channels.map(({ name, kind }) => {
        const sent = outcomeOn(name, told);
        return [name, kind, sent?.result ?? 'no answer', sent?.detail ?? 'not within the time'];
      });
      const off = rows.filter(([, , result]) => result !== 'sent').map(([name = '']) => name);
      const reached = pagingKinds.map((kind) => [kind, reachedBy(plan, kind, off).join(', ') || 'nobody']);
      process.stdout.write(`${[...columns(rows), '', 'Pages reach:', ...columns(reached)].join('\n')}\n`);
      process.exitCode = off.length === 0 ? exitCodes.done : exitCodes.failed;
    });
}
