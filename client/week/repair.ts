// Levels 1 and 2: orders to the week, followed until it has mended.
import type * as messages from '../../workflows/orders/messages.ts';
import { emergency } from '../../workflows/orders/messages.ts';
import type { ExitCode } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { targetLines } from '../show/target.ts';
import { withClient } from './connect.ts';
import { untilOver } from './incident-left.ts';
import { order } from './orders.ts';
import { addressee } from './speaker.ts';

export async function repair(planFile: PlanFile, { run, ...ask }: messages.EmergencyAsk): Promise<ExitCode> {
  const { plan } = planFile;
  const to = addressee(planFile, run);
  return withClient((client) => {
    process.stdout.write(`${targetLines(planFile, run).join('\n')}\n`);
    return untilOver(client, { plan, level: ask.level, order: () => order(client, to, emergency, ask) });
  });
}
