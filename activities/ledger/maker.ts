// Who made something on this machine, as far as its ledger knows: for refusals.
import type { Ledger } from './ledger.ts';

const ends = { open: '', closed: ', which was rolled back', kept: ', which was kept by its GO' };

/** Completes "it was …". */
export async function makerOf(ledger: Ledger, run: string | undefined): Promise<string> {
  if (run === undefined) return 'not made by hubshift';
  const known = (await ledger.runs()).find((one) => one.run === run);
  return `made by run ${run}${known ? ends[known.state] : ', which the ledger of this machine does not know'}`;
}
