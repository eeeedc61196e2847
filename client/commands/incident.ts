// hubshift incident note: what people found out about an incident, while the week runs and after it has ended.
import type { Command } from 'commander';
import { planId } from '../../plan/names.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { hasEnded } from '../week/follow.ts';
import { look, wholeState } from '../week/look.ts';
import { order } from '../week/orders.ts';
import { speaker } from '../week/speaker.ts';
import { loadPlan, planOption, runOption, type PlanChoice } from '../plan-file.ts';
import { refuseOther, reopen } from '../week/reopen.ts';
import { incidentLines } from '../show/incident.ts';

interface Options extends PlanChoice {
  cause?: string;
  prevention?: string;
  as?: string;
  run?: string;
}

export function addIncident(program: Command): void {
  const incident = program.command('incident').description('what happened in emergencies');
  incident
    .command('list')
    .description('the incidents of the newest run')
    .addOption(planOption())
    .action(async (options: PlanChoice) => {
      const { plan } = loadPlan(options);
      const state = await withClient((client) => wholeState(client, planId(plan)));
      if (!state)
        throw new Failure('No control worker answers. Start one: hubshift worker --control', exitCodes.unreachable);
      process.stdout.write(`${state.incidents.flatMap(incidentLines).join('\n') || 'There was no incident.'}\n`);
    });
  incident
    .command('note <id>')
    .description('put the cause of an incident and what will prevent it on record')
    .option('--cause <text>', 'why it happened')
    .option('--prevention <text>', 'what will keep it from happening again')
    .option('--as <name>', 'who says so (default: you)')
    .addOption(runOption())
    .addOption(planOption())
    .action(async (id: string, options: Options) => {
      const { plan } = loadPlan(options);
      const note: messages.Note = {
        incident: id,
        cause: options.cause,
        prevention: options.prevention,
        ...speaker(options.as),
      };
      const answer = await withClient(async (client) => {
        const seen = await look(client, planId(plan));
        refuseOther(seen.glance, { run: options.run });
        if (!hasEnded(seen)) return order(client, { plan: planId(plan), run: options.run }, messages.note, note);
        return `${id} is noted in run ${await reopen(client, planId(plan), { kind: 'note', note })}.`;
      });
      process.stdout.write(`${answer}\n`);
    });
}
