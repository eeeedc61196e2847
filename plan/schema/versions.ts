// The versions of a plan: what an older one leaves out means what it meant.
import { z } from 'zod';

export const Version = z
  .literal([1, 2], 'this build of hubshift reads versions 1 and 2: use the build that the plan was written for')
  .default(2)
  .describe('what keys that are left out mean');

/** What a key that a plan of version 1 leaves out means there, where its default is another one since. */
const inVersionOne: { path: string[]; value: unknown }[] = [
  { path: ['notify'], value: { channels: [], routes: {} } },
  { path: ['notify', 'remindEvery'], value: 'never' },
  { path: ['pace'], value: 'at-once' },
  { path: ['failure', 'atDeadline'], value: 'undo-task' },
  { path: ['migration'], value: {} },
  { path: ['migration', 'failover'], value: {} },
  ...['probeInterval', 'probeTimeout', 'batchTimeout'].map((key) => ({
    path: ['migration', 'failover', key],
    value: '1s',
  })),
];

/** The input of a plan, read from YAML; anything else than a plan of version 1 comes back as it is. */
export function asVersionOne(input: unknown, meanings = inVersionOne): unknown {
  if (!isMap(input) || input['version'] !== 1) return input;
  return meanings.reduce((plan, { path, value }) => filled(plan, path, value), input);
}

/** A map that is not there at all has no meaning of before, but what a line of its own says of it. */
function filled(map: Record<string, unknown>, [key, ...below]: string[], value: unknown): Record<string, unknown> {
  if (key === undefined) return map;
  const there = map[key];
  if (below.length === 0) return there === undefined ? { ...map, [key]: value } : map;
  return isMap(there) ? { ...map, [key]: filled(there, below, value) } : map;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
