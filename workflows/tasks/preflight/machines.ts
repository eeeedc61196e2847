// What a machine says of itself: its facts, and what its containers may use.
import type { Capacity } from '../../../plan/machine-api/containers.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { failureType } from '../../machine/failures.ts';

/** Null: its worker is of an earlier build, and does not know. */
export async function capacityOf(on: MachineActivities, directories: string[]): Promise<Capacity | null> {
  return on.capacity({ directories }).catch((error: unknown) => {
    if (failureType(error) === 'NotFoundError') return null;
    throw error;
  });
}

/** The clock offset carries the delay of the call: the least of three is the truest. */
export async function steadiest(on: MachineActivities) {
  const facts = [await on.describeMachine(), await on.describeMachine(), await on.describeMachine()];
  return facts.sort((a, b) => Math.abs(a.clockOffsetMs) - Math.abs(b.clockOffsetMs))[0]!;
}
