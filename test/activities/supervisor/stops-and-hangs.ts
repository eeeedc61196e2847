// A process that stops a program in a change and hangs so long before it starts it: stops-and-hangs SUPERVISOR STATE ROOT MILLISECONDS. Says "stopped" where it hangs.
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { hostOf } from '../../../activities/context/host.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { whileStopped } from '../../../activities/programs/while-stopped.ts';
import { undo } from '../../../activities/undo/undo.ts';

const [supervisor = '', state = '', root = '', forMs] = process.argv.slice(2);
const host = hostOf({ name: 'PC2', address: '127.0.0.1', root, docker: '/nowhere', supervisor, state });

await ledgerOf(host, undo).change(
  { run: 'week-1', step: '2D.killed' },
  'toy',
  async () => null,
  () =>
    whileStopped(host, 'toy', 10_000, async () => {
      writeSync(1, 'stopped\n');
      await setTimeout(Number(forMs));
    }),
);
