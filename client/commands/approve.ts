// hubshift approve: the go/no-go of people.
import { Argument, Option, type Command } from 'commander';
import type { Approval } from '../../plan/state.ts';
import * as messages from '../../workflows/messages.ts';
import { withClient } from '../connect.ts';
import { number } from '../options.ts';
import { order, speaker } from '../orders.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';

interface Options extends PlanChoice {
  then?: NonNullable<Approval['then']>;
  confidence: number;
  reason: string;
  as?: string;
}

export function addApprove(program: Command): void {
  program
    .command('approve')
    .description('decide at the gate: go, or no-go and what then')
    .addArgument(new Argument('<decision>', 'the decision').choices(['go', 'no-go']))
    .addOption(new Option('--then <what>', 'after a no-go: extend (soak again) or rollback').choices(['extend', 'rollback']))
    .requiredOption('--confidence <percent>', 'how sure the team is, 0 to 100', number)
    .requiredOption('--reason <text>', 'goes on record')
    .option('--as <name>', 'who decides (default: you); a claim, recorded with user and host')
    .addOption(planOption())
    .action(async (decision: Approval['decision'], options: Options) => {
      const { plan } = loadPlan(options);
      const { then, confidence: confidencePercent, reason, as } = options;
      const answer = await withClient((client) => order(client, plan.name, messages.approve, { decision, then, confidencePercent, reason, ...speaker(as) }));
      process.stdout.write(`${answer}\n`);
    });
}
