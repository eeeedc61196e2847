// Faults that the week injects on a machine, in its ledger like every other change.
import { targetOf, type Fault } from '../../plan/week/undo.ts';
import type { FaultActivities } from '../../plan/machine-api/faults.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { refuseForeign } from '../docker/whose.ts';
import { inject, lift } from './fault.ts';
import type { Ledger } from '../ledger/ledger.ts';

export function faultActivities(host: Host, ledger: Ledger): FaultActivities {
  return {
    async injectFault({ change, fault, limitMs }) {
      // Only what this run made is broken on purpose.
      if (fault.kind !== 'partition')
        await refuseForeign(host, ledger, change.run, await inspect(host, fault.container));
      return ledger.change(
        change,
        keyOf(fault),
        async () => ({ kind: 'fault.lift', fault }),
        () => inject(host, fault, limitMs),
      );
    },

    async liftFault({ run, fault }) {
      const { dropped } = await lift(host, fault);
      const at = Date.now();
      await ledger.settle(run, keyOf(fault));
      return { at, dropped };
    },
  };
}

function keyOf(fault: Fault): string {
  return `${targetOf({ kind: 'fault.lift', fault })}${fault.kind === 'partition' ? `, ports ${fault.ports.join(', ')}` : ''}`;
}
