// Properties, which hold for whatever fast-check thinks of: it prints the shortest counterexample of one that does not, and how to have it again.
import fc, { type IAsyncProperty, type IProperty } from 'fast-check';

/** The same documents, names and orders in each run; another SEED in the environment looks elsewhere. */
const seed = Number(process.env['SEED'] ?? 20_261_126);

export function holds<T>(property: IProperty<T>, numRuns: number): void {
  fc.assert(property, { seed, numRuns });
}

export function holdsAsync<T>(property: IAsyncProperty<T>, numRuns: number): Promise<void> {
  return fc.assert(property, { seed, numRuns });
}
