// A worker that injects a container stop and then hangs: stop-and-hang STATE DOCKER-SOCKET LIMIT-MS. Begins when its input ends.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { hostOf } from '../../../activities/context/host.ts';
import { faultActivities } from '../../../activities/faults/faults.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';

const [state = '', docker = '', limitMs] = process.argv.slice(2);
const host = hostOf({ name: 'PC2', address: '127.0.0.1', root: '/nowhere', docker, supervisor: '/nowhere', state });

await once(process.stdin.resume(), 'end');
await faultActivities(host, ledgerOf(host, undo)).injectFault({
  change: { run: 'week-1', step: '2D.failover.stop' },
  fault: { kind: 'container-stop', container: 'edgehub', stopGraceMs: 1_000 },
  limitMs: Number(limitMs),
});
writeSync(1, 'stopped\n');
await setTimeout(60_000);
