// What a person has accepted of what could not be taken back ends in its ledger too: else no other week could begin there, ever.
import { acceptedBy, waivedIn } from '../../plan/week/accepted.ts';
import { waivedText } from '../../plan/week/record.ts';
import { namesWithout } from '../../plan/week/state.ts';
import { inTime } from '../machine/in-time.ts';
import type { Week } from '../week.ts';

/** At the end of the week, which does not wait for a ledger that can't be told: the next one names what stands there. */
export async function leaveAccepted(week: Week): Promise<void> {
  const { plan, state } = week;
  const { rollback, records, undone, run } = state;
  const left = { rollback, waivedOf: waivedIn(records) };
  const there = plan.machines.map(({ name }) => name).filter((name) => !namesWithout(state).includes(name));
  await Promise.all(
    there.map(async (machine) => {
      const entries = undone.flatMap((one) => {
        const waived = one.machine === machine && acceptedBy(one, left);
        return waived ? [{ entry: one.entry, why: waivedText(waived) }] : [];
      });
      if (entries.length === 0) return;
      await inTime(() => week.proxy('rollback', machine).leaveEntries({ run, entries })).catch(() => null);
    }),
  );
}
