// A machine with a toy daemon and a real ledger, and a container to deploy there.
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { containerActivities } from '../../../activities/docker/docker.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { ContainerActivities, ContainerSpec } from '../../../plan/machine-api/containers.ts';
import { temporaryMachine } from '../machine.ts';
import { toyDocker, type ToyDocker } from './toy-docker.ts';

export const change = { run: 'week-1', step: '2A.deploy.container' };
export const spec: ContainerSpec = {
  name: 'edgehub',
  image: 'prom/prometheus@sha256:aa',
  restart: 'always',
  ports: [{ host: 9100, container: 9090 }],
  binds: [{ host: '/pc2/data', container: '/prometheus' }],
  command: ['--web.enable-lifecycle'],
  extraHosts: { MainPC: '10.77.0.1' },
  stopGraceMs: 1500,
};

export interface Machine {
  host: Host;
  toy: ToyDocker;
  ledger: Ledger;
  containers: ContainerActivities;
}

export async function machine(): Promise<Machine> {
  const toy = await toyDocker();
  const files = await temporaryMachine();
  const host = {
    ...files,
    docker: hostOf({
      name: 'PC2',
      address: '127.0.0.1',
      root: '/',
      docker: toy.socketPath,
      supervisor: '/none',
      state: '/none',
    }).docker,
  };
  const ledger = ledgerOf(host, undo);
  return { host, toy, ledger, containers: containerActivities(host, ledger) };
}
