// hubshift progress: how the week stands, with or without its worker.
import type { Command } from 'commander';
import { planId } from '../../plan/names.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, type ExitCode } from '../failure.ts';
import { follow, hasEnded } from '../week/follow.ts';
import { look, type Look } from '../week/look.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { progressLines } from '../show/progress.ts';
import { paintFor } from '../show/text.ts';

/** Since the start of this process: an answer within 3 s, with a worker or without, on a busy machine too. */
const answerByMs = 2_300;
const shortestMs = 800;

interface Options extends PlanChoice {
  watch?: boolean;
  json?: boolean;
}

export function addProgress(program: Command): void {
  program
    .command('progress')
    .description('how the week stands; with no worker, as it was last written down')
    .option('--watch', 'follow it until the week ends')
    .option('--json', 'as data; see docs/cli.md')
    .addOption(planOption())
    .action(async (options: Options) => {
      const { plan } = loadPlan(options);
      const seen = await withClient(async (client) => {
        if (options.watch && !options.json) return follow(client, { plan: planId(plan), reached: hasEnded });
        const now = await look(client, planId(plan), {
          withinMs: Math.max(shortestMs, answerByMs - performance.now()),
        });
        const text = options.json
          ? JSON.stringify(now, null, 2)
          : progressLines(now, { paint: paintFor(process.stdout), now: Date.now(), ticking: true }).join('\n');
        process.stdout.write(`${text}\n`);
        return now;
      });
      process.exitCode = exitCodeOf(seen);
    });
}

/** A week that ended otherwise than completed has failed. */
export function exitCodeOf(seen: Look): ExitCode {
  return !hasEnded(seen) || seen.glance.status === 'completed' ? exitCodes.done : exitCodes.failed;
}
