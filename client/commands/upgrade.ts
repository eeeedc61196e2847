// hubshift upgrade: this build goes on with a running week, in a new history.
import type { Command } from 'commander';
import { buildQueue, controlQueue, controlQueueOf, planId } from '../../plan/names.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { withClient } from '../week/connect.ts';
import { moveWeek } from '../week/move.ts';

interface Options extends PlanChoice {
  as?: string;
  back?: boolean;
}

export function addUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('let this build go on with the running week, once its history has been replayed with it')
    .option('--back', `to the queue of all builds (${controlQueue}), whose control worker runs this build`)
    .option('--as <name>', 'who gives the order (default: you)')
    .addOption(planOption())
    .action(async ({ back, as, ...options }: Options) => {
      const { plan } = loadPlan(options);
      // Loaded here only: the worker's native parts are slow to load.
      const { buildDigest, whyNotReplayedHere: whyNotReplayed } = await import('../../workers/takeover.ts');
      const build = await buildDigest();
      const queue = back ? controlQueueOf(plan.site) : buildQueue(build, plan.site);
      const say = (line: string) => void process.stdout.write(`${line}\n`);
      await withClient((client) => moveWeek(client, { plan: planId(plan), queue, build, as, whyNotReplayed, say }));
    });
}
