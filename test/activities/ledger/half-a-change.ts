// A process that begins a change and never ends it: half-a-change STATE ROOT act|done. Says "ready" where it hangs.
import Docker from 'dockerode';
import { mkdirSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { hostOf } from '../../../activities/context/host.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';

const [state = '', root = '', before] = process.argv.slice(2);
const host = {
  ...hostOf({ name: 'PC2', address: '127.0.0.1', root, docker: '/nowhere', supervisor: '/nowhere', state }),
  docker: new Docker(),
};

await ledgerOf(host, undo).change(
  { run: 'week-1', step: '2A.killed' },
  'directory /half',
  async () => ({ kind: 'directory.remove', path: '/half', parents: [] }),
  async () => {
    if (before === 'done') mkdirSync(host.path('/half'));
    writeSync(1, 'ready\n');
    await setTimeout(60_000);
  },
);
