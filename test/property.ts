// Properties, which hold for whatever fast-check thinks of: it prints the shortest counterexample of one that does not, and how to have it again.
import fc, { type IAsyncProperty, type IProperty } from 'fast-check';

/** SEED in the environment gives the same documents, names and orders again. */
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };

export function holds<T>(property: IProperty<T>, numRuns: number): void {
  fc.assert(property, { ...seed, numRuns });
}

export function holdsAsync<T>(property: IAsyncProperty<T>, numRuns: number): Promise<void> {
  return fc.assert(property, { ...seed, numRuns });
}
