// A machine's worker does nothing that is meant for the machine of another plan.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { refusal } from '../activities/context/refusal.ts';
import { whyNotMeant, type MeantMachine } from '../plan/machine-api/meant.ts';

/** Who is meant is the last thing that an activity is given (workflows/machine/proxy.ts). */
export function meantInterceptor(own: MeantMachine): (context: Context) => ActivityInterceptors {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const why = whyNotMeant(own, input.args[2] as MeantMachine | undefined);
        if (why) throw refusal('ForeignMachine', `${info.activityType} was not done: ${why}`);
        return next(input);
      },
    },
  });
}
