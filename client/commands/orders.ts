// hubshift pause, resume, retry, accept, skip, release, ack: orders to a running week.
import type { Command } from 'commander';
import * as messages from '../../workflows/orders/messages.ts';
import { accept } from '../week/accept.ts';
import { withClient } from '../week/connect.ts';
import { order } from '../week/orders.ts';
import { addressee, speaker } from '../week/speaker.ts';
import { loadPlan, planOption, runOption, type PlanChoice } from '../plan-file.ts';

interface Options extends PlanChoice {
  as?: string;
  run?: string;
}
interface Reasoned extends Options {
  reason: string;
}

export function addOrders(program: Command): void {
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--as <name>', 'who gives the order (default: you)')
      .addOption(runOption())
      .addOption(planOption());

  command('pause', 'hold the week where it is')
    .requiredOption('--reason <text>', 'goes on record')
    .action((options: Reasoned) => give(options, messages.pause, { ...speaker(options.as), reason: options.reason }));
  command('resume', 'let a held week go on').action((options: Options) =>
    give(options, messages.resume, speaker(options.as)),
  );
  command(
    'ack [what]',
    'say that you look after a page (held-…, incident-N; default: all that are open): nobody is called for it any more',
  ).action((what: string | undefined, options: Options) =>
    give(options, messages.ack, { ...speaker(options.as), what }),
  );
  command('retry <step>', 'do a step again that did not pass').action((step: string, options: Options) =>
    give(options, messages.retry, { ...speaker(options.as), step }),
  );
  command(
    'accept <row>',
    'take what was found as it is: a check, what had failed before, an incident, or what a rollback left behind',
  )
    .requiredOption('--reason <text>', 'goes on record')
    .action((row: string, options: Reasoned) =>
      say(
        withClient((client) =>
          accept(client, loadPlan(options), { ...speaker(options.as), row, reason: options.reason, run: options.run }),
        ),
      ),
    );
  command('release <row>', 'do not wait any more for a day (day-3), or with a row or a task for the calendar')
    .requiredOption('--reason <text>', 'goes on record')
    .action((row: string, options: Reasoned) =>
      give(options, messages.release, { ...speaker(options.as), row, reason: options.reason }),
    );
  command('skip <step>', 'go on without a step; this stands in the way of a GO')
    .requiredOption('--reason <text>', 'goes on record')
    .action((step: string, options: Reasoned) =>
      give(options, messages.skip, { ...speaker(options.as), step, reason: options.reason }),
    );
}

async function give<Ask>(options: Options, update: Parameters<typeof order<Ask>>[2], ask: Ask): Promise<void> {
  const to = addressee(loadPlan(options), options.run);
  await say(withClient((client) => order(client, to, update, ask)));
}

async function say(answer: Promise<string>): Promise<void> {
  process.stdout.write(`${await answer}\n`);
}
