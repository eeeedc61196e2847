// hubshift emergency: the three levels, as orders to the week; followed until the incident is over.
import { Option, type Command } from 'commander';
import type { Client } from '@temporalio/client';
import type { Plan } from '../../plan/schema/plan.ts';
import type { Incident, Level } from '../../plan/week/incident.ts';
import { todo } from '../../plan/week/without.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import { follow, hasEnded } from '../week/follow.ts';
import { look, type Look, wholeState } from '../week/look.ts';
import { order, speaker } from '../week/orders.ts';
import { withoutOption } from '../options.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { isOver, reopen } from '../week/reopen.ts';
import { incidentLines } from '../show/incident.ts';

interface Options extends PlanChoice {
  level: '1' | '2' | '3';
  component?: string;
  agent?: string;
  without?: string[];
  reason?: string;
  as?: string;
}

/** An incident is over within a second or two of its last action. */
const everyMs = 250;

export function addEmergency(program: Command): void {
  program
    .command('emergency')
    .description('an emergency: 1 restarts a component, 2 restores an agent, 3 undoes everything')
    .addOption(new Option('--level <level>', 'which').choices(['1', '2', '3']).makeOptionMandatory())
    .option('--component <name>', 'with level 1: which one (default: the one that does not answer)')
    .option('--agent <name>', 'with level 2: which one')
    .addOption(withoutOption('with level 3: '))
    .option('--reason <text>', 'goes on record')
    .option('--as <name>', 'who gives the order (default: you)')
    .addOption(planOption())
    .action(async (options: Options) => {
      const { plan } = loadPlan(options);
      const level = Number(options.level) as Level;
      if (options.component && level !== 1) throw new Failure('--component goes with level 1.', exitCodes.usage);
      if (Boolean(options.agent) !== (level === 2))
        throw new Failure('Level 2 needs --agent NAME; the others take none.', exitCodes.usage);
      if (options.without && level !== 3) throw new Failure('--without goes with level 3.', exitCodes.usage);
      const { component, agent, without, reason = 'ordered without a reason' } = options;
      process.exitCode = await withClient((client) =>
        declareEmergency(client, plan, {
          level,
          component,
          agent,
          ...(without && { without }),
          reason,
          ...speaker(options.as),
        }),
      );
    });
}

/** Orders it, and follows the week until the incident that it leaves is over. */
export async function declareEmergency(client: Client, plan: Plan, ask: messages.EmergencyAsk): Promise<ExitCode> {
  const before = await look(client, plan.name);
  const orderedAt = Date.now();
  const known = before.snapshot && new Set(before.snapshot.incidents.map(({ id }) => id));
  // A look without a worker knows no incidents: then those of before are told by their time.
  const isNew = ({ id, startedAt }: Incident) =>
    known ? !known.has(id) : startedAt >= orderedAt - plan.limits.clockSkew;
  const leftIn = (incidents: Incident[] = []) => incidents.findLast((one) => one.level === ask.level && isNew(one));
  if (ask.level === 3 && isOver(before)) {
    const { by, from, reason, without } = ask;
    await reopen(client, plan.name, {
      kind: 'rollback',
      by,
      scope: 'all',
      reason,
      ...(without && { without }),
      emergency: { trigger: { automatic: false, by, from, reason }, at: orderedAt },
    });
  } else process.stdout.write(`${await order(client, plan.name, messages.emergency, ask)}\n`);
  const reached = (seen: Look) => leftIn(seen.snapshot?.incidents) !== undefined || hasEnded(seen);
  const { snapshot } = await follow(client, { plan: plan.name, everyMs, reached });
  const left = leftIn((snapshot ?? (await wholeState(client, plan.name)))?.incidents);
  if (!left) throw new Failure('The week has left no incident for it; hubshift progress says how it stands.');
  const todos = (snapshot?.without ?? []).map((one) => `still to be undone: ${todo(snapshot!.run, one)}`);
  process.stdout.write(`\n${[...incidentLines(left), ...todos].join('\n')}\n`);
  return left.result === 'recovered' ? exitCodes.done : exitCodes.failed;
}
