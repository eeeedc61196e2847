// A machine on which the week has made a service's directories and configuration, and its container has written data.
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Host } from '../../../activities/context/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';

export const run = 'week-1';
/** The container's user. */
export const nobody = 65534;
export const base = '/pc2/observability';
export const step = (name: string) => ({ run, step: name });

export async function preparedMachine(
  containers: FakeContainer[] = [],
  before: (host: Host) => Promise<unknown> = async () => undefined,
) {
  const host = await temporaryMachine(containers);
  await before(host);
  const ledger = ledgerOf(host, undo);
  const files = fileActivities(host, ledger);
  const owner = `${nobody}:${nobody}`;
  const directories = ['data', 'config', 'logs'].map((name) => ({ path: `${base}/${name}`, owner }));
  await files.ensureDirectories({ change: step('2A.prepare.directories'), base, directories });
  const path = `${base}/config/edge.yml`;
  await files.writeFile({ change: step('2A.config.global'), path, content: 'a: 1\n', owner });
  await put(host, `${base}/data/wal/0001`, 'samples', nobody);
  return { host, ledger, files };
}

/** A file of this user, and its directory, if that is new. */
export async function put(host: Host, path: string, content: string, uid = 0): Promise<void> {
  const made = await mkdir(host.path(dirname(path)), { recursive: true });
  if (made) await chown(host.path(dirname(path)), uid, uid);
  await writeFile(host.path(path), content);
  await chown(host.path(path), uid, uid);
}
