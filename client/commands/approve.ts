// hubshift approve: the go/no-go of people, on the evidence that they were shown.
import { Argument, Option, type Command } from 'commander';
import type { Client } from '@temporalio/client';
import { planId } from '../../plan/names.ts';
import type { Approval } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { askYes } from '../ask.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { look } from '../week/look.ts';
import { number } from '../options.ts';
import { order } from '../week/orders.ts';
import { addressee, speaker } from '../week/speaker.ts';
import { loadPlan, planOption, runOption, type PlanChoice } from '../plan-file.ts';
import { evidenceLines } from '../show/evidence.ts';
import { paintFor } from '../show/text.ts';

interface Options extends PlanChoice {
  then?: NonNullable<Approval['then']>;
  confidence: number;
  reason: string;
  as?: string;
  run?: string;
  override?: boolean;
}

export function addApprove(program: Command): void {
  program
    .command('approve')
    .description('decide at the gate: go, or no-go and what then; shows the evidence first')
    .addArgument(new Argument('<decision>', 'the decision').choices(['go', 'no-go']))
    .addOption(
      new Option('--then <what>', 'after a no-go: extend (soak again) or rollback').choices(['extend', 'rollback']),
    )
    .requiredOption('--confidence <percent>', 'how sure the team is, 0 to 100', number)
    .requiredOption('--reason <text>', 'goes on record')
    .option('--override', 'a GO although the evidence speaks for a NO-GO; wants two people')
    .option('--as <name>', 'who decides (default: you); a claim, recorded with user and host')
    .addOption(runOption())
    .addOption(planOption())
    .action(async (decision: Approval['decision'], options: Options) => {
      const planFile = loadPlan(options);
      const { plan } = planFile;
      const { then, confidence: confidencePercent, reason, as, override } = options;
      const answer = await withClient(async (client) => {
        const evidence = await shown(client, planId(plan), decision);
        return order(client, addressee(planFile, options.run), messages.approve, {
          decision,
          then,
          confidencePercent,
          reason,
          evidence,
          ...(override ? { override } : {}),
          ...speaker(as),
        });
      });
      process.stdout.write(`${answer}\n`);
    });
}

/** Shows what there is to decide on, and asks where somebody can answer; the digest of it. */
async function shown(client: Client, plan: string, decision: Approval['decision']): Promise<string> {
  const { snapshot } = await look(client, plan);
  const evidence = snapshot?.evidence;
  // Without evidence, or a worker, the week refuses in its own words.
  if (!evidence) return '';
  const { findings = [], unexplained = [] } = snapshot;
  process.stdout.write(`${evidenceLines(evidence, findings, unexplained, paintFor(process.stdout)).join('\n')}\n\n`);
  if (process.stdin.isTTY && process.stdout.isTTY && !(await askYes(`Is this your ${decision.toUpperCase()}?`)))
    throw new Failure('Nothing was decided.', exitCodes.failed);
  return evidence.digest;
}
