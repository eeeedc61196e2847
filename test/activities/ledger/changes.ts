// Changes through the ledger, for its tests.
import { mkdir } from 'node:fs/promises';
import type { Host } from '../../../activities/context/host.ts';
import type { Ledger } from '../../../activities/ledger/ledger.ts';

export const change = { run: 'week-1', step: '2A.prepare.directories' };

/** Makes a directory through the ledger, as the activities do. */
export async function makeDirectory(
  host: Host,
  ledger: Ledger,
  path: string,
  step = change.step,
  run = change.run,
): Promise<void> {
  await ledger.change(
    { run, step },
    `directory ${path}`,
    async () => ({ kind: 'directory.remove', path, parents: [] }),
    () => mkdir(host.path(path), { recursive: true }),
  );
}

export const resultsOf = (undone: { target: string; result: string }[]): string[] =>
  undone.map(({ target, result }) => `${target} ${result}`);
