// A process that deploys a container and says so first: deploy STATE SOCKET SPEC. For tests that kill it.
import { hostOf } from '../../../activities/context/host.ts';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { change } from './toy-machine.ts';

const [state = '', docker = '', spec = ''] = process.argv.slice(2);
const host = hostOf({ name: 'PC2', address: '127.0.0.1', root: '/', docker, supervisor: '/none', state });
await containerActivities(host, ledgerOf(host, undo)).deployContainer({ change, spec: JSON.parse(spec) });
